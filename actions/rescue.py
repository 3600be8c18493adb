"""When the assistant fails at a message: people get it all the same, by the shortest way, without Rasa."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from casework import feedback, media, reports
from messaging.inbound import Extras
from messaging.models import Contact, Message


def leave_to_people(session: Session, contact: Contact, message: Message, grave: Sequence[str]) -> list[int]:
    """A report where phrases of a disclosure were found (`grave`: the categories), else a question for people.

    Returns the contacts whose outbox holds an alert: announce them after the commit.
    """
    if grave:
        _, announced = reports.open_report(session, contact, [message.id], grave, contact.language)
        return announced
    told = feedback.Told(message.id, message.body or "", ["question"], language=contact.language)
    feedback.take(session, contact, told)
    media.want(session, message.id, Extras.parse(message.extras))
    return []
