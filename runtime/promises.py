"""What a deployment promises people: when staff are there, how soon they answer, how long words are kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, validate
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from runtime import taxonomy

_UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
_SPAN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(minute|hour|day|week)s?\s*$")


def _span(value: object) -> object:
    """`90 days`, `10 minutes` as a timedelta."""
    match = _SPAN.match(value) if isinstance(value, str) else None
    if match is None:
        if isinstance(value, timedelta):
            return value
        raise ValueError("must be a time such as 90 days, 12 hours or 10 minutes")
    return timedelta(minutes=float(match[1]) * _UNITS[match[2]])


Span = Annotated[timedelta, BeforeValidator(_span), Field(gt=timedelta(0))]


def _days(number: float) -> timedelta:
    return timedelta(days=number)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Times(_Strict):
    """How soon a feedback is to be read by a person, and answered."""

    acknowledge: Span
    answer: Span


TIMES = {
    "complaint": Times(acknowledge=_days(2), answer=_days(14)),
    "question": Times(acknowledge=_days(1), answer=_days(5)),
    "suggestion": Times(acknowledge=_days(5), answer=_days(30)),
    "praise": Times(acknowledge=_days(7), answer=_days(30)),
    "rumour": Times(acknowledge=_days(1), answer=_days(7)),
}
"""Where the deployment sets none: this project's assumption, not a standard."""


class Retention(_Strict):
    """After how long words are removed. Nothing that nobody has read, and nothing that is still worked on."""

    messages: Span = _days(180)
    """Words of messages, after they were sent or answered."""
    media: Span = _days(90)
    """Pictures, voice notes and documents, after they came, once their feedback is closed."""
    feedback: Span = _days(180)
    """Words of feedback, after it was closed."""
    contacts: Span = _days(180)
    """A contact, after its last message, once nothing of it is kept."""
    reports: Span = _days(365)
    """Words and identity of a sensitive report, after a focal point closed it."""
    warn: Span = _days(14)
    """How long before staff are shown what will go."""

    @property
    def longest_days(self) -> int:
        """What people are told."""
        return max(1, round(max(self.messages, self.media, self.feedback, self.contacts) / timedelta(days=1)))


class Flood(_Strict):
    """From so many messages of one contact in so long on, answers are slowed."""

    messages: int = Field(default=20, gt=0)
    within: Span = timedelta(minutes=10)
    pause: Span = timedelta(seconds=10)


class Promises(_Strict):
    """Times and limits; every one has a default."""

    opening_hours: str = "24/7"
    """When people answer, as OpenStreetMap writes it: Mo-Fr 08:00-16:00."""
    hand_over: Span = timedelta(minutes=30)
    """How long the assistant keeps quiet for people who asked for a person."""
    times: dict[str, Times] = {}
    """By type of feedback."""
    close_answered: Span = _days(30)
    """After so long without another word an answered feedback is closed."""
    remind: Span = _days(1)
    """How often staff are reminded of what is overdue."""
    voices: list[int] = [10, 50, 250, 1000]
    """Numbers of people telling the same thing at which staff are told."""
    retention: Retention = Retention()
    flood: Flood = Flood()
    largest_media_mb: float = Field(default=16, gt=0, le=64)
    """WhatsApp sends up to 16 MB, MMS 5 MB."""

    @field_validator("opening_hours")
    @classmethod
    def _are_hours(cls, value: str) -> str:
        if not validate(value):
            raise ValueError("opening_hours must look like Mo-Fr 08:00-16:00")
        return value

    @field_validator("times")
    @classmethod
    def _are_types(cls, value: dict[str, Times]) -> dict[str, Times]:
        unknown = set(value) - set(taxonomy.feedback_types())
        if unknown:
            raise ValueError(f"unknown feedback type {sorted(unknown)[0]!r}")
        return value

    def is_open(self, at: datetime, zone: str) -> bool:
        """True while people answer. `zone`: the deployment's time zone."""
        local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return bool(OpeningHours(self.opening_hours).is_open(local))

    def times_for(self, types: list[str]) -> Times:
        """The shortest times of all types."""
        known = [self.times.get(name) or TIMES[name] for name in types if name in TIMES] or [TIMES["question"]]
        return Times(acknowledge=min(times.acknowledge for times in known), answer=min(times.answer for times in known))


def due(promises: Promises, types: list[str], at: datetime) -> tuple[datetime, datetime]:
    """When a feedback taken now must be acknowledged and answered."""
    times = promises.times_for(types)
    return at + times.acknowledge, at + times.answer
