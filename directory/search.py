"""Finding a service for a person: by topic and place, near a position, open now, for women, for children.

A process remembers the directory in the form that is searched, until a newer import is in the database.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from anyascii import anyascii
from opening_hours import OpeningHours
from rapidfuzz import fuzz, process
from sqlalchemy import func, select

from directory.models import DirectoryImport, Place, Service
from runtime.deployment import deployment
from runtime.folding import fold
from store.database import now, reading

STALE = timedelta(days=180)
"""A service that nobody checked for so long is told with a warning."""
NEAR_KM = 150.0
FRESH = 5.0
"""Seconds after which a process notices that another one took a file in."""
SIMILAR = 86.0
"""Of 100, by rapidfuzz: misspelt names above it are taken for the place."""
EXPECTED = 68.0
"""The same for a single word where a place was asked for."""
SHORTEST, SMALL_WORD, MOST_WORDS = 5, 3, 40
"""Letters of a name that may be misspelt; letters of "in", "at", "mu"; words of a text that are looked at."""
_EARTH_KM = 6371.0

Position = tuple[float, float]


@dataclass(frozen=True)
class Found:
    """A service and what matters now: `km` from where the person is, `is_open` (None: hours unknown), `is_old`."""

    service: Service
    place: str
    km: float | None
    is_open: bool | None
    is_old: bool


@dataclass(frozen=True)
class _Directory:
    by_topic: dict[str, list[tuple[Service, str, Position | None]]]
    names: dict[str, str]
    """Folded and romanised spelling to the place's name."""
    positions: dict[str, Position]
    largest: list[str]
    by_size: dict[int, list[str]]
    """Number of words to the spellings of so many."""

    @property
    def sizes(self) -> list[int]:
        """Numbers of words that names have, longest first."""
        return sorted(self.by_size, reverse=True)


def find(
    topic: str,
    place: str | None = None,
    position: Position | None = None,
    wanted: Collection[str] = (),
    open_only: bool = False,
    at: datetime | None = None,
    most: int = 2,
) -> list[Found]:
    """The best `most` services on a topic: in the place first, then by distance, at most `NEAR_KM` away.

    `wanted` holds of women, children, disability: what is meant for them comes first, what is for others never. Without
    a wish, what is for everyone comes first.
    """
    at = at or now()
    known = _known()
    here = position or (known.positions.get(place) if place else None)
    found = []
    for service, where, there in known.by_topic.get(topic, ()):
        meant = bool(set(service.for_whom) & set(wanted))
        if wanted and service.for_whom and not meant:
            continue
        km = _distance(here, there) if here and there else None
        if where != place and (km is None or km > NEAR_KM):
            continue
        is_open = _is_open(service.hours, at)
        if open_only and is_open is False:
            continue
        near = (0.0 if place and where == place and position is None else km) or 0.0
        order = (not meant, bool(service.for_whom) and not meant, round(near, 1), not is_open, service.code)
        found.append((order, Found(service, where, km, is_open, _is_old(service, at.date()))))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])[:most]]


def has_topic(topic: str) -> bool:
    """True if the directory knows any service on it."""
    return topic in _known().by_topic


def place_named(text: str) -> str | None:
    """The place that a text is or contains, also misspelt or in another script; None if none."""
    known = _known()
    words = romanised(text).split()[:MOST_WORDS]
    spans = [" ".join(words[at : at + size]) for size in known.sizes for at in range(len(words) - size + 1)]
    for span in spans:
        if span in known.names:
            return known.names[span]
    matches = [match for span in spans if (match := _alike(span, SIMILAR))]
    return max(matches)[1] if matches else None


def without_places(text: str) -> str:
    """The text without the words of known places."""
    known = _known().names
    return " ".join(word for word in text.split() if romanised(word) not in known)


def is_place(text: str) -> bool:
    """True if the text is nothing but a place, perhaps badly misspelt, with at most one small word before it."""
    return place_told(text) is not None


