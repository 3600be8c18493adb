"""A focal point and a person write to each other by way of us: no numbers, in the person's safe hours, sealed.

Unless the focal point says otherwise the text waits, and a neutral line asks whether to read it now: somebody else may
hold the phone. What the person writes within some days of it is for the focal point; MENU brings the assistant back.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, validate
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework import audit, people, reports
from casework.readers import Opened, Reader
from casework.report_models import Report
from messaging import outbox
from messaging.models import Contact, Message
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import changed, now, transaction
from store.encryption import keyring

LASTS = timedelta(days=7)
"""So long after the focal point's last text what the person writes is for them."""
ASKED_FIRST = "asked_first"
"""Why a text is held: the person is asked whether to read it now."""
LONGEST = 1000
"""Characters of one text."""


class CannotWrite(Exception):
    """It cannot be sent; the text says why."""


def send(session: Session, reader: Reader, opened: Opened, text: str, ask_first: bool = True) -> list[int]:
    """Write to the person. Returns the contacts to announce after the commit.

    Raises:
        CannotWrite: nobody consented, no safe hours are known, or the text is empty or too long.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise CannotWrite(f"a text has 1 to {LONGEST} characters")
    report, contact = opened.report, contact_of(session, opened)
    when = next_safe(opened, now())
    sent = outbox.queue(session, contact, text, "relay")
    first = sent
    if ask_first:
        held = {"state": "held", "error_code": ASKED_FIRST}
        session.execute(update(Message).where(Message.id.in_(sent)).values(held))
        first = outbox.queue(session, contact, sentence("relay_prompt", contact.language), "relay")
        contact.answer_waits = True
    if when > now():
        session.execute(update(Message).where(Message.id.in_(first)).values(state="later", due_at=when))
    report.relay_until = contact.with_people_until = when + LASTS
    reports.write(session, report, "relay", text=text, by=reader.login, message=sent[0], asked_first=ask_first)
    audit.record(session, reader.login, "wrote", report.reference)
    return [contact.id]


def contact_of(session: Session, opened: Opened) -> Contact:
    """The person's contact.

    Raises:
        CannotWrite: they did not consent to be contacted, or are gone.
    """
    identity = opened.identity
    if identity is None:
        raise CannotWrite("the person has not agreed to be contacted")
    contact = session.get(Contact, identity["contact"])
    if contact is None or contact.kept:
        raise CannotWrite("the person's address is not kept any more")
    return contact


def next_safe(opened: Opened, at: datetime) -> datetime:
    """The next moment at which the person may be written to.

    Raises:
        CannotWrite: their words on it were not made into hours yet, or the hours never come.
    """
    hours = opened.safe_hours
    if hours is None:
        if opened.last("safe_way") is None and opened.routing.is_at_risk:
            return at  # a life or a child: nothing was said against it
        raise CannotWrite("first set the hours that are safe, from the person's own words")
    return next_open(hours, at)


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
    """What the person's words mean, as hours that the service keeps to.

    Raises:
        CannotWrite: it does not look like hours.
    """
    if not validate(hours):
        raise CannotWrite("write hours as Mo-Fr 08:00-12:00, or 24/7")
    next_open(hours, now())  # hours that never come are none
    reports.write(session, opened.report, "safe_hours", hours=hours, by=reader.login)
    audit.record(session, reader.login, "safe_hours_set", opened.report.reference)


def hand_back(session: Session, reader: Reader, opened: Opened) -> None:
    """The assistant answers the person again."""
    opened.report.relay_until = None
    if opened.identity is not None:
        contact = session.get(Contact, opened.identity["contact"])
        if contact is not None:
            contact.with_people_until = None
    audit.record(session, reader.login, "handed_back", opened.report.reference)


def report_of(session: Session, contact: Contact) -> Report | None:
    """The open report whose focal point writes with this phone now, by SMS or WhatsApp."""
    hashes = [one for number in _of_phone(session, contact) for one in keyring().fingerprints("reporter", str(number))]
    query = select(Report).where(Report.reporter_hash.in_(hashes), Report.state == "open", Report.relay_until > now())
    return session.scalars(query.order_by(Report.relay_until.desc()).limit(1)).first()


def read_now(session: Session, contact: Contact) -> list[int]:
    """The person wants to read what waits: it goes to the phone that asked. Returns the contacts to announce."""
    held = (Message.contact_id.in_(_of_phone(session, contact)), Message.direction == "out", Message.state == "held")
    values = {"state": "queued", "contact_id": contact.id, "due_at": now(), "created_at": now(), "error_code": None}
    contact.answer_waits = False
    freed = changed(session, update(Message).where(*held, Message.error_code == ASKED_FIRST).values(values))
    return [contact.id] if freed else []


def release_due() -> int:
    """What waited for the person's safe hours goes out. Returns how many texts."""
    with transaction() as session:
        due = (Message.direction == "out", Message.state == "later", Message.due_at <= now())
        waiting = session.execute(select(Message.id, Message.contact_id).where(*due).limit(500)).all()
        ids = [number for number, _ in waiting]
        values = {"state": "queued", "created_at": now()}
        session.execute(update(Message).where(Message.id.in_(ids), Message.state == "later").values(values))
    for contact_id in {contact for _, contact in waiting}:
        outbox.announce(contact_id)
    return len(waiting)


def _of_phone(session: Session, contact: Contact) -> list[int]:
    return list({contact.id, *people.same_phone(session, contact)})
