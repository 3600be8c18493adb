"""What staff do with a feedback: acknowledge, take on, answer, close, open again, note, link, correct, pass on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import clusters, feedback, hand_over, reports, states
from casework.models import Feedback, FeedbackEvent
from casework.states import Impossible
from messaging import outbox
from messaging.models import UNDELIVERED, Contact, Message
from runtime import taxonomy
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now, transaction

SHORTEST_OUTCOME = 10
"""Letters. What was done, or why it could not be, is owed to the person."""


class CannotAnswer(Exception):
    """It cannot be done; the text says why."""


@dataclass
class _Desk:
    """One step of a staff member in one transaction; what is queued is announced after it."""

    session: Session
    feedback: Feedback
    announce: list[int] = field(default_factory=list)


@contextmanager
def _at(reference: str) -> Iterator[_Desk]:
    with transaction() as session:
        found = session.scalars(
            select(Feedback).where(Feedback.reference == reference.upper()).with_for_update()
        ).first()
        if found is None:
            raise CannotAnswer("there is no feedback with this code")
        if found.contact_id is None and found.body is None:
            raise CannotAnswer("its words were deleted, at the person's wish or because of its age")
        desk = _Desk(session, found)
        try:
            yield desk
        except Impossible as error:
            raise CannotAnswer(str(error)) from None
    for contact_id in desk.announce:
        outbox.announce(contact_id)


def acknowledge(reference: str, by: str) -> None:
    """A person has read it."""
    with _at(reference) as desk:
        if states.move(desk.feedback, "acknowledged", now()):
            feedback.record(desk.session, desk.feedback, "acknowledged", by)


def assign(reference: str, to: str | None, by: str) -> None:
    """Somebody takes care of it; whoever has to be named has read it."""
    with _at(reference) as desk:
        desk.feedback.assignee = to
        if desk.feedback.state in ("new", "reopened"):
            states.move(desk.feedback, "acknowledged", now())
        feedback.record(desk.session, desk.feedback, "assigned", by, to=to)


def start(reference: str, by: str) -> None:
    """Work on it has begun."""
    with _at(reference) as desk:
        if states.move(desk.feedback, "in_progress", now()):
            feedback.record(desk.session, desk.feedback, "in_progress", by)


def answer(reference: str, text: str, by: str) -> str | None:
    """Send an answer to the person, in their thread. Returns a remark for the staff member, if there is one."""
    if not text.strip():
        raise CannotAnswer("the answer is empty")
    with _at(reference) as desk:
        contact = _contact(desk)
        states.move(desk.feedback, "answered", now())
        sent = _tell(desk, contact, text.strip())
        feedback.record(desk.session, desk.feedback, "answered", by, words=text.strip(), message_id=sent)
        contact.rating_for = None
        if sent:
            hand_over.extend(desk.session, contact)
    return None if sent else "this person said STOP: they read it when they ask for STATUS"


def close(reference: str, resolution: str, outcome: str, by: str) -> None:
    """Close it: `resolution` is done, partly or not_done; `outcome` says what was done and why not more.

    The person is told, and asked how much it helped.
    """
    if resolution not in states.RESOLUTIONS or resolution == "withdrawn":
        raise CannotAnswer("say how it ended: done, partly or not_done")
    if len(outcome.strip()) < SHORTEST_OUTCOME:
        raise CannotAnswer("say what was done, or why it could not be")
    with _at(reference) as desk:
        found = desk.feedback
        if not states.move(found, "closed", now()):
            raise CannotAnswer(f"{found.reference} is closed already")
        found.resolution, found.outcome = resolution, outcome.strip()
        contact = desk.session.get(Contact, found.contact_id) if found.contact_id else None
        sent = None
        if contact is not None:
            told = sentence(
                "feedback_closed", contact.language, reference=found.reference, outcome=found.outcome.rstrip(".")
            )
            sent = _tell(desk, contact, f"{told}\n{sentence('ask_rating', contact.language)}")
            contact.rating_for = found.id if sent else contact.rating_for
            hand_over.give_back(desk.session, contact)
        feedback.record(
            desk.session, found, "closed", by, words=outcome.strip(), message_id=sent, resolution=resolution
        )


def reopen(reference: str, reason: str, by: str) -> None:
    """Look at it again."""
    if not reason.strip():
        raise CannotAnswer("say why it is opened again")
    with _at(reference) as desk:
        feedback.reopen(desk.session, desk.feedback, by, reason.strip())


def note(reference: str, text: str, by: str) -> None:
    """A note for colleagues; the person never sees it."""
    if not text.strip():
        raise CannotAnswer("the note is empty")
    with _at(reference) as desk:
        feedback.record(desk.session, desk.feedback, "noted", by, words=text.strip())


def link(reference: str, other: str, by: str) -> None:
    """Two feedbacks belong together."""
    with _at(reference) as desk:
        to = desk.session.scalars(select(Feedback).where(Feedback.reference == other.upper())).first()
        if to is None or to.id == desk.feedback.id:
            raise CannotAnswer("there is no other feedback with this code")
        feedback.link(desk.session, desk.feedback, to, by)


def correct(reference: str, by: str, types: Sequence[str] | None = None, topic: str | None = None) -> None:
    """Set what it is and what it is about, where the assistant was wrong."""
    if set(types or ()) - set(taxonomy.feedback_types()):
        raise CannotAnswer("types are: " + ", ".join(taxonomy.feedback_types()))
    if topic is not None and topic not in taxonomy.topics():
        raise CannotAnswer("there is no such topic")
    with _at(reference) as desk:
        found = desk.feedback
        was = {"types": found.types, "topic": found.topic}
        found.types = list(types) if types else found.types
        found.topic = topic or found.topic
        feedback.record(desk.session, found, "corrected", by, was=was)


def pass_on(reference: str, categories: Sequence[str], by: str) -> None:
    """It is a sensitive matter: it becomes a report that only focal points read, and leaves the feedback.

    Raises:
        CannotAnswer: its words are gone, or a category is unknown.
    """
    if not categories or set(categories) - set(taxonomy.sensitive_categories()):
        raise CannotAnswer("categories are: " + ", ".join(taxonomy.sensitive_categories()))
    with _at(reference) as desk:
        found = desk.feedback
        contact = _contact(desk)
        if found.message_id is None:
            raise CannotAnswer("its words are gone")
        report, announced = reports.open_report(
            desk.session, contact, [found.message_id], list(categories), found.language
        )
        reports.write(desk.session, report, "event", what="passed_on", by=by)
        hand_over.give_back(desk.session, contact)
        contact.place = None
        desk.announce.extend(announced)


def leave_cluster(reference: str, by: str) -> None:
    """It was grouped with others by mistake."""
    with _at(reference) as desk:
        clusters.leave(desk.session, desk.feedback)
        feedback.record(desk.session, desk.feedback, "set_apart", by)


def close_answered() -> int:
    """Close what was answered long ago without another word of the person: the answer is the outcome."""
    with transaction() as session:
        quiet = session.scalars(
            select(Feedback)
            .where(Feedback.state == "answered", Feedback.answered_at < now() - deployment().promises.close_answered)
            .limit(500)
            .with_for_update(skip_locked=True)
        ).all()
        for found in quiet:
            last = select(FeedbackEvent.words).where(
                FeedbackEvent.feedback_id == found.id, FeedbackEvent.kind == "answered"
            )
            found.outcome = session.scalars(last.order_by(FeedbackEvent.id.desc()).limit(1)).first()
            found.resolution = "done"
            states.move(found, "closed", now())
            feedback.record(session, found, "closed", why="no_more_written")
    return len(quiet)


def untold_answer(session: Session, found: Feedback) -> str | None:
    """The newest answer, where it never reached the person; then it is told with the status."""
    last = (
        select(FeedbackEvent)
        .where(FeedbackEvent.feedback_id == found.id, FeedbackEvent.kind == "answered")
        .order_by(FeedbackEvent.id.desc())
        .limit(1)
    )
    event = session.scalars(last).first()
    if event is None:
        return None
    sent = session.get(Message, event.message_id) if event.message_id else None
    reached = sent is not None and sent.state not in UNDELIVERED
    return None if reached else event.words


def _contact(desk: _Desk) -> Contact:
    if desk.feedback.contact_id is None:
        raise CannotAnswer("this person asked to be forgotten, or it was too long ago")
    return desk.session.get_one(Contact, desk.feedback.contact_id)


def _tell(desk: _Desk, contact: Contact, text: str) -> int | None:
    """Queue a text of staff; the message's id, or None where the person said STOP and did not allow this answer."""
    if contact.opted_out_at is not None and desk.feedback.may_reply is not True:
        return None
    kind = "allowed" if contact.opted_out_at is not None else "answer"
    queued = outbox.queue(desk.session, contact, text, kind, desk.feedback.message_id)
    desk.announce.append(contact.id)
    return queued[0]
