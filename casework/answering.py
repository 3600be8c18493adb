"""What staff do with a feedback: acknowledge, take on, answer, close, open again, note, label, link, correct, pass on.

Every step takes `seen`, the newest event that the staff member had before their eyes: what somebody else did since is
not overwritten unknowingly.
"""

import unicodedata
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, load_only

from casework import clusters, desk_step, feedback, hand_over, reports, states
from casework.desk_step import CannotAnswer, Changed, NoSuchFeedback
from casework.models import Feedback, FeedbackEvent
from casework.report_models import Staff
from messaging.models import UNDELIVERED, Contact, Message, MessageFlag
from messaging.segments import MESSAGE_LIMIT
from runtime import taxonomy
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now, transaction

__all__ = ["CannotAnswer", "Changed", "NoSuchFeedback"]

SHORTEST_OUTCOME = 10
"""Letters. What was done, or why it could not be, is owed to the person."""

MOST_LABELS = 10
LONGEST_LABEL = 30
"""Letters."""


def acknowledge(reference: str, by: str, seen: int | None = None) -> None:
    """A person has read it."""
    with desk_step.at(reference, by, seen) as desk:
        if states.move(desk.feedback, "acknowledged", now()):
            feedback.record(desk.session, desk.feedback, "acknowledged", by)


def assign(reference: str, to: str | None, by: str, seen: int | None = None, *, only_colleagues: bool = False) -> None:
    """Somebody takes care of it (None: nobody any more); whoever has to be named has read it.

    `only_colleagues`: `to` must be the login of somebody who answers feedback here and now.
    """
    with desk_step.at(reference, by, seen) as desk:
        if only_colleagues and to is not None and to not in {person.login for person in colleagues(desk.session)}:
            raise CannotAnswer("nobody who answers feedback has this login")
        is_read = desk.feedback.state not in ("new", "reopened")
        if desk.feedback.assignee == to and is_read:
            return
        desk.feedback.assignee = to
        if not is_read:
            states.move(desk.feedback, "acknowledged", now())
        feedback.record(desk.session, desk.feedback, "assigned", by, to=to)


def start(reference: str, by: str, seen: int | None = None) -> None:
    """Work on it has begun."""
    with desk_step.at(reference, by, seen) as desk:
        if states.move(desk.feedback, "in_progress", now()):
            feedback.record(desk.session, desk.feedback, "in_progress", by)


def answer(reference: str, text: str, by: str, seen: int | None = None) -> str | None:
    """Send an answer to the person, in their thread; what nobody had is then with the one who answers.

    Returns a remark for the staff member, if there is one.
    """
    if not text.strip():
        raise CannotAnswer("the answer is empty")
    with desk_step.at(reference, by, seen) as desk:
        contact = desk_step.contact_of(desk)
        _take_if_free(desk, by)
        states.move(desk.feedback, "answered", now())
        sent = desk_step.tell(desk, contact, text.strip())
        feedback.record(desk.session, desk.feedback, "answered", by, words=text.strip(), message_id=sent)
        contact.rating_for = None
        if sent:
            hand_over.extend(desk.session, contact)
    return None if sent else "this person said STOP: they read it when they ask for STATUS"


def close(reference: str, resolution: str, outcome: str, by: str, seen: int | None = None) -> None:
    """Close it: `resolution` is done, partly or not_done; `outcome` says what was done and why not more.

    The person is told, and asked how much it helped.
    """
    if resolution not in states.RESOLUTIONS or resolution == "withdrawn":
        raise CannotAnswer("say how it ended: done, partly or not_done")
    if len(outcome.strip()) < SHORTEST_OUTCOME:
        raise CannotAnswer("say what was done, or why it could not be")
    if len(outcome.strip()) > MESSAGE_LIMIT:
        raise CannotAnswer("the text has 1 to %(most)s letters", most=MESSAGE_LIMIT)
    with desk_step.at(reference, by, seen) as desk:
        found = desk.feedback
        if not states.move(found, "closed", now()):
            raise CannotAnswer("%(code)s is closed already", code=found.reference)
        found.resolution, found.outcome = resolution, outcome.strip()
        contact = desk.session.get(Contact, found.contact_id) if found.contact_id else None
        sent = None
        if contact is not None:
            sent = desk_step.tell(desk, contact, closing_words(found.reference, found.outcome, contact.language))
            contact.rating_for = found.id if sent else contact.rating_for
            hand_over.give_back(desk.session, contact)
        feedback.record(
            desk.session, found, "closed", by, words=outcome.strip(), message_id=sent, resolution=resolution
        )


def _take_if_free(desk: desk_step.Desk, by: str) -> None:
    """Who answers what nobody has takes care of it from then on."""
    if desk.feedback.assignee is None and by in {person.login for person in colleagues(desk.session)}:
        desk.feedback.assignee = by
        feedback.record(desk.session, desk.feedback, "assigned", by, to=by)


def closing_words(reference: str, outcome: str, language: str | None) -> str:
    """What the person reads when it is closed: the outcome, and the question how much it helped."""
    told = sentence("feedback_closed", language, reference=reference, outcome=outcome.strip().rstrip("."))
    return f"{told}\n{sentence('ask_rating', language)}"


def reopen(reference: str, reason: str, by: str, seen: int | None = None) -> None:
    """Look at it again."""
    if not reason.strip():
        raise CannotAnswer("say why it is opened again")
    with desk_step.at(reference, by, seen) as desk:
        feedback.reopen(desk.session, desk.feedback, by, reason.strip())


