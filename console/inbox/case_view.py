"""What the page of one case shows, read in a fixed number of queries. No number, no way to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import answering, canned, desk_step, hand_over, reminders, states
from casework.models import Cluster, Feedback
from casework.report_models import Staff
from console.inbox import thread
from console.inbox.desk import alike
from console.inbox.thread import Line
from messaging.models import Contact
from messaging.providers import simulator
from runtime.deployment import deployment
from store.database import now

LONGEST_CODE = 12


@dataclass(frozen=True)
class Person:
    """What staff may know of who wrote. `phone`: of the simulator, in a demonstration only."""

    language: str | None
    is_reached: bool
    """False for who said STOP and did not allow this answer."""
    is_live: bool
    """They wait for people to write, now."""
    phone: str | None


@dataclass(frozen=True)
class Clock:
    """Until when something is due, when it was done."""

    by: datetime
    done_at: datetime | None

    @property
    def is_late(self) -> bool:
        """True once the time is over and it is not done."""
        return self.done_at is None and now() > self.by


@dataclass(frozen=True)
class Case:
    """One feedback with its thread, and what may be done to it."""

    feedback: Feedback
    lines: tuple[Line, ...]
    alike: tuple[str, ...]
    voices: int
    person: Person | None
    """None where nothing leads to them any more."""
    is_late: bool
    acknowledge: Clock | None
    answer: Clock | None
    colleagues: Sequence[Staff]
    names: dict[str, str]
    """Of staff, by login."""
    canned: Sequence[canned.Offered]

    @property
    def seen(self) -> int:
        """Id of its newest event."""
        return self.lines[-1].id if self.lines else 0

    @property
    def is_forgotten(self) -> bool:
        """True where its words are gone: nothing can be done to it."""
        return self.feedback.contact_id is None and self.feedback.body is None

    @property
    def language(self) -> str | None:
        """In which the person is written to."""
        return (self.person.language if self.person else None) or self.feedback.language

    def may(self, state: str) -> bool:
        """True where it can become so."""
        return not self.is_forgotten and state in states.MOVES[self.feedback.state]


def find(session: Session, code: str) -> Feedback | None:
    """The feedback with this code, as it stands in an address; of a report's code there is none."""
    if len(code) > LONGEST_CODE or not code.isprintable():
        return None
    return session.scalars(select(Feedback).where(Feedback.reference == code.upper())).first()


def read(session: Session, feedback: Feedback) -> Case:
    """Everything that its page shows."""
    lines = thread.lines(session, feedback)
    group = session.get(Cluster, feedback.cluster_id) if feedback.cluster_id else None
    person = _person(session, feedback)
    staff = session.execute(select(Staff.login, Staff.name)).tuples().all()
    first_read, first_answer = _clocks(feedback)
    return Case(
        feedback=feedback,
        lines=lines,
        alike=alike(session, feedback, thread.linked(lines)),
        voices=group.voices if group else 1,
        person=person,
        is_late=reminders.is_overdue(feedback, now()),
        acknowledge=first_read,
        answer=first_answer,
        colleagues=answering.colleagues(session),
        names=dict(staff),
        canned=canned.offered(session, (person.language if person else None) or feedback.language, feedback.reference),
    )


def _person(session: Session, feedback: Feedback) -> Person | None:
    contact = session.get(Contact, feedback.contact_id) if feedback.contact_id else None
    if contact is None:
        return None
    shows_phone = deployment().demonstration and contact.provider == simulator.NAME
    return Person(
        contact.language,
        desk_step.can_tell(feedback, contact),
        "question" in feedback.types and hand_over.waits_live(session, contact),
        contact.address if shows_phone else None,
    )


def _clocks(feedback: Feedback) -> tuple[Clock | None, Clock | None]:
    """To be read by, to be answered by; what began anew when it was opened again is not done yet."""
    is_open = feedback.state in states.OPEN
    read_at = None if feedback.state in ("new", "reopened") else feedback.acknowledged_at
    answered_at = None if is_open else feedback.answered_at or feedback.closed_at
    return (
        Clock(feedback.acknowledge_by, read_at) if feedback.acknowledge_by else None,
        Clock(feedback.answer_by, answered_at) if feedback.answer_by else None,
    )
