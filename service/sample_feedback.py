"""Feedback for a demonstration, so that its console has something to show: invented, marked as such, never sent.

It is made once, while nobody has given feedback yet, and speaks of the places of data/directory/sample.csv: where the
directory does not have them it is left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework import canned, reference, word_index
from casework import feedback as rules
from casework.audit import SERVICE
from casework.models import Cluster, Feedback
from casework.report_models import Report
from directory.models import Place
from messaging.models import Contact, Message, MessageFlag
from runtime.words import sentence
from service import sample_people, sample_texts
from service.sample_life import Life, live
from service.sample_people import Person
from service.sample_times import ago, written
from store.database import now, transaction

SEED = 7
MISUNDERSTOOD = 0.12
"""Share of people of whom the assistant did not understand another text."""
UNSURE_EACH = 12
"""Of so many texts about a topic, one of which the assistant asked what was meant."""


@dataclass
class _Written:
    """One contact with all that was said."""

    contact: Contact
    lives: list[Life]
    messages: list[Message]
    flagged: list[Message]


def prepare(at: datetime | None = None) -> str | None:
    """A line for the operator; None if there is feedback already, or not these places. All of it, or nothing."""
    at = at or now()
    with transaction() as session:
        if session.scalar(select(exists().where(Feedback.id.is_not(None)))) or not has_places(session):
            return None
        rng = Random(SEED)  # noqa: S311 - the same in every demonstration
        codes = _codes(session, rng)
        made = [_write(session, rng, codes, person, at) for person in sample_people.people(rng)]
        lives = _store(session, made)
        _group(session, lives)
        _ask_for_marks(made, at)
        canned.take_in(session, SERVICE)
    word_index.index_missing()
    return f"Sample feedback: {len(lives)} invented texts, marked as samples in the console."


def has_places(session: Session) -> bool:
    """True where the directory has the places that samples speak of."""
    wanted = {matter.place for matter in sample_texts.matters().values() if matter.place}
    return wanted <= set(session.scalars(select(Place.name)))


def _codes(session: Session, rng: Random) -> Iterator[str]:
    """Codes that nobody has."""
    taken = set(session.scalars(select(Report.reference)))
    while True:
        code = reference.make(rng.choice)
        if code not in taken:
            taken.add(code)
            yield code


def _write(session: Session, rng: Random, codes: Iterator[str], person: Person, at: datetime) -> _Written:
    contact = sample_people.contact_of(session, person)
    lives = []
    for sample in person.told:
        began = written(rng, at, sample.matter.rises) if sample.waits is None else ago(rng, at, sample.waits)
        lives.append(live(rng, contact, sample, next(codes), began, at))
    flagged = _misunderstood(rng, contact, at) if rng.random() < MISUNDERSTOOD else []
    said = [message for life in lives for message in life.messages] + flagged
    said.sort(key=lambda message: message.created_at)
    said.append(sample_people.introduce(contact, said))
    return _Written(contact, lives, said, flagged[:1])


def _misunderstood(rng: Random, contact: Contact, at: datetime) -> list[Message]:
    """A text of which the assistant could make nothing, and what it said."""
    told = sample_texts.not_understood(contact.language or "")
    if not told:
        return []
    heard = sample_people.heard(contact, rng.choice(told), written(rng, at))
    words = sentence("not_understood", contact.language)
    return [heard, sample_people.spoken(contact, words, heard.created_at + timedelta(seconds=3), "reply")]


def _store(session: Session, made: list[_Written]) -> list[Life]:
    """Each table in the order of time, as if all had come one by one: ids tell the order, here as with real ones."""
    said = sorted((message for one in made for message in one.messages), key=lambda message: message.created_at)
    session.add_all(said)
    session.flush()
    lives = sorted((life for one in made for life in one.lives), key=lambda life: life.feedback.created_at)
    for life in lives:
        life.feedback.contact_id = life.contact.id
        life.feedback.message_id = life.messages[0].id
    session.add_all(life.feedback for life in lives)
    session.flush()
    steps = [(event, message, life.feedback.id) for life in lives for event, message in life.steps]
    for event, message, feedback_id in steps:
        event.feedback_id, event.message_id = feedback_id, message.id if message else None
    session.add_all(event for event, _, _ in sorted(steps, key=lambda step: step[0].at))
    for one in made:
        for odd in one.flagged:
            session.add(_flag(odd, "not_understood", "out_of_scope", 0.24))
    session.add_all(_flags(lives))
    session.flush()
    return lives


def _flags(lives: list[Life]) -> Iterator[MessageFlag]:
    """Of texts in languages that are not served, and of some that the assistant was not sure about."""
    about = [life for life in lives if life.sample.matter.topic]
    for number, life in enumerate(about[::UNSURE_EACH]):
        guess = f"ask_{life.sample.matter.topic}"
        yield _flag(life.messages[0], "unsure", guess, round(0.34 + number % 9 / 50, 2))
    for life in lives:
        if life.sample.spoken:
            yield _flag(life.messages[0], "unserved", "out_of_scope", 0.19, language=life.sample.spoken)


def _flag(message: Message, name: str, intent: str, confidence: float, **told: str) -> MessageFlag:
    """As actions/fallback.py writes it."""
    detail = {"intent": intent, "confidence": confidence, **told}
    return MessageFlag(message_id=message.id, name=name, detail=detail, created_at=message.created_at)


def _group(session: Session, lives: Iterable[Life]) -> None:
    """What tells the same thing stands together. No vectors: so the clock leaves these groups as they are."""
    by_matter: dict[str, list[Life]] = defaultdict(list)
    for life in lives:
        if life.sample.matter.grouped:
            by_matter[life.sample.matter.name].append(life)
    for members in by_matter.values():
        first, last = members[0].feedback, members[-1].feedback
        voices = len({life.contact.id for life in members})
        group = Cluster(
            first_reference=first.reference,
            topic=first.topic,
            size=len(members),
            voices=voices,
            told_at_voices=voices,  # staff were told: no text about a sample goes out
            first_at=first.created_at,
            last_at=last.created_at,
        )
        session.add(group)
        session.flush()
        for life in members:
            life.feedback.cluster_id = group.id
    session.flush()


def _ask_for_marks(made: Iterable[_Written], at: datetime) -> None:
    """Whose matter was closed lately and who said no mark yet may still say one, from the simulator."""
    for one in made:
        closed = [life.feedback for life in one.lives if life.feedback.state == "closed" and life.feedback.mark is None]
        last = max(closed, key=lambda found: found.changed_at, default=None)
        if last is not None and last.outcome and last.changed_at > at - rules.MARKED_WITHIN:
            one.contact.rating_for = last.id