def place_told(text: str) -> str | None:
    """The place that a text is, where a place was asked for: misspelt more freely than inside other words."""
    known = _known()
    words = romanised(text).split()
    for rest in (words, words[1:] if words and len(words[0]) <= SMALL_WORD else []):
        span = " ".join(rest)
        if span in known.names:
            return known.names[span]
        match = _alike(span, EXPECTED if len(rest) == 1 else SIMILAR)
        if match is not None:
            return match[1]
    return None


def _alike(span: str, similar: float) -> tuple[float, str] | None:
    """How alike, and which place, if a name of as many words is similar enough; short words are alike by chance."""
    if len(span) < SHORTEST:
        return None
    known = _known()
    match = process.extractOne(span, known.by_size.get(len(span.split()), ()), scorer=fuzz.ratio, score_cutoff=similar)
    return (match[1], known.names[match[0]]) if match is not None else None


def nearest_place(position: Position) -> str | None:
    """The known place nearest to a position, within `NEAR_KM`."""
    known = _known().positions
    near = min(known, key=lambda name: _distance(position, known[name]), default=None)
    return near if near is not None and _distance(position, known[near]) <= NEAR_KM else None


def some_places(most: int = 5) -> list[str]:
    """Places with the most services."""
    return _known().largest[:most]


def romanised(text: str) -> str:
    """One form of a name in any script: small Latin letters and digits, single spaces."""
    plain = "".join(c if c.isalnum() else " " for c in anyascii(fold(text)).lower())
    return " ".join(plain.split())


def forget() -> None:
    """Look into the database again: something was taken in."""
    _version.cache_clear()
    _directory.cache_clear()


def _known() -> _Directory:
    return _directory(_version(int(time.monotonic() / FRESH)))


@lru_cache(maxsize=1)
def _version(_moment: int) -> int:
    """The newest import, asked for once in a moment: a message looks at the directory several times."""
    with reading() as session:
        return session.scalar(select(func.max(DirectoryImport.id))) or 0


@lru_cache(maxsize=1)
def _directory(version: int) -> _Directory:
    with reading() as session:
        places = {place.id: place for place in session.scalars(select(Place))}
        services = list(session.scalars(select(Service).order_by(Service.code)))
    positions: dict[str, Position] = {}
    for place in places.values():
        if place.latitude is not None and place.longitude is not None:
            positions[place.name] = (place.latitude, place.longitude)
    by_topic: dict[str, list[tuple[Service, str, Position | None]]] = {}
    numbers: dict[str, int] = {}
    for service in services:
        where = places[service.place_id].name
        own = service.latitude is not None and service.longitude is not None
        there = (service.latitude, service.longitude) if own else positions.get(where)
        by_topic.setdefault(service.topic, []).append((service, where, there))  # type: ignore[arg-type]
        numbers[where] = numbers.get(where, 0) + 1
    names = {romanised(name): place.name for place in places.values() for name in (place.name, *place.names)}
    names.pop("", None)
    by_size: dict[int, list[str]] = {}
    for name in names:
        by_size.setdefault(len(name.split()), []).append(name)
    largest = sorted(numbers, key=lambda name: (-numbers[name], name))
    return _Directory(by_topic, names, positions, largest, by_size)


def _distance(one: Position, other: Position) -> float:
    """Kilometres along the globe (haversine)."""
    (a, b), (c, d) = (map(math.radians, point) for point in (one, other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(half))


@lru_cache(maxsize=4096)
def _hours(text: str) -> OpeningHours:
    return OpeningHours(text)


def _is_open(hours: str | None, at: datetime) -> bool | None:
    if hours is None:
        return None
    local = at.astimezone(ZoneInfo(deployment().time_zone)).replace(tzinfo=None)
    return bool(_hours(hours).is_open(local))


def _is_old(service: Service, today: date) -> bool:
    if service.valid_until is not None and service.valid_until < today:
        return True
    return service.checked_on is not None and today - service.checked_on > STALE
