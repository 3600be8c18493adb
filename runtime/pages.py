"""The answers as they stand in files: data/knowledge/<topic>/<language>.md."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from runtime.settings import ROOT

FOLDER = ROOT / "data" / "knowledge"
PARTS = ("short", "more", "steps", "rights")
SOURCE = "en"
TITLE = 24
"""Characters of a WhatsApp menu choice."""
LONGEST = {"more": 900, "steps": 560, "rights": 560}
"""Characters of a part."""
PORTIONS = {"sms": (("short",), ("more",), ("steps", "rights")), "whatsapp": (("more", "steps"), ("rights",))}
"""Which parts are told together, by channel: first answer, then each time that a person asks for more."""
EMERGENCY = "emergency number"
"""Where the English page has these words, the number itself is told."""
GSM_LANGUAGES = ("en", "fr", "es", "pt", "sw", "so", "ht")
"""Written in letters that an SMS carries cheaply, if some accents are avoided (GSM 03.38)."""
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
    review: str = "machine"
    """`machine`, or `human` once a person has checked it."""
    sources: tuple[str, ...] = ()
    of: str | None = None
    """State of the English page that this was translated from; None for English itself."""

    @property
    def state(self) -> str:
        """Changes with every word of the page."""
        words = "\n".join([self.title, *(self.parts[part] for part in PARTS)])
        return hashlib.sha256(words.encode()).hexdigest()[:8]


def told(found: Page, parts: tuple[str, ...], channel: str) -> str:
    """The words of one portion, as a person reads them; WhatsApp's first one under its title."""
    words = "\n\n".join(found.parts[part] for part in parts)
    return f"*{found.title}*\n{words}" if channel == "whatsapp" and parts[0] == "more" else words


def tells_emergency_number(topic: str, parts: tuple[str, ...]) -> bool:
    """True if the emergency number is told below these parts."""
    source = page(topic, SOURCE)
    return source is not None and any(EMERGENCY in source.parts[part] for part in parts)


def most_segments(language: str) -> int:
    """SMS segments that a short answer may take."""
    return 2 if language in GSM_LANGUAGES else 4


def path(topic: str, language: str) -> Path:
    """Where the page is, or would be."""
    return FOLDER / topic / f"{language}.md"


@lru_cache(maxsize=1024)
def page(topic: str, language: str) -> Page | None:
    """The page, or None if there is none in this language."""
    where = path(topic, language)
    return parse(where.read_text(encoding="utf-8"), f"{topic}/{language}.md") if where.exists() else None


def parse(text: str, name: str) -> Page:
    """Read a page.

    Raises:
        BadPage: front matter or a part is missing.
    """
    form = _FORM.match(text)
    if form is None:
        raise BadPage(f"{name}: no front matter between two lines of ---")
    try:
        front = yaml.safe_load(form["front"])
    except yaml.YAMLError:
        raise BadPage(f"{name}: the front matter is not valid YAML") from None
    if not isinstance(front, dict):
        raise BadPage(f"{name}: the front matter is empty")
    pieces = _PART.split(form["body"])
    parts = {title: body.strip() for title, body in zip(pieces[1::2], pieces[2::2], strict=True)}
    missing = [part for part in PARTS if not parts.get(part)]
    if missing:
        raise BadPage(f"{name}: the part {missing[0]!r} is missing")
    for key in ("topic", "language", "title"):
        if not front.get(key):
            raise BadPage(f"{name}: {key} is missing in the front matter")
    return Page(
        front["topic"],
        front["language"],
        str(front["title"]),
        parts,
        tuple(front.get("next") or ()),
        str(front.get("review") or "machine"),
        tuple(map(str, front.get("sources") or ())),
        str(front["of"]) if front.get("of") else None,
    )


def write(made: Page, date: str, reviewer: str = "") -> None:
    """Put a page into its file."""
    sources = yaml.safe_dump(list(made.sources), allow_unicode=True, width=1000, default_style='"').strip()
    front = [
        f"topic: {made.topic}",
        f"language: {made.language}",
        f"title: {yaml.safe_dump(made.title, allow_unicode=True, width=1000).removesuffix('...' + chr(10)).strip()}",
        f"review: {made.review}",
        f"reviewer: {reviewer}".rstrip(),
        f"date: {date}",
        *([f'of: "{made.of}"'] if made.of else []),
        "sources:",
        *(f"  {line}" for line in sources.splitlines()),
        f"next: [{', '.join(made.next)}]",
    ]
    body = "\n".join(f"## {part}\n{made.parts[part]}" for part in PARTS)
    where = path(made.topic, made.language)
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text("\n".join(["---", *front, "---", body, ""]), encoding="utf-8")
    page.cache_clear()
