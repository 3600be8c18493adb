"""A focal point and a person write to each other by way of us: no numbers, in the person's safe hours, sealed.

Unless the focal point says otherwise the text waits, and a neutral line asks whether to read it now: somebody else may
hold the phone. What the person writes within some days of it is for the focal point; MENU brings the assistant back.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, validate
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework import audit, people, reports
from casework.readers import Opened, Reader
from casework.refusal import Refusal
from casework.report_models import Report
from messaging import outbox
from messaging.models import Contact, Message
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now

LASTS = timedelta(days=7)
"""So long after the focal point's last text what the person writes is for them."""
ASKED_FIRST = "asked_first"
"""Why a text is held: the person is asked whether to read it now."""
BY_DAY = "Mo-Su 09:00-19:00"
LONGEST = 1000
"""Characters of one text."""


class CannotWrite(Refusal):
    """It cannot be sent; the text says why."""


@dataclass(frozen=True)
class Sent:
    """What was queued: the text's message, and the contacts to announce after the commit."""

    message_id: int
    contacts: list[int]


def send(session: Session, reader: Reader, opened: Opened, text: str, ask_first: bool = True) -> list[int]:
    """Write to the person. Returns the contacts to announce after the commit.

    Raises:
        CannotWrite: nobody consented, no safe hours are known, somebody else writes with them, the text does not fit.
    """
    return post(session, reader, opened, text, ask_first).contacts


def post(session: Session, reader: Reader, opened: Opened, text: str, ask_first: bool = True) -> Sent:
    """The same, and which message it is."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise CannotWrite("a text has 1 to %(longest)s characters", longest=LONGEST)
    report, contact = opened.report, contact_of(session, opened)
    other = report_of(session, contact)
    if other is not None and other.id != report.id:
        raise CannotWrite(
            "somebody else writes with this person now; what they answer would reach the wrong one of you"
        )
    when = next_safe(opened, now(), ask_first)
    sent = outbox.queue(session, contact, text, "relay")
    first = sent
    if ask_first:
        held = {"state": "held", "error_code": ASKED_FIRST}
        session.execute(update(Message).where(Message.id.in_(sent)).values(held))
        first = outbox.queue(session, contact, sentence("relay_prompt", contact.language), "relay")
    report.relay_until = when + LASTS
    if when > now():
        session.execute(update(Message).where(Message.id.in_(first)).values(state="later", due_at=when))
    else:
        hold_talk(session, contact)
    reports.write(
        session, report, "relay", text=text, by=reader.login, message=sent[0], prompt=first[0], asked_first=ask_first
    )
    audit.record(session, reader.login, "wrote", report.reference)
    return Sent(sent[0], [contact.id])


def hold_talk(session: Session, contact: Contact) -> None:
    """A text or the question about it goes out now: the talk is the focal point's, as long as a report holds it.

    Never longer: what is written afterwards would go to those who answer feedback.
    """
    held = select(Message.id).where(
        Message.contact_id == contact.id, Message.state == "held", Message.error_code == ASKED_FIRST
    )
    contact.answer_waits = contact.answer_waits or session.scalars(held.limit(1)).first() is not None
    report = report_of(session, contact)
    if report is not None and report.relay_until is not None:
        # not to the second the time in the report: nothing in the tables shall lead from one to the other
        contact.with_people_until = report.relay_until - timedelta(minutes=1 + secrets.randbelow(600))


def contact_of(session: Session, opened: Opened) -> Contact:
    """The person's contact.

    Raises:
        CannotWrite: they did not consent to be contacted, said STOP after it, or are gone.
    """
    identity = opened.identity
    if identity is None:
        raise CannotWrite("the person has not agreed to be contacted")
    contact = session.get(Contact, identity["contact"])
    if contact is None or contact.kept:
        raise CannotWrite("the person's address is not kept any more")
    agreed = [piece.at for piece in opened.pieces if piece.kind == "consent" and piece.data.get("given")]
    if contact.opted_out_at is not None and agreed and contact.opted_out_at > agreed[-1]:
        raise CannotWrite("the person has said STOP since")
    return contact


def next_safe(opened: Opened, at: datetime, ask_first: bool = True) -> datetime:
    """The next moment at which the person may be written to. Who would not say when is asked first, and by day.

    Raises:
        CannotWrite: their words on it were not made into hours yet, or the hours never come.
    """
    hours = opened.safe_hours
    if hours is not None:
        return next_open(hours, at)
    way = opened.last("safe_way")
    if way is None and opened.routing.is_at_risk:
        return at  # a life or a child: nothing was said against it
    if way is not None and way.get("text"):
        raise CannotWrite("first set the hours that are safe, from the person's own words")
    if not ask_first:
        raise CannotWrite("they did not say when it is safe: ask first whether they want to read it")
    return next_open(BY_DAY, at)


def next_open(hours: str, at: datetime) -> datetime:
    """When the hours are next open, in the deployment's time zone."""
    zone = ZoneInfo(deployment().time_zone)
    local = at.astimezone(zone).replace(tzinfo=None)
    known = OpeningHours(hours)
    if known.is_open(local):
        return at
    change = known.next_change(local)
    if change is None:
        raise CannotWrite("these hours never come")
    return change.replace(tzinfo=zone).astimezone(UTC)


