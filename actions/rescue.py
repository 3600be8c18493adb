"""When the assistant fails at a message: people get it all the same, by the shortest way, without Rasa."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from casework import feedback, reports
from messaging.models import Contact, Message


def leave_to_people(session: Session, contact: Contact, message: Message, grave: Sequence[str]) -> list[int]:
    """A report where phrases of a disclosure were found (`grave`: the categories), else a question for people.

    Returns the contacts whose outbox holds an alert: announce them after the commit.
    """
    if grave:
        _, announced = reports.open_report(session, contact, [message.id], grave, contact.language)
        return announced
    feedback.take(session, contact, message.id, message.body or "", ["question"], None, contact.language)
    return []
