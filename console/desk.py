"""What staff do with feedback: list it, read it, answer it. In the terminal for now (`sawti desk`)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from casework.models import Feedback
from messaging import outbox
from messaging.models import Contact
from store.database import reading, transaction


@dataclass(frozen=True)
class Item:
    """One feedback as staff see it: no number, nothing that leads to one."""

    reference: str
    types: tuple[str, ...]
    topic: str | None
    language: str | None
    state: str
    created_at: datetime
    text: str | None


class CannotAnswer(Exception):
    """There is no such feedback, or its contact is gone; the text says which."""


def waiting(limit: int = 50) -> list[Item]:
    """Feedback that nobody has answered, oldest first."""
    with reading() as session:
        found = session.scalars(
            select(Feedback).where(Feedback.state == "new").order_by(Feedback.id).limit(limit)
        ).all()
        return [_item(feedback) for feedback in found]


def answer(reference: str, text: str) -> None:
    """Send an answer to the person, in their thread.

    Raises:
        CannotAnswer: unknown code, or the person asked to be forgotten.
    """
    with transaction() as session:
        feedback = session.scalars(select(Feedback).where(Feedback.reference == reference)).first()
        if feedback is None:
            raise CannotAnswer("there is no feedback with this code")
        if feedback.contact_id is None:
            raise CannotAnswer("this person asked to be forgotten")
        contact = session.get_one(Contact, feedback.contact_id)
        outbox.queue(session, contact, text, "answer", feedback.message_id)
        session.execute(update(Feedback).where(Feedback.id == feedback.id).values(state="answered"))
    outbox.announce(contact.id)


def _item(feedback: Feedback) -> Item:
    return Item(
        feedback.reference,
        tuple(feedback.types),
        feedback.topic,
        feedback.language,
        feedback.state,
        feedback.created_at,
        feedback.body,
    )
