"""Who wrote the invented feedback: phones with numbers that are kept for fiction, each in one language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from messaging import contacts, segments
from messaging.models import Contact, Message
from messaging.providers import simulator
from runtime.deployment import deployment
from runtime.words import sentence
from service import sample_texts
from service.sample_texts import Sample

AREAS = ("202", "303", "404", "512", "617", "713")
LINES = range(20, 90)
"""Of the lines 0100 to 0199 after 555, which are kept for fiction; the others are the simulator's and its staff's."""
OUR_NUMBER = "+12025550100"
SECOND = 0.2
"""Share of people who tell a second thing."""
BY_SMS = 0.65
WORDING = 1
"""Of the notice on people's data: bot/welcome.py."""


@dataclass(frozen=True)
class Person:
    """A phone, and what is told with it."""

    channel: str
    number: str
    language: str
    told: tuple[Sample, ...]


def people(rng: Random) -> list[Person]:
    """All of them, with all samples."""
    numbers = [f"+1{area}55501{line:02d}" for area in AREAS for line in LINES]
    rng.shuffle(numbers)
    found = []
    for language in deployment().languages:
        left = sample_texts.samples(language)
        rng.shuffle(left)
        while left:
            told = [left.pop()]
            other = next((one for one in left if one.matter != told[0].matter), None)
            if other is not None and rng.random() < SECOND:
                left.remove(other)
                told.append(other)
            found.append(Person("sms" if rng.random() < BY_SMS else "whatsapp", numbers.pop(), language, tuple(told)))
    default = deployment().default_language
    strangers = sample_texts.unserved(default)
    return found + [Person("sms", numbers.pop(), default, (one,)) for one in strangers]


def contact_of(session: Session, person: Person) -> Contact:
    """The person's contact, made in the caller's transaction."""
    made = contacts.find_or_make(session, simulator.NAME, person.channel, person.number, OUR_NUMBER)
    made.language = person.language
    return made


def introduce(contact: Contact, messages: Sequence[Message]) -> Message:
    """Let the person hear, with the first answer, who we are; returns the notice that follows it.

    `messages`: all of the contact's, in the order of time.
    """
    first = next(message for message in messages if message.direction == "out")
    language, channel, days = contact.language, contact.channel, deployment().promises.retention.longest_days
    first.body = f"{sentence('introduction', language, organisation=deployment().organisation)}\n{first.body}"
    contact.created_at = messages[0].created_at
    contact.introduced_at = first.created_at
    contact.informed = f"{WORDING}/{language}/{channel}"
    contact.agreed_at = next((one.created_at for one in messages[1:] if one.direction == "in"), None)
    words = f"{sentence('introduction_data', language, days=days)} {sentence(f'introduction_{channel}', language)}"
    notice = spoken(contact, words, first.created_at + timedelta(milliseconds=400), "reply")
    first.segments = _segments(contact, first.body)
    return notice


def heard(contact: Contact, text: str, at: datetime) -> Message:
    """A text of a person, long since read."""
    return Message(
        contact_id=contact.id,
        direction="in",
        state="done",
        kind="message",
        body=text,
        created_at=at,
        due_at=at,
        handled_at=at + timedelta(seconds=1),
    )


def spoken(contact: Contact, text: str, at: datetime, kind: str, error: str | None = None) -> Message:
    """A text to a person, long since sent. `error`: Twilio's code where it did not arrive."""
    return Message(
        contact_id=contact.id,
        direction="out",
        state="undelivered" if error else "delivered",
        kind=kind,
        body=text,
        segments=_segments(contact, text),
        attempts=1,
        error_code=error,
        created_at=at,
        due_at=at,
        handled_at=at + timedelta(seconds=1),
    )


def _segments(contact: Contact, text: str) -> int:
    return segments.count(text).segments if contact.channel == "sms" else 1
