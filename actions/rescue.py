"""When the assistant fails at a message: people get it all the same, by the shortest way, without Rasa."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from casework import feedback, hand_over, media, reports, watching
from messaging import keywords
from messaging.inbound import Extras
from messaging.models import Contact, Message
from store.database import now


def leave_to_people(session: Session, contact: Contact, message: Message, grave: Sequence[str]) -> list[int]:
    """A report where phrases of a disclosure were found (`grave`: the categories), else a question for people.

    STOP is a STOP all the same; and where a report of the person is open, the words join it: better one complaint too
    many with a focal point than private words with everybody. Returns the contacts whose outbox holds an alert:
    announce them after the commit.
    """
    keyword = keywords.find(message.body or "")
    if keyword is not None and keyword.meaning == "stop":
        contact.opted_out_at = contact.opted_out_at or now()
        hand_over.end(contact)
        return []
    if grave:
        _, announced = reports.open_report(session, contact, [message.id], grave, contact.language)
        return announced
    report = reports.own_report(session, contact)
    if report is not None:
        return [*reports.add_message(session, report, message.id), *watching.tell_of_more(session, report)]
    told = feedback.Told(message.id, message.body or "", ["question"], language=contact.language)
    feedback.take(session, contact, told)
    media.want(session, message.id, Extras.parse(message.extras))
    return []
