"""The invented texts of data/demonstration, as they stand there."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from runtime.settings import ROOT

FOLDER = ROOT / "data" / "demonstration"


@dataclass(frozen=True)
class Matter:
    """What texts are about. `grouped`: many tell the same; `rises`: mostly in the last days."""

    name: str
    types: tuple[str, ...]
    topic: str | None
    place: str | None = None
    grouped: bool = False
    rises: bool = False
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """One text; what staff answered and what was done, in its language. `waits`: days that nobody answers it;
    `spoken`: its own language, where that is one that is not served."""

    matter: Matter
    language: str
    text: str
    answer: str | None = None
    outcome: str | None = None
    waits: int | None = None
    spoken: str | None = None


@lru_cache(maxsize=1)
def matters() -> dict[str, Matter]:
    """By name."""
    notes = _read("desk.yml")["notes"]
    return {
        name: Matter(name, notes=tuple(notes.get(name, ())), **{key: _frozen(value) for key, value in given.items()})
        for name, given in _read("matters.yml").items()
    }


def samples(language: str) -> list[Sample]:
    """All texts of a language; none where it has no file."""
    found = []
    for name, told in _told(language).items():
        common = (told.get("answer"), told.get("outcome"))
        found += [Sample(matters()[name], language, text, *common) for text in told["texts"]]
        found += [
            Sample(matters()[name], language, text, *common, days) for days, text in told.get("waits", {}).items()
        ]
    return found


def not_understood(language: str) -> list[str]:
    """What the assistant could make nothing of."""
    path = _file(language)
    return list(_read(path.name)["not_understood"]) if path.exists() else []


def unserved(language: str) -> list[Sample]:
    """Texts in languages that the service does not read, each a question to people; answered to in `language`."""
    desk = _read("desk.yml")
    matter = Matter("unserved", ("question",), None, notes=tuple(desk["notes"]["unserved"]))
    return [
        Sample(matter, language, text, waits=days, spoken=spoken)
        for days, (spoken, text) in enumerate(desk["unserved"].items())
    ]


def _told(language: str) -> dict[str, Any]:
    path = _file(language)
    return dict(_read(path.name)["told"]) if path.exists() else {}


def _file(language: str) -> Path:
    return FOLDER / f"feedback.{language}.yml"


@lru_cache(maxsize=32)
def _read(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
