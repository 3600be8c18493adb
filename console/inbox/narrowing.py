"""What a reader of the list asked for, read from the address once: filters, order, and how each is taken off again."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from casework.filters import NOBODY, Filters
from console import asked, labels, words
from console.words import gettext, mark
from runtime.deployment import deployment
from store.database import now

OPEN, ALL, ME, OLDEST, YES = "open", "all", "me", "oldest", "1"
AGES = {"1": mark("Today"), "7": mark("The last 7 days"), "30": mark("The last 30 days")}
"""Days back, today among them."""
OLDER = {
    "over7": mark("More than 7 days ago"),
    "over14": mark("More than 14 days ago"),
    "over30": mark("More than 30 days ago"),
}
"""Before so many days back, today among them: what is left of the backlog."""
CAME = AGES | OLDER
CHIPS = {
    "q": mark("Words: %(value)s"),
    "type": mark("Type: %(value)s"),
    "state": mark("State: %(value)s"),
    "topic": mark("Topic: %(value)s"),
    "place": mark("Place: %(value)s"),
    "language": mark("Language: %(value)s"),
    "channel": mark("Channel: %(value)s"),
    "age": mark("Came: %(value)s"),
    "since": mark("From %(value)s"),
    "until": mark("Until %(value)s"),
    "assignee": mark("With: %(value)s"),
    "label": mark("Label: %(value)s"),
    "late": mark("Overdue"),
    "mark": mark("Did not help"),
    "live": mark("Waits live"),
    "group": mark("Told alike: group %(value)s"),
}
"""Every parameter that narrows the list, and how it is shown."""
OURS = {"age": CAME.keys(), "live": {YES}}
"""Those that casework's filters do not know, with their values; a group's id is the third."""


@dataclass(frozen=True)
class Asked:
    """The list that is asked for. `parameters`: those of the address that narrow it, in the order of CHIPS."""

    filters: Filters
    parameters: dict[str, str]
    oldest_first: bool = False
    odd: tuple[str, ...] = ()
    """Names of parameters that made no sense: they narrow nothing."""

    @property
    def address(self) -> dict[str, Any]:
        """For `url_for`: filters and order."""
        return {**self.parameters, **({"order": OLDEST} if self.oldest_first else {})}

    @property
    def exported(self) -> dict[str, str]:
        """For the form of the exports: all that narrows the list, an age as its days; no days are all days."""
        days = {name: day for name, day in self.filters.to_query().items() if name in ("since", "until")}
        kept = {name: value for name, value in self.parameters.items() if name != "age"}
        return {"state": OPEN, "period": "between", **kept, **days}

    @property
    def is_live(self) -> bool:
        """Only those who wait for people now."""
        return "live" in self.parameters

    @property
    def group(self) -> int | None:
        """Only what this group tells."""
        return asked.number(self.parameters.get("group"))


@dataclass(frozen=True)
class Chip:
    """One filter as it is shown, and the parameters of the list without it."""

    words: str
    without: dict[str, str]


def of(given: Mapping[str, str], me: str, at: datetime | None = None) -> Asked:
    """Read the parameters of an address or of a saved view, for the person with the login `me`."""
    told = {name: plain(given.get(name, "")) for name in CHIPS}
    told = {name: value for name, value in told.items() if value}
    odd = [name for name, known in OURS.items() if told.get(name, "") not in {"", *known}]
    odd += ["group"] if "group" in told and asked.number(told["group"]) is None else []
    odd += ["order"] if given.get("order", "") not in {"", OLDEST} else []
    odd += ["before"] if given.get("before") and asked.number(given["before"]) is None else []
    theirs = {**told, "assignee": me} if told.get("assignee") == ME else told
    filters = Filters.of(theirs)
    odd += filters.odd
    kept = {name: value for name, value in told.items() if name not in odd and value != "0"}
    if filters.state == OPEN:
        kept.pop("state", None)  # it goes without saying
    if "age" in kept:
        filters = _came(filters, kept["age"], (at or now()).astimezone(ZoneInfo(deployment().time_zone)).date())
    return Asked(filters, kept, given.get("order") == OLDEST, tuple(odd))


def _came(filters: Filters, age: str, today: date) -> Filters:
    """Narrowed by age: a day that was given as `since` goes before it, of two last days the earlier holds."""
    if age in OLDER:
        last = today - timedelta(days=int(age.removeprefix("over")))
        return replace(filters, until=min(last, filters.until or last))
    return filters if filters.since else replace(filters, since=today - timedelta(days=int(age) - 1))


def chips(wanted: Asked, names: Mapping[str, str]) -> Iterator[Chip]:
    """What narrows the list. `names`: those of colleagues by login."""
    for name, value in wanted.parameters.items():
        without = {key: other for key, other in wanted.address.items() if key != name}
        sentence = gettext(CHIPS[name])
        yield Chip(sentence % {"value": said(name, value, names)} if "%" in sentence else sentence, without)


def said(name: str, value: str, names: Mapping[str, str]) -> str:
    """The value of a filter as the reader calls it."""
    match name:
        case "type":
            return labels.of_type(value)
        case "state":
            return gettext("All") if value == ALL else labels.of_state(value)
        case "topic":
            return labels.of_topic(value)
        case "language":
            return words.of_language(value)
        case "channel":
            return labels.of_channel(value)
        case "age":
            return gettext(CAME[value])
        case "assignee":
            return {ME: gettext("me"), NOBODY: gettext("nobody")}.get(value) or names.get(value, value)
        case _:
            return value


def plain(text: str) -> str:
    """Without what no eye sees: a database refuses some of it, and nobody searches for it."""
    seen = (" " if unicodedata.category(letter).startswith("C") else letter for letter in text[:500])
    return " ".join("".join(seen).split())
