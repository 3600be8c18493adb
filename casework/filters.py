"""What staff look for in feedback, as it stands in the address of a page or in a saved view."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from casework import states, word_forms
from runtime import taxonomy

NOBODY = "nobody"
CHANNELS = ("sms", "whatsapp")
_LONGEST = 80
"""Letters of a place, a login or a label."""
_YEARS = range(2000, 2200)


@dataclass(frozen=True)
class Filters:
    """What is looked for. Nothing set: all that is open."""

    kind: str | None = None
    """One of its types."""
    topic: str | None = None
    place: str | None = None
    language: str | None = None
    channel: str | None = None
    state: str = "open"
    """A state, "open" for all in which somebody has to act, or "all"."""
    late: bool = False
    assignee: str | None = None
    """A login, or "nobody"."""
    label: str | None = None
    since: date | None = None
    until: date | None = None
    """Days in the deployment's time zone; `until` is the last one."""
    mark: bool = False
    """The person said that it did not help."""
    words: str | None = None
    """Words that it holds, or its code, as staff typed them."""
    odd: tuple[str, ...] = field(default=(), compare=False)
    """Names of parameters that made no sense: they filter nothing."""

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "Filters":
        """Read from the parameters of an address, whatever stands in them."""
        read: dict[str, Any] = {}
        odd = []
        for name, (attribute, parse) in _PARAMETERS.items():
            text = str(parameters.get(name) or "").strip()
            value = parse(text) if text else None
            if value is not None:
                read[attribute] = value
            elif text:
                odd.append(name)
        return cls(**read, odd=tuple(odd))

    def to_query(self) -> dict[str, str]:
        """The parameters from which `of` reads the same."""
        values = {name: getattr(self, attribute) for name, (attribute, _) in _PARAMETERS.items()}
        return {
            name: "1" if value is True else str(value)
            for name, value in values.items()
            if value != _UNSET[_PARAMETERS[name][0]]
        }


def _one_of(known: Callable[[], object]) -> Callable[[str], str | None]:
    return lambda text: text if text in known() else None  # type: ignore[operator]


def _name(text: str) -> str | None:
    return text if text.isprintable() and len(text) <= _LONGEST else None


def _yes(text: str) -> bool | None:
    return {"1": True, "0": False}.get(text)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def _words(text: str) -> str | None:
    """As typed, if there is a word in it."""
    if len(text) > word_forms.LONGEST_QUERY or not text.isprintable():
        return None
    return text if word_forms.sought(text) else None


_PARAMETERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "type": ("kind", _one_of(taxonomy.feedback_types)),
    "topic": ("topic", _one_of(taxonomy.topics)),
    "place": ("place", _name),
    "language": ("language", _one_of(taxonomy.languages)),
    "channel": ("channel", _one_of(lambda: CHANNELS)),
    "state": ("state", _one_of(lambda: ("open", "all", *states.MOVES))),
    "late": ("late", _yes),
    "assignee": ("assignee", _name),
    "label": ("label", _name),
    "since": ("since", _day),
    "until": ("until", _day),
    "mark": ("mark", _yes),
    "q": ("words", _words),
}
"""Of an address: the attribute that each sets, and what reads it (None: it makes no sense)."""
_UNSET = {one.name: one.default for one in fields(Filters)}