def set_safe_hours(session: Session, reader: Reader, opened: Opened, hours: str) -> None:
    """What the person's words mean, as hours that the service keeps to; also for texts that wait already.

    Raises:
        CannotWrite: it does not look like hours.
    """
    if not validate(hours):
        raise CannotWrite("write hours as Mo-Fr 08:00-12:00, or 24/7")
    when = next_open(hours, now())
    waiting = [piece.data.get("prompt") for piece in opened.pieces if piece.kind == "relay"]
    waits = Message.id.in_([number for number in waiting if number is not None]) & (Message.state == "later")
    session.execute(update(Message).where(waits).values(due_at=when))
    reports.write(session, opened.report, "safe_hours", hours=hours, by=reader.login)
    audit.record(session, reader.login, "safe_hours_set", opened.report.reference)


def hand_back(session: Session, reader: Reader, opened: Opened) -> None:
    """The assistant answers the person again."""
    let_go(session, opened)
    audit.record(session, reader.login, "handed_back", opened.report.reference)


def let_go(session: Session, opened: Opened) -> None:
    """Nobody writes with the person for this report any more: if it held the talk, the assistant is back.

    What waits unread can still be read with a "1".
    """
    contact = session.get(Contact, opened.identity["contact"]) if opened.identity is not None else None
    holding = report_of(session, contact) if contact is not None else None
    opened.report.relay_until = None
    if contact is not None and holding is not None and holding.id == opened.report.id:
        phones = Contact.id.in_([contact.id, *people.same_phone(session, contact)])
        session.execute(update(Contact).where(phones).values(with_people_until=None))


def report_of(session: Session, contact: Contact, lock: bool = False) -> Report | None:
    """The open report whose focal point writes with this phone now, by SMS or WhatsApp."""
    hashes = reports.hashes_of_phone(session, contact)
    query = select(Report).where(Report.reporter_hash.in_(hashes), Report.state == "open", Report.relay_until > now())
    query = query.order_by(Report.relay_until.desc()).limit(1)
    return session.scalars(query.with_for_update() if lock else query).first()


def read_now(session: Session, contact: Contact) -> list[int]:
    """The person wants to read what waits: it goes to the phone that asked. Returns the contacts to announce."""
    held = (Message.contact_id.in_(people.same_phone(session, contact)), Message.direction == "out")
    values = {"state": "queued", "contact_id": contact.id, "due_at": now(), "created_at": now(), "error_code": None}
    asked = (Message.state == "held", Message.error_code == ASKED_FIRST)
    contact.answer_waits = False
    freed = session.execute(update(Message).where(*held, *asked).values(values).returning(Message.id)).all()
    return [contact.id] if freed else []


def end(session: Session, contact: Contact) -> None:
    """The person leaves the talk: on every channel of the phone the assistant is back, and nothing waits for a "1"."""
    phones = Contact.id.in_([contact.id, *people.same_phone(session, contact)])
    session.execute(update(Contact).where(phones).values(with_people_until=None, answer_waits=False))
    contact.with_people_until, contact.answer_waits = None, False


def stop(session: Session, contact: Contact) -> list[int]:
    """STOP: nothing more of what was written to them goes out; who wrote it is told. Returns contacts to announce."""
    from casework import watching

    end(session, contact)
    theirs = Message.contact_id.in_([contact.id, *people.same_phone(session, contact)])
    waits = Message.state.in_(("held", "later", "queued")) & (Message.kind == "relay")
    gone = {"state": "suppressed", "error_code": "opted_out", "body": None, "body_hash": None, "kind": "answer"}
    session.execute(update(Message).where(theirs, waits).values(gone))
    report = report_of(session, contact, lock=True)
    if report is None:
        return []
    report.relay_until = None
    reports.write(session, report, "event", what="stop")
    return watching.tell_of_more(session, report)
