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
_NO = frozenset({"no", "false", "0"})
_YES = frozenset({"yes", "true", "1", "x", "sample"})


class BadRow(ValueError):
    """A row cannot be used; the text says why, in words for the person who keeps the file."""


class BadFile(ValueError):
    """A file cannot be read as a directory at all; the text says why."""


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
    """What a file holds: usable rows, and (row number in the file, sentence) for each of the others."""

    rows: list[Row] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    """Headings of the file that are no column of ours."""


COLUMNS = tuple(column.name for column in fields(Row))


def read(table: Iterable[tuple[int, Mapping[str, Any]]], country: str) -> Reading:
    """Check numbered rows of a file. `country` (ISO 3166-1 alpha-2) completes local phone numbers."""
    found = Reading()
    seen: dict[str, int] = {}
    for number, cells in table:
        found.ignored += [name for name in cells if name not in COLUMNS and name not in found.ignored]
        try:
            row = check(cells, country)
        except BadRow as error:
            found.errors.append((number, str(error)))
            continue
        if row.code in seen:
            found.errors.append((number, f"the code {row.code!r} is also in row {seen[row.code]}"))
            continue
        seen[row.code] = number
        found.rows.append(row)
    return found


def check(cells: Mapping[str, Any], country: str) -> Row:
    """One row.

    Raises:
        BadRow: with a sentence about the first thing that is wrong.
    """
    text = {name: _plain(cells.get(name)) for name in COLUMNS}
    for name in NEEDED:
        if not text[name]:
            raise BadRow(f"{name} is empty")
    for name, most in _LENGTHS.items():
        if len(text[name]) > most:
            raise BadRow(f"{name} has {len(text[name])} characters; at most {most} fit")
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
    return " ".join(str(value).split())


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
    hint = f"; did you mean {near[0]!r}?" if near else f"; use one of: {', '.join(known)}"
    raise BadRow(f"{name} {value!r} is not known{hint}")


def _language(code: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", code):
        raise BadRow(f"languages: {code!r} is not a code of two or three letters such as en, ar, so")
    return code


def _degrees(text: str, name: str, most: int) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise BadRow(f"{name} {text!r} is not a number of degrees such as -1.2833") from None
    if not -most <= value <= most:
        raise BadRow(f"{name} {text} is outside {-most} to {most}")
    return value


def _phones(text: str, country: str) -> str | None:
    found = []
    for part in _LIST.split(text) if text else ():
        try:
            number = phonenumbers.parse(part, country)
        except phonenumbers.NumberParseException:
            raise BadRow(f"phone {part!r} is not a phone number") from None
        short = len(re.sub(r"\D", "", part)) <= 6  # hotlines
        if not short and not phonenumbers.is_possible_number(number):
            raise BadRow(f"phone {part!r} has too few or too many digits")
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
        raise BadRow(f"hours {text!r} cannot be read; write them like Mo-Fr 08:00-16:00; Sa 09:00-12:00, or 24/7")
    return text or None


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadRow(f"{name} {text!r} is not a day; write it like 2026-12-31") from None