def note(reference: str, text: str, by: str, seen: int | None = None) -> None:
    """A note for colleagues; the person never sees it."""
    if not text.strip():
        raise CannotAnswer("the note is empty")
    with desk_step.at(reference, by, seen) as desk:
        feedback.record(desk.session, desk.feedback, "noted", by, words=text.strip())


def label(reference: str, add: Sequence[str], remove: Sequence[str], by: str, seen: int | None = None) -> None:
    """Words by which colleagues find it again, such as `tank 4`; the person never sees them."""
    wanted, unwanted = [one for one in map(plain_label, add) if one], {plain_label(one) for one in remove}
    with desk_step.at(reference, by, seen) as desk:
        before = list(desk.feedback.labels or ())
        after = list(dict.fromkeys([*(one for one in before if one not in unwanted), *wanted]))
        if len(after) > MOST_LABELS:
            raise CannotAnswer("it may have %(most)s labels", most=MOST_LABELS)
        if after == before:
            return
        desk.feedback.labels = after
        added, removed = [one for one in after if one not in before], [one for one in before if one not in after]
        feedback.record(desk.session, desk.feedback, "labelled", by, added=added or None, removed=removed or None)


def plain_label(text: str) -> str:
    """A label as it is kept: small letters, single spaces, nothing unseen; "" where nothing is left.

    Raises:
        CannotAnswer: it is too long.
    """
    composed = unicodedata.normalize("NFKC", text)
    seen = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in composed if letter != ",")
    kept = " ".join(seen.split()).lower()
    if len(kept) > LONGEST_LABEL:
        raise CannotAnswer("a label has at most %(most)s letters", most=LONGEST_LABEL)
    return kept


def colleagues(session: Session) -> list[Staff]:
    """Those who answer feedback and have not left, by name."""
    active = select(Staff).where(Staff.disabled_at.is_(None)).order_by(Staff.name)
    shown = load_only(Staff.login, Staff.name, Staff.roles)  # numbers and addresses stay closed
    return [person for person in session.scalars(active.options(shown)) if "engagement" in person.roles]


def link(reference: str, other: str, by: str, seen: int | None = None) -> None:
    """Two feedbacks belong together."""
    with desk_step.at(reference, by, seen) as desk:
        known = select(Feedback).where(Feedback.reference == other.upper())
        to = desk.session.scalars(known).first() if other.isprintable() else None
        if to is None or to.id == desk.feedback.id:
            raise CannotAnswer("there is no other feedback with this code")
        feedback.link(desk.session, desk.feedback, to, by)


def correct(
    reference: str,
    by: str,
    types: Sequence[str] | None = None,
    topic: str | None = None,
    seen: int | None = None,
) -> None:
    """Set what it is and what it is about, where the assistant was wrong; the assistant may learn from it.

    The words leave for learning only where the person agreed to that (console/content/review.py).
    """
    if set(types or ()) - set(taxonomy.feedback_types()):
        raise CannotAnswer("types are: %(names)s", names=", ".join(taxonomy.feedback_types()))
    if topic is not None and topic not in taxonomy.topics():
        raise CannotAnswer("there is no such topic")
    with desk_step.at(reference, by, seen) as desk:
        found = desk.feedback
        was = {"types": list(found.types), "topic": found.topic}
        found.types = list(types) if types else found.types
        found.topic = topic or found.topic
        if was == {"types": found.types, "topic": found.topic}:
            return
        feedback.record(desk.session, found, "corrected", by, was=was)
        _teach(desk.session, found)


def pass_on(reference: str, categories: Sequence[str], by: str, seen: int | None = None) -> None:
    """It is a sensitive matter: it becomes a report that only focal points read, and leaves the feedback.

    Raises:
        CannotAnswer: its words are gone, or a category is unknown.
    """
    if not categories or set(categories) - set(taxonomy.sensitive_categories()):
        raise CannotAnswer("categories are: %(names)s", names=", ".join(taxonomy.sensitive_categories()))
    with desk_step.at(reference, by, seen) as desk:
        found = desk.feedback
        contact = desk_step.contact_of(desk)
        if found.message_id is None:
            raise CannotAnswer("its words are gone")
        report, announced = reports.open_report(
            desk.session, contact, [found.message_id], list(categories), found.language
        )
        reports.write(desk.session, report, "event", what="passed_on", by=by)
        hand_over.give_back(desk.session, contact)
        contact.place = None
        desk.announce.extend(announced)


def leave_cluster(reference: str, by: str, seen: int | None = None) -> None:
    """It was grouped with others by mistake."""
    with desk_step.at(reference, by, seen) as desk:
        if desk.feedback.cluster_id is None:
            return
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


def _teach(session: Session, found: Feedback) -> None:
    """What its first message really was, as the intent that the assistant should have heard; the last word counts."""
    if found.message_id is None:
        return
    session.execute(
        delete(MessageFlag).where(MessageFlag.message_id == found.message_id, MessageFlag.name == "corrected")
    )
    first = found.types[0]
    intent = f"ask_{found.topic}" if first == "question" else f"feedback_{first}"
    if intent in taxonomy.intents():
        session.add(MessageFlag(message_id=found.message_id, name="corrected", detail={"intent": intent}))
