"""Answers that staff keep under a name, in several languages, to send as they are or to change.

The first ones come from data/canned/<language>.yml, when staff take them in; from then on they are the deployment's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import yaml
from sqlalchemy import String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework.refusal import Refusal
from messaging.segments import MESSAGE_LIMIT
from runtime import taxonomy
from runtime.deployment import deployment
from runtime.settings import ROOT
from store.database import Base, Identifier, UTCDateTime, now

FOLDER = ROOT / "data" / "canned"
SOURCE = "en"
LONGEST_NAME = 60
MOST = 300
GAP = "..."
"""What a ready-made answer leaves to be filled in, such as a reason."""
PLACEHOLDERS = ("{reference}", "{organisation}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class BadCanned(Refusal):
    """The answer cannot be kept; the sentence says why."""


class CannedAnswer(Base):
    """One text in one language; those of one name say the same."""

    __tablename__ = "canned_answers"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    __table_args__ = (UniqueConstraint("name", "language"),)


@dataclass(frozen=True)
class Offered:
    """An answer in the language of who shall read it, or in English where it has none in that; with its gaps filled."""

    id: int
    name: str
    language: str
    text: str


def every(session: Session) -> Sequence[CannedAnswer]:
    """All of them, by name and language."""
    return session.scalars(select(CannedAnswer).order_by(CannedAnswer.name, CannedAnswer.language)).all()


def offered(session: Session, language: str | None, reference: str) -> list[Offered]:
    """What can be sent to somebody with this language about the feedback with this code, by name."""
    wanted = language or SOURCE
    query = select(CannedAnswer).where(CannedAnswer.language.in_((wanted, SOURCE)))
    best: dict[str, CannedAnswer] = {}
    for answer in session.scalars(query.order_by(CannedAnswer.name).limit(2 * MOST)):
        if answer.name not in best or answer.language == wanted:
            best[answer.name] = answer
    return [Offered(one.id, one.name, one.language, filled(one.text, reference)) for one in best.values()]


def filled(text: str, reference: str) -> str:
    """The text with the code and the organisation in their places."""
    return text.replace("{reference}", reference).replace("{organisation}", deployment().organisation)


def save(session: Session, by: str, name: str, language: str, text: str, answer_id: int | None = None) -> CannedAnswer:
    """Keep an answer, or change the one with this id.

    Raises:
        BadCanned: something is missing, too long or there already; or there is none with this id.
    """
    name, text = " ".join(name.split()), text.strip()
    _check(name, language, text)
    same = session.scalars(
        select(CannedAnswer).where(CannedAnswer.name == name, CannedAnswer.language == language)
    ).first()
    if same is not None and same.id != answer_id:
        raise BadCanned("there is an answer with this name and language already: change that one")
    kept = session.get(CannedAnswer, answer_id) if answer_id is not None else None
    if kept is None and answer_id is not None:
        raise BadCanned("somebody removed this answer")
    if kept is None:
        if (session.scalar(select(func.count()).select_from(CannedAnswer)) or 0) >= MOST:
            raise BadCanned("there are %(most)s answers: remove one first", most=MOST)
        kept = CannedAnswer()
        session.add(kept)
    kept.name, kept.language, kept.text, kept.by, kept.at = name, language, text, by, now()
    session.flush()
    return kept


def remove(session: Session, answer_id: int) -> bool:
    """False if there is none with this id."""
    kept = session.get(CannedAnswer, answer_id)
    if kept is not None:
        session.delete(kept)
    return kept is not None


def take_in(session: Session, by: str, named_in: str = SOURCE) -> int:
    """Keep the ready-made answers of the deployment's languages, where there is no answer at all yet. Returns how many.

    `named_in`: the language of their names, for staff; English where they have no name in it.
    """
    if session.scalars(select(CannedAnswer.id).limit(1)).first() is not None:
        return 0
    made = 0
    for language in dict.fromkeys((*deployment().languages, SOURCE)):
        for key, answer in ready_made(language).items():
            name = ready_made(named_in).get(key, {}).get("name") or ready_made(SOURCE)[key]["name"]
            save(session, by, name, language, answer["text"])
            made += 1
    return made


@lru_cache(maxsize=16)
def ready_made(language: str) -> dict[str, dict[str, str]]:
    """The answers of data/canned/<language>.yml; none where there is no such file."""
    file = FOLDER / f"{language}.yml"
    if language not in taxonomy.languages() or not file.exists():
        return {}
    return dict(yaml.safe_load(file.read_text(encoding="utf-8"))["answers"])


def _check(name: str, language: str, text: str) -> None:
    if not name or len(name) > LONGEST_NAME or _CONTROL.search(name):
        raise BadCanned("the name has 1 to %(most)s letters", most=LONGEST_NAME)
    if language not in taxonomy.languages():
        raise BadCanned("choose a language")
    if not text or len(text) > MESSAGE_LIMIT or _CONTROL.search(text):
        raise BadCanned("the text has 1 to %(most)s letters", most=MESSAGE_LIMIT)
    rest = text
    for placeholder in PLACEHOLDERS:
        rest = rest.replace(placeholder, "")
    if "{" in rest or "}" in rest:
        raise BadCanned("{reference} and {organisation} are the only placeholders")
