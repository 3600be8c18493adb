"""A talk that people hold: the assistant keeps quiet until staff, the person or the clock gives it back."""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import relay, states
from casework.models import Feedback
from messaging import outbox
from messaging.models import Contact
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now, transaction

log = structlog.get_logger()

MOST = 500


def begin(contact: Contact, at: datetime | None = None) -> bool:
    """Hand the talk to people if they are there. False outside opening hours."""
    at = at or now()
    if not deployment().promises.is_open(at, deployment().time_zone):
        return False
    contact.with_people_until = at + deployment().promises.hand_over
    return True


def waits_live(session: Session, contact: Contact) -> bool:
    """The person waits for those who answer feedback to write, now. A focal point's talk looks like nothing here."""
    return contact.is_with_people(now()) and relay.report_of(session, contact) is None


def extend(session: Session, contact: Contact) -> None:
    """Staff wrote: the time starts anew, unless it is a focal point's talk."""
    if waits_live(session, contact):
        contact.with_people_until = now() + deployment().promises.hand_over


def give_back(session: Session, contact: Contact) -> None:
    """Staff are done: the assistant is back, unless it is a focal point's talk."""
    if relay.report_of(session, contact) is None:
        end(contact)


def end(contact: Contact) -> None:
    """The person wants the assistant back."""
    contact.with_people_until = None


def record_of(session: Session, contact: Contact) -> Feedback | None:
    """The question that this talk is about: the contact's newest one that is open or was answered."""
    query = select(Feedback).where(Feedback.contact_id == contact.id, Feedback.state != "closed")
    found = session.scalars(query.order_by(Feedback.id.desc()).limit(20)).all()
    return next((feedback for feedback in found if "question" in feedback.types), None)


def take_back() -> int:
    """Give talks back whose time is over; who got no answer hears an apology. Returns how many were given back."""
    announced = []
    with transaction() as session:
        over = session.scalars(
            select(Contact).where(Contact.with_people_until <= now()).limit(MOST).with_for_update(skip_locked=True)
        ).all()
        for contact in over:
            contact.with_people_until = None
            if relay.report_of(session, contact) is not None:
                continue  # a focal point's talk ends without a word
            asked = record_of(session, contact)
            if asked is not None and asked.state in states.OPEN:
                kind = "allowed" if asked.may_reply else "notice"
                outbox.queue(session, contact, sentence("human_gone", contact.language), kind, asked.message_id)
                announced.append(contact.id)
    for contact_id in announced:
        outbox.announce(contact_id)
    if over:
        log.info("talks_given_back", count=len(over))
    return len(over)
