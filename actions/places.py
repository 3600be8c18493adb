"""Where to go: services of the directory, told in a few lines, and the place that a person names or shares."""

from __future__ import annotations

import re
from collections.abc import Collection

from actions.turn import Turn
from directory import search
from directory.search import Found
from runtime import taxonomy
from runtime.words import sentence
from store.database import now

LOCATING = frozenset({"where", "nearest", "open_now"})
"""Cues (bot/follow_ups.yml) that ask for a place to go to."""
_WANTED = {"women": "women", "child": "children", "disability": "disability"}
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_ALWAYS = ("24/7", "00:00-24:00", "Mo-Su 00:00-24:00")
_DAY = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)\b")
SHOWN = {"sms": 1, "whatsapp": 2}
KNOWN_SHOWN = 5


def settle(turn: Turn, awaited: bool = False) -> tuple[str | None, search.Position | None]:
    """Where the person is: said or shared now (then it is remembered), or remembered from before."""
    if turn.extras.location:
        near = search.nearest_place(turn.extras.location)
        turn.contact.place = near or turn.contact.place
        return near, turn.extras.location
    named = (search.place_told(turn.text) if awaited else None) or search.place_named(turn.text)
    if named is not None:
        turn.contact.place = named
    return named or turn.contact.place, None


def services(turn: Turn, topic: str, cues: Collection[str], awaited: bool = False) -> list[str] | None:
    """Lines about services on a topic near the person; None where the place is not known; empty if there is none.

    `awaited`: the person was asked for the place.
    """
    place, position = settle(turn, awaited)
    if place is None and position is None:
        return None
    wanted = [who for cue, who in _WANTED.items() if cue in cues]
    open_only = "open_now" in cues
    most = SHOWN["whatsapp" if turn.contact.channel == "whatsapp" else "sms"]
    found = search.find(topic, place, position, wanted, open_only, now(), most)
    lines = []
    if not found and open_only:
        found = search.find(topic, place, position, wanted, False, now(), most)
        lines += [sentence("none_open", turn.language)] if found else []
    elsewhere = found and place and position is None and all(item.place != place for item in found)
    if elsewhere:
        lines.append(sentence("service_elsewhere", turn.language, place=place, other=found[0].place))
    return lines + [describe(item, turn.language) for item in found]


def describe(found: Found, language: str | None) -> str:
    """One service: what, where, when, and what to know before going."""
    service = found.service
    # of a refuge only the town and the telephone are told: who asks may be the one whom others hide from
    where = ", ".join(part for part in (None if service.confidential else service.address, found.place) if part)
    said = [f"{service.name} ({service.organisation}), {where}."]
    if found.km is not None and found.km >= 1 and not service.confidential:
        said.append(sentence("service_km", language, km=round(found.km)) + ".")
    if service.hours:
        said.append(sentence("service_hours", language, hours=hours(service.hours, language)) + ".")
    if found.is_open is not None:
        said.append(sentence("service_open" if found.is_open else "service_closed", language))
    if service.phone:
        said.append(sentence("service_phone", language, phone=service.phone) + ".")
    if service.cost:
        free = service.cost.strip().lower() == "free"
        said.append(
            sentence("service_free", language) if free else sentence("service_cost", language, cost=service.cost)
        )
    names = [f"service_{who}" for who in service.for_whom if who != "men"]
    said += [sentence(name, language) for name in names]
    if service.languages:
        known = taxonomy.languages()
        spoken = ", ".join(known.get(code, code) for code in service.languages)
        said.append(sentence("service_speaks", language, languages=spoken) + ".")
    if service.directions and not service.confidential:
        said.append(service.directions.rstrip(".") + ".")
    if found.is_old:
        checked = service.checked_on or service.valid_until
        said.append(sentence("service_old", language, date=checked.isoformat() if checked else "?"))
    if service.sample:
        said.append(sentence("service_sample", language))
    return " ".join(said)


def hours(text: str, language: str | None) -> str:
    """OpenStreetMap's hours with the language's names of days."""
    if text.strip() in _ALWAYS:
        return sentence("service_all_day", language)
    names = dict(zip(_DAYS, sentence("days", language).split(), strict=True))
    return _DAY.sub(lambda match: names.get(match[1], match[1]), text)
