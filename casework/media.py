"""Pictures, voice notes and documents: fetched from the provider, checked, kept encrypted, never opened by us."""

from collections.abc import Sequence
from datetime import timedelta

import puremagic
import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, undefer

from casework import sealing
from casework.models import Media
from casework.report_models import Report
from messaging import outbox
from messaging.inbound import Extras
from messaging.models import Contact, Message
from messaging.providers import MediaGone, MediaTooLarge, SendError, media_of
from runtime import tasks
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import changed, now, reading, transaction

log = structlog.get_logger()

ALLOWED = frozenset(
    f"{family}/{kind}"
    for family, kinds in {
        "image": "jpeg png webp gif heic heif",
        "audio": "ogg opus mpeg mp3 mp4 m4a x-m4a aac amr 3gpp wav x-wav wave",
        "video": "mp4 3gpp quicktime ogg",
        "application": "pdf ogg",
    }.items()
    for kind in kinds.split()
)
"""Found by the first bytes of the file, whatever the sender calls it. Nothing that runs by itself or unpacks."""
GIVEN_UP = timedelta(days=3)
"""After so long without the file it counts as gone; until then Twilio or we may have been in trouble."""
PAUSES = (30, 120, 600, 3600, 4 * 3600)
AT_ONCE = 3
"""Files fetched at the same time: the same hands deliver messages and alerts."""
CLAIMED = timedelta(minutes=5)
HELD = timedelta(seconds=90)
"""No fetch takes longer."""


def want(session: Session, message_id: int, extras: Extras) -> None:
    """Note what has to be fetched for a message, once."""
    known = session.scalars(select(Media.id).where(Media.message_id == message_id).limit(1)).first()
    if known is None:
        _add(session, extras, message_id, None)


def move_to_report(session: Session, message_id: int, report: Report, extras: Extras) -> None:
    """The message's files belong to a sensitive report now: sealed to its key; no message leads to them any more."""
    theirs = select(Media).where(Media.message_id == message_id).options(undefer(Media.content))
    moved = session.scalars(theirs.with_for_update()).all()
    for media in moved:
        media.message_id, media.report_id = None, report.id
        if media.content is not None:
            media.content = sealing.seal(report.public_key or b"", media.content)
    if not moved:
        _add(session, extras, None, report.id)
    session.flush()


def _add(session: Session, extras: Extras, message_id: int | None, report_id: int | None) -> None:
    for url, kind in extras.sources:
        session.add(
            Media(
                message_id=message_id, report_id=report_id, source=url, content_type=kind, state="waiting", attempts=0
            )
        )
    session.flush()


def waiting(limit: int = 200) -> Sequence[int]:
    """Ids of what has to be fetched now."""
    with reading() as session:
        return session.scalars(
            select(Media.id).where(Media.state == "waiting", Media.due_at <= now()).order_by(Media.id).limit(limit)
        ).all()


def fetch_waiting() -> int:
    """Announce what has to be fetched. Returns how many files that are."""
    found = waiting(max(0, AT_ONCE - _in_hand()))
    for media_id in found:
        tasks.publish(tasks.FETCH, media_id)
    return len(found)


def _in_hand() -> int:
    with reading() as session:
        taken = select(func.count()).where(
            Media.state == "waiting", Media.attempts > 0, Media.due_at > now() + CLAIMED - HELD
        )
        return session.scalar(taken) or 0


def fetch(media_id: int) -> bool:
    """Fetch one file. True if it is kept now; a refused one is told to the person."""
    taken = _claim(media_id)
    if taken is None:
        return False
    source, attempts = taken
    try:
        content = media_of(source, int(deployment().promises.largest_media_mb * 1_000_000))
    except MediaTooLarge:
        return _refuse(media_id, "too_large")
    except MediaGone:
        return _refuse(media_id, "gone")
    except SendError as error:
        return _later(media_id, attempts, error)
    kind = kind_of(content)
    if kind not in ALLOWED:
        return _refuse(media_id, "kind")
    with transaction() as session:
        size = len(content)
        session.get(Media, media_id, with_for_update=True)  # it may be moving into a report in this moment
        report = session.scalars(select(Report).join(Media, Media.report_id == Report.id).where(Media.id == media_id))
        for found in report.all():  # of a sensitive report: only its readers open it
            content = sealing.seal(found.public_key or b"", content)
        values = {"content": content, "size": size, "content_type": kind, "state": "kept", "source": None}
        return changed(session, update(Media).where(Media.id == media_id, Media.state == "waiting").values(values)) > 0


def kind_of(content: bytes) -> str | None:
    """The media type that the first bytes tell; None if they tell none."""
    if content[:6] == b"#!AMR\n" or content[:9] == b"#!AMR-WB\n":
        return "audio/amr"
    if content[:2] in (b"\xff\xf1", b"\xff\xf9"):  # ADTS
        return "audio/aac"
    try:
        found = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return None
    return next((match.mime_type for match in found if match.mime_type), None)


def _claim(media_id: int) -> tuple[str, int] | None:
    with transaction() as session:
        media = session.get(Media, media_id)
        if media is None or media.state != "waiting" or media.source is None or media.due_at > now():
            return None
        taken = update(Media).where(Media.id == media_id, Media.attempts == media.attempts)
        values = {"attempts": media.attempts + 1, "due_at": now() + CLAIMED}
        source, attempts = media.source, media.attempts + 1
        return (source, attempts) if changed(session, taken.values(values)) else None


def _later(media_id: int, attempts: int, error: SendError) -> bool:
    log.warning("media_not_fetched", media_id=media_id, attempts=attempts, code=error.code)
    with reading() as session:
        if session.get_one(Media, media_id).created_at < now() - GIVEN_UP:
            return _refuse(media_id, "gone")
    pause = timedelta(seconds=PAUSES[min(attempts, len(PAUSES)) - 1])
    with transaction() as session:
        session.execute(update(Media).where(Media.id == media_id).values(due_at=now() + pause))
    return False


def _refuse(media_id: int, reason: str) -> bool:
    """Not kept. The person is told to write instead; of a private report nothing is said."""
    contact_id = None
    with transaction() as session:
        media = session.get_one(Media, media_id)
        media.state, media.source = ("gone" if reason == "gone" else "refused"), None
        message = session.get(Message, media.message_id) if media.message_id else None
        if message is not None:
            contact = session.get_one(Contact, message.contact_id)
            outbox.queue(session, contact, sentence("media_refused", contact.language), "notice", message.id)
            contact_id = contact.id
    log.info("media_refused", media_id=media_id, reason=reason)
    if contact_id is not None:
        outbox.announce(contact_id)
    return False
