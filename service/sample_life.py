"""What happens to an invented feedback, step by step up to now: by the same rules as real ones, at times gone by.

casework's functions write the present time and send; here the times are past and nothing may be sent. The states are
moved by casework/states.py, so no sample stands where a real one could not.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from casework import feedback as rules
from casework import reminders, states
from casework.models import Feedback, FeedbackEvent
from messaging.models import Contact, Message
from runtime import promises
from runtime.deployment import deployment
from runtime.words import sentence
from service.sample_people import heard, spoken
from service.sample_texts import Sample
from service.sample_times import worked

COLLEAGUES = ("engagement", "engagement.two")
TAKEN = {kind: f"{kind}_taken" for kind in ("complaint", "suggestion", "praise", "rumour")} | {"question": "human_soon"}
MARKS = {1: 6, 2: 8, 3: 18, 4: 36, 5: 32}
"""How many of a hundred marks each is."""
LOST, ERRORS = 0.04, ("30003", "30005", "30006")
"""Share of texts that do not arrive, and Twilio's codes for why."""
PACES = {1.0: 74, 3.0: 21, 0.0: 5}
"""How much slower than usual staff are, and how often; 0: they forget it after having read it."""


class _Present(Exception):
    """The next step would be in the future: the feedback stands where it is."""


