"""Search over encrypted words: of each word's beginning a keyed hash stands beside its feedback, and nothing else.

What a copy of the database tells by it: which feedback shares words, and how often (docs/threat-model.md).
"""

import hashlib
import hmac
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

import structlog
from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from casework import word_forms
from casework.models import Feedback, FeedbackEvent, FeedbackWord
from messaging.models import Message
from store.database import reading, transaction
from store.encryption import keyring

log = structlog.get_logger()

MOST = 500
"""Tokens of one feedback: no phone sends a text of so many words."""
BATCH = 200
SECONDS = 60
"""So long `index_missing` works at a time."""


def put(session: Session, feedback: Feedback) -> None:
    """Index what the person wrote, anew if it is indexed already, in the caller's transaction."""
    remove(session, feedback)
    key = _key()
    forms = set().union(*map(word_forms.forms, texts(session, [feedback.id])[feedback.id]))
    found = {_token(key, start) for form in forms for start in word_forms.beginnings(form)}
    rows = [{"token": token, "feedback_id": feedback.id} for token in sorted(found)[:MOST]]
    if rows:
        session.execute(insert(FeedbackWord), rows)
    feedback.words_key = key_name()
    session.flush()


def remove(session: Session, feedback: Feedback) -> None:
    """Its words go from the index, in the caller's transaction."""
    session.execute(delete(FeedbackWord).where(FeedbackWord.feedback_id == feedback.id))


def tokens(words: Iterable[str]) -> list[int]:
    """By what the words of a query (`word_forms.sought`) are looked up."""
    key = _key()
    return list(dict.fromkeys(_token(key, word_forms.beginning(word)) for word in words))


def holding(session: Session, ids: Sequence[int], words: Sequence[str]) -> list[int]:
    """Those of the feedbacks, in their order, whose own texts hold every word: a beginning says less than a word."""
    found = texts(session, ids)
    return [number for number in ids if word_forms.holds(found[number], words)]


def texts(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """What the person wrote, for each feedback: its body and what was added later."""
    found: dict[int, list[str]] = defaultdict(list)
    added = (
        select(FeedbackEvent.feedback_id, Message.body)
        .join(Message, Message.id == FeedbackEvent.message_id)
        .where(FeedbackEvent.feedback_id.in_(ids), FeedbackEvent.kind == "added")
    )
    for query in (select(Feedback.id, Feedback.body).where(Feedback.id.in_(ids)), added):
        for number, text in session.execute(query):
            found[number].append(text or "")
    return found


def index_missing(seconds: float = SECONDS) -> int:
    """Index what was taken before there was an index, or under an older key, for so long. Returns how many it were."""
    end, count = time.monotonic() + seconds, 0
    # two ranges instead of "is not": an index finds them
    missing = or_(Feedback.words_key.is_(None), Feedback.words_key < key_name(), Feedback.words_key > key_name())
    while time.monotonic() < end:
        with reading() as session:
            ids = session.scalars(select(Feedback.id).where(missing).limit(BATCH)).all()
        if not ids:
            break
        with transaction() as session:
            still = select(Feedback).where(Feedback.id.in_(ids), missing).with_for_update()
            for feedback in session.scalars(still).all():
                put(session, feedback)
        count += len(ids)
    if count:
        log.info("words_indexed", count=count)
    return count


def key_name() -> str:
    """By which the key of the index is known, and nothing more: another one after SAWTI_SECRET_KEY rotates."""
    return keyring().derive("feedback words name")[:4].hex()


def _key() -> bytes:
    return keyring().derive("feedback words")


@lru_cache(maxsize=50_000)
def _token(key: bytes, start: str) -> int:
    digest = hmac.digest(key, start.encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big", signed=True)
