"""The columns of a directory, and one row of a file read into them: errors in words that its keeper understands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any
from zlib import crc32

import phonenumbers
from opening_hours import validate

from runtime import taxonomy

HXL = {
    "code": "#service+code",
    "organisation": "#org+name",
    "service": "#service+name",
    "topic": "#service+type",
    "description": "#service+description",
    "place": "#loc+name",
    "other_names": "#loc+name+alt",
    "address": "#loc+address",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "phone": "#contact+phone",
    "languages": "#service+lang",
    "for_whom": "#population+group",
    "cost": "#service+cost",
    "hours": "#service+hours",
    "directions": "#loc+directions",
    "valid_until": "#date+end",
    "checked_on": "#date+checked",
    "confidential": "#meta+confidential",
    "sample": "#meta+sample",
}
"""Column name to its tag of the Humanitarian Exchange Language (hxlstandard.org)."""
NEEDED = ("organisation", "service", "topic", "place")
FOR_WHOM = ("women", "men", "children", "disability")
_LENGTHS = {"code": 80, "organisation": 120, "service": 120, "place": 80, "address": 200, "cost": 80, "hours": 200}
_LENGTHS |= {"directions": 300}
_PHONES = 200
REFUGES = ("gender_based_violence", "counter_trafficking", "child_protection")
"""Topics whose services are confidential unless the file says no."""
_LIST = re.compile(r"\s*[;,|،]\s*")
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), " ")
"""Characters that no text needs; PostgreSQL refuses the first of them."""
_NO = frozenset({"no", "false", "0"})
_YES = frozenset({"yes", "true", "1", "x", "sample"})


class _Bad(ValueError):
    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values


class BadRow(_Bad):
    """A row cannot be used; the text says why, in words for the person who keeps the file.

    `sentence` has placeholders for `values`, so that a page can say it in another language.
    """


class BadFile(_Bad):
    """A file cannot be read as a directory at all; the text says why, as that of a row."""


@dataclass(frozen=True)
class Row:
    """One service at one place, checked."""

    code: str
    organisation: str
    service: str
    topic: str
    place: str
    description: str | None = None
    other_names: tuple[str, ...] = ()
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    phone: str | None = None
    languages: tuple[str, ...] = ()
    for_whom: tuple[str, ...] = ()
    cost: str | None = None
    hours: str | None = None
    directions: str | None = None
    valid_until: date | None = None
    checked_on: date | None = None
    confidential: bool = False
    sample: bool = False


@dataclass
class Reading:
    """What a file holds: usable rows, and (row number in the file, why) for each of the others."""

    rows: list[Row] = field(default_factory=list)
    errors: list[tuple[int, BadRow]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    """Headings of the file that are no column of ours."""


COLUMNS = tuple(column.name for column in fields(Row))


def read(table: Iterable[tuple[int, Mapping[str, Any]]], country: str) -> Reading:
    """Check numbered rows of a file. `country` (ISO 3166-1 alpha-2) completes local phone numbers."""
    found = Reading()
    seen: dict[str, int] = {}
    ignored: dict[str, None] = {}
    for number, cells in table:
        ignored |= dict.fromkeys(name for name in cells if name not in COLUMNS)
        try:
            row = check(cells, country)
        except BadRow as error:
            found.errors.append((number, error))
            continue
        if row.code in seen:
            twice = BadRow("the code '%(value)s' is also in row %(row)s", value=row.code, row=seen[row.code])
            found.errors.append((number, twice))
            continue
        seen[row.code] = number
        found.rows.append(row)
    found.ignored = list(ignored)
    return found


def check(cells: Mapping[str, Any], country: str) -> Row:
    """One row.

    Raises:
        BadRow: with a sentence about the first thing that is wrong.
    """
    text = {name: _plain(cells.get(name)) for name in COLUMNS}
    for name in NEEDED:
        if not text[name]:
            raise BadRow("%(name)s is empty", name=name)
    for name, most in _LENGTHS.items():
        if len(text[name]) > most:
            raise BadRow(
                "%(name)s has %(count)s characters; at most %(most)s fit", name=name, count=len(text[name]), most=most
            )
    return Row(
        code=text["code"] or _code(text["organisation"], text["service"], text["topic"], text["place"]),
        organisation=text["organisation"],
        service=text["service"],
        topic=_one_of(text["topic"].lower().replace(" ", "_"), taxonomy.topics(), "topic"),
        place=text["place"],
        description=text["description"] or None,
        other_names=_list(text["other_names"]),
        address=text["address"] or None,
        latitude=_degrees(text["latitude"], "latitude", 90),
        longitude=_degrees(text["longitude"], "longitude", 180),
        phone=_phones(text["phone"], country),
        languages=tuple(_language(code) for code in _list(text["languages"].lower())),
        for_whom=tuple(_one_of(who, FOR_WHOM, "for_whom") for who in _list(text["for_whom"].lower()) if who != "all"),
        cost=text["cost"] or None,
        hours=_hours(text["hours"]),
        directions=text["directions"] or None,
        valid_until=_day(text["valid_until"], "valid_until"),
        checked_on=_day(text["checked_on"], "checked_on"),
        confidential=_is_confidential(text["confidential"].lower(), text["topic"]),
        sample=text["sample"].lower() in _YES,
    )


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    return " ".join(str(value).translate(_CONTROLS).split())


def _code(*parts: str) -> str:
    """A code of the row's own words, the same at every import; a hash keeps long ones apart."""
    made = "-".join(re.sub(r"[^\w]+", "-", part.lower()).strip("-") for part in parts)
    return made if len(made) <= _LENGTHS["code"] else f"{made[:70]}-{crc32(made.encode()):08x}"


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in _LIST.split(text.strip()) if part))