@dataclass
class Life:
    """A feedback that is not stored yet, with its steps and messages in the order of time."""

    rng: Random
    contact: Contact
    sample: Sample
    at: datetime
    now: datetime
    feedback: Feedback
    steps: list[tuple[FeedbackEvent, Message | None]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def live(rng: Random, contact: Contact, sample: Sample, code: str, began: datetime, now: datetime) -> Life:
    """From the first text to the present."""
    life = _begin(rng, contact, sample, code, began, now)
    try:
        if sample.waits is not None:
            _wait(life)
        else:
            _take_care(life, rng.choices(list(PACES), list(PACES.values()))[0])
    except _Present:
        pass
    _remind(life)
    return life


def _begin(rng: Random, contact: Contact, sample: Sample, code: str, began: datetime, now: datetime) -> Life:
    types = list(sample.matter.types)
    acknowledge_by, answer_by = promises.due(deployment().promises, types, began)
    made = Feedback(
        reference=code,
        types=types,
        topic=sample.matter.topic,
        place=sample.matter.place,
        language=sample.language,
        channel=contact.channel,
        body=sample.text,
        state="new",
        acknowledge_by=acknowledge_by,
        answer_by=answer_by,
        changed_at=began,
        created_at=began,
        labels=[],
        sample=True,
    )
    life = Life(rng, contact, sample, began, now, made)
    _step(life, "taken", message=_hear(life, sample.text))
    _reply(life, sentence(TAKEN[types[0]], sample.language, reference=made.reference))
    return life


def _wait(life: Life) -> None:
    """Nobody answers: some were read, some not even that."""
    if life.rng.random() < 0.6:
        _pass(life, 30, 90)
        colleague = _read(life)
        _step(life, "noted", colleague, life.rng.choice(life.sample.matter.notes))


def _take_care(life: Life, pace: float) -> None:
    """Read, work, answer, close: as far as the time reaches, and the kind of feedback needs it."""
    kind, sample, recent = life.sample.matter.types[0], life.sample, life.now - life.at < timedelta(days=25)
    pace = pace or (0.0 if recent else 1.0)  # forgotten for months would be another story than this one
    _pass(life, 0.5, 26 * (pace or 1))
    colleague = _read(life)
    if not pace:
        return
    if kind in ("complaint", "suggestion"):
        _pass(life, 2, (40 if kind == "complaint" else 90) * pace)
        states.move(life.feedback, "in_progress", life.at)
        _step(life, "in_progress", colleague)
        _note(life, colleague)
    if sample.answer is not None and (sample.outcome is None or life.rng.random() < 0.75):
        _pass(life, 1, (20 if kind in ("question", "rumour") else 60) * pace)
        _answer(life, colleague, sample.answer)
    if sample.outcome is None:
        _pass(life, hours=deployment().promises.close_answered / timedelta(hours=1))
        _close_quietly(life)
    else:
        _pass(life, 20, (60 if kind == "praise" else 190) * pace)
        _close(life, colleague, sample.outcome)
        _mark(life, colleague, sample.outcome)


def _read(life: Life) -> str:
    """Somebody acknowledges it, and mostly it is given to one of them; sometimes a label or a correction."""
    rng = life.rng
    colleague = rng.choice(COLLEAGUES)
    states.move(life.feedback, "acknowledged", life.at)
    _step(life, "acknowledged", colleague)
    if rng.random() < 0.75:
        to = rng.choice(COLLEAGUES)
        _pass(life, 0.02, 0.3)
        life.feedback.assignee = to
        _step(life, "assigned", colleague, to=to)
        colleague = to
    if life.sample.matter.labels and rng.random() < 0.35:
        _pass(life, 0.01, 0.05)
        life.feedback.labels = [rng.choice(life.sample.matter.labels)]
        _step(life, "labelled", colleague, added=life.feedback.labels)
    return colleague


def _note(life: Life, colleague: str) -> None:
    if life.sample.matter.notes and life.rng.random() < 0.3:
        _pass(life, 0.1, 5)
        _step(life, "noted", colleague, life.rng.choice(life.sample.matter.notes))


def _answer(life: Life, colleague: str, words: str) -> None:
    """The answer goes out; now and then it does not arrive, and goes out once more on another day."""
    lost = life.rng.random() < LOST
    states.move(life.feedback, "answered", life.at)
    sent = _say(life, words, "answer", error=life.rng.choice(ERRORS) if lost else None)
    _step(life, "answered", colleague, words, sent)
    if lost:
        _pass(life, 0.02, 0.2)
        states.move(life.feedback, "in_progress", life.at)
        _step(life, "undelivered", message=sent, code=sent.error_code)
        _pass(life, 18, 50)
        states.move(life.feedback, "answered", life.at)
        _step(life, "answered", colleague, words, _say(life, words, "answer"))


def _close(life: Life, colleague: str, outcome: str) -> None:
    made, language = life.feedback, life.sample.language
    states.move(made, "closed", life.at)
    made.resolution = "partly" if "complaint" in made.types and life.rng.random() < 0.25 else "done"
    made.outcome = outcome
    told = sentence("feedback_closed", language, reference=made.reference, outcome=outcome.rstrip("."))
    words = f"{told}\n{sentence('ask_rating', language)}"
    sent = _say(life, words, "answer")
    _step(life, "closed", colleague, outcome, sent, resolution=made.resolution)


def _close_quietly(life: Life) -> None:
    """As the clock closes what was answered long ago."""
    states.move(life.feedback, "closed", life.at)
    life.feedback.outcome, life.feedback.resolution = life.sample.answer, "done"
    _step(life, "closed", why="no_more_written")


def _mark(life: Life, colleague: str, outcome: str) -> None:
    """The person marks it, or not; a low mark opens it again, and it is looked at once more."""
    rng, made = life.rng, life.feedback
    if rng.random() < 0.4:
        return
    mark = rng.choices(list(MARKS), list(MARKS.values()))[0]
    _pass(life, 0.05, 30)
    _hear(life, str(mark))
    made.mark = mark
    _step(life, "rated", mark=mark)
    _reply(life, sentence("rated_well" if mark > rules.LOW else "rated_badly", life.sample.language))
    if mark <= rules.LOW:
        states.move(made, "reopened", life.at)
        made.acknowledge_by, made.answer_by = promises.due(deployment().promises, made.types, life.at)
        made.resolution = None
        _step(life, "reopened", why="low_mark")
        _pass(life, 8, 150)
        states.move(made, "in_progress", life.at)
        _step(life, "in_progress", colleague)
        _pass(life, 30, 120)
        _close(life, colleague, outcome)


def _remind(life: Life) -> None:
    """Staff were told of what is late some hours ago, so that the demonstration does not begin with a text to them."""
    made, now = life.feedback, life.now
    if reminders.is_overdue(made, now):
        unread = made.state in ("new", "reopened")
        due = min(time for time in (made.acknowledge_by if unread else None, made.answer_by) if time is not None)
        lately = now - timedelta(hours=life.rng.uniform(1, 9))
        made.reminded_at = life.at = max(lately, due + (now - due) / 2)
        _step(life, "reminded")


def _pass(life: Life, fewest: float = 0, most: float = 0, hours: float | None = None) -> None:
    """Time goes by; staff work by day."""
    at = life.at + timedelta(hours=hours) if hours is not None else worked(life.rng, life.at, fewest, max(fewest, most))
    if at >= life.now - timedelta(seconds=30):
        raise _Present
    life.at = at


def _step(
    life: Life,
    kind: str,
    by: str | None = None,
    words: str | None = None,
    message: Message | None = None,
    **detail: Any,
) -> None:
    life.steps.append((FeedbackEvent(kind=kind, by=by, words=words, detail=detail or None, at=life.at), message))


def _hear(life: Life, text: str) -> Message:
    told = heard(life.contact, text, life.at)
    life.messages.append(told)
    return told


def _say(life: Life, words: str, kind: str, after: float = 0, error: str | None = None) -> Message:
    said = spoken(life.contact, words, life.at + timedelta(seconds=after), kind, error)
    life.messages.append(said)
    return said


def _reply(life: Life, words: str) -> None:
    """Of the assistant, some seconds later. It may be lost: the clock watches what staff wrote, not this."""
    error = life.rng.choice(ERRORS) if life.rng.random() < LOST else None
    _say(life, words, "reply", life.rng.uniform(2, 6), error)
