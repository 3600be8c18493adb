"""The parameters of the interface for tools. What reads one and what describes it are made of the same limits."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from casework import reference
from console.exports.problems import Problem

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""Days outside are taken for these: there is no feedback there."""
CODE = rf"^[{reference.ALPHABET}]{{4,6}}-[{reference.ALPHABET}]$"
GIVEN = r"^[A-Za-z0-9_-]{1,200}$"
_NAME = r"^[^\u0000-\u001f\u007f-\u009f]+$"


@dataclass(frozen=True)
class Parameter:
    """One parameter of an address. `read` gives None for what makes no sense; `usual`: where it is not sent."""

    name: str
    told: str
    schema: dict[str, Any]
    read: Callable[[str], Any]
    usual: Any = None

    @property
    def described(self) -> dict[str, Any]:
        """As OpenAPI has it."""
        usual = (
            {} if self.usual is None else {"default": str(self.usual).lower() if self.usual is False else self.usual}
        )
        return {"name": self.name, "in": "query", "description": self.told, "schema": {**self.schema, **usual}}


def one_of(name: str, told: str, values: Sequence[str], usual: str | None = None) -> Parameter:
    """One of a list."""
    schema = {"type": "string", "enum": list(values)}
    return Parameter(name, told, schema, lambda text: text if text in values else None, usual)


def yes_or_no(name: str, told: str) -> Parameter:
    """`true` or `false`."""
    known = {"true": True, "false": False}
    return Parameter(name, told, {"type": "string", "enum": list(known)}, known.get, False)


def named(name: str, told: str) -> Parameter:
    """A name that staff or the directory gave."""
    schema = {"type": "string", "minLength": 1, "maxLength": 80, "pattern": _NAME}
    good = re.compile(_NAME)
    return Parameter(name, told, schema, lambda text: text if len(text) <= 80 and good.fullmatch(text) else None)


def day(name: str, told: str) -> Parameter:
    """A day of the deployment's time zone."""
    schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    return Parameter(name, told, schema, _day)


def whole(name: str, told: str, least: int, most: int, usual: int) -> Parameter:
    """A whole number."""

    def read(text: str) -> int | None:
        plain = re.fullmatch(r"[0-9]{1,9}", text)
        return int(text) if plain and least <= int(text) <= most else None

    return Parameter(name, told, {"type": "integer", "minimum": least, "maximum": most}, read, usual)


def given_out(name: str, told: str) -> Parameter:
    """What we gave out before."""
    schema = {"type": "string", "pattern": GIVEN}
    return Parameter(name, told, schema, lambda text: text if re.fullmatch(GIVEN, text) else None)


def read(given: MultiDict[str, str], known: Sequence[Parameter]) -> Mapping[str, Any]:
    """The values of a request, those that are not sent as they usually are.

    Raises:
        Problem: 400, naming the parameter that is unknown, sent twice or makes no sense.
    """
    by_name = {parameter.name: parameter for parameter in known}
    found = {parameter.name: parameter.usual for parameter in known}
    for name, values in given.lists():
        if name not in by_name:
            raise Problem(400, f"There is no such parameter. Known are: {', '.join(by_name)}.")
        if len(values) > 1:
            raise Problem(400, "A parameter is sent more than once.", parameter=name)
        value = by_name[name].read(values[0])
        if value is None:
            raise Problem(400, "The value of a parameter makes no sense.", parameter=name)
        found[name] = value
    return found


def _day(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return min(max(date.fromisoformat(text), EARLIEST), LATEST)
    except ValueError:
        return None