def _one_of(value: str, allowed: Iterable[str], name: str) -> str:
    known = list(allowed)
    if value in known:
        return value
    near = get_close_matches(value, known, 1)
    if near:
        raise BadRow(
            "%(name)s '%(value)s' is not known; did you mean '%(near)s'?", name=name, value=value, near=near[0]
        )
    raise BadRow(
        "%(name)s '%(value)s' is not known; use one of: %(known)s", name=name, value=value, known=", ".join(known)
    )


def _language(code: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", code):
        raise BadRow("languages: '%(value)s' is not a code of two or three letters such as en, ar, so", value=code)
    return code


def _degrees(text: str, name: str, most: int) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise BadRow("%(name)s '%(value)s' is not a number of degrees such as -1.2833", name=name, value=text) from None
    if not -most <= value <= most:
        raise BadRow(
            "%(name)s %(value)s is outside %(least)s to %(most)s", name=name, value=text, least=-most, most=most
        )
    return value


def _phones(text: str, country: str) -> str | None:
    found = []
    for part in _LIST.split(text) if text else ():
        try:
            number = phonenumbers.parse(part, country)
        except phonenumbers.NumberParseException:
            raise BadRow("phone '%(value)s' is not a phone number", value=part) from None
        short = len(re.sub(r"\D", "", part)) <= 6  # hotlines
        if not short and not phonenumbers.is_possible_number(number):
            raise BadRow("phone '%(value)s' has too few or too many digits", value=part)
        style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        found.append(part if short else phonenumbers.format_number(number, style))
    told = ", ".join(found)
    if len(told) > _PHONES:
        raise BadRow("there are too many phone numbers; give the two or three that are answered")
    return told or None


def _is_confidential(text: str, topic: str) -> bool:
    return text in _YES or (text not in _NO and topic.lower().replace(" ", "_") in REFUGES)


def _hours(text: str) -> str | None:
    if text and not validate(text):
        raise BadRow(
            "hours '%(value)s' cannot be read; write them like Mo-Fr 08:00-16:00; Sa 09:00-12:00, or 24/7", value=text
        )
    return text or None


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadRow("%(name)s '%(value)s' is not a day; write it like 2026-12-31", name=name, value=text) from None
