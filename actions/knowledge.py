"""The answers: data/knowledge/<topic>/<language>.md."""

import re
from dataclasses import dataclass
from functools import lru_cache

import yaml

from runtime.settings import ROOT

FOLDER = ROOT / "data" / "knowledge"
PARTS = ("short", "more", "steps", "rights")
_FORM = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_PART = re.compile(r"^## +(\w+) *\n", re.MULTILINE)


class BadPage(ValueError):
    """A page is not as it should be; the text says which and why."""


@dataclass(frozen=True)
class Page:
    """One answer in one language. `parts` has short, more, steps and rights."""

    topic: str
    language: str
    title: str
    parts: dict[str, str]
    next: tuple[str, ...]


@lru_cache(maxsize=1024)
def page(topic: str, language: str) -> Page | None:
    """The page, or None if there is none in this language."""
    path = FOLDER / topic / f"{language}.md"
    return parse(path.read_text(encoding="utf-8"), f"{topic}/{language}.md") if path.exists() else None


@lru_cache(maxsize=1)
def topics() -> tuple[str, ...]:
    """Topics that have pages."""
    return tuple(sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir()))


def parse(text: str, name: str) -> Page:
    """Read a page.

    Raises:
        BadPage: front matter or a part is missing.
    """
    form = _FORM.match(text)
    if form is None:
        raise BadPage(f"{name}: no front matter between two lines of ---")
    front = yaml.safe_load(form["front"])
    pieces = _PART.split(form["body"])
    parts = {title: body.strip() for title, body in zip(pieces[1::2], pieces[2::2], strict=True)}
    missing = [part for part in PARTS if not parts.get(part)]
    if missing:
        raise BadPage(f"{name}: the part {missing[0]!r} is missing")
    for key in ("topic", "language", "title"):
        if not front.get(key):
            raise BadPage(f"{name}: {key} is missing in the front matter")
    return Page(front["topic"], front["language"], front["title"], parts, tuple(front.get("next") or ()))
