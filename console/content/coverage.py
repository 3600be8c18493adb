"""docs/coverage.md: every theme and right of the seeds, the topics that answer it, and in which languages."""

from __future__ import annotations

from functools import lru_cache

import yaml

from runtime import pages, taxonomy
from runtime.settings import ROOT

SOURCE = ROOT / "data" / "coverage.yml"
TARGET = ROOT / "docs" / "coverage.md"


@lru_cache(maxsize=1)
def promised() -> dict[str, dict[str, list[str]]]:
    """Group of promises to promise to topics (data/coverage.yml)."""
    data: dict[str, dict[str, list[str]]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return data


def text() -> str:
    """The page in Markdown."""
    lines = [
        "# What the seeds promise, and where it is answered",
        "",
        "Written by `sawti content coverage` from data/coverage.yml; `make test` fails when it is not current.",
    ]
    for group, promises in promised().items():
        lines += ["", f"## {group[0].upper()}{group[1:]}", "", "| theme | topics | languages |", "|---|---|---|"]
        lines += [
            f"| {name} | {', '.join(topics)} | {_languages(topics)} |" for name, topics in promises.items()
        ]  # fmt: skip
    named = {topic for promises in promised().values() for topics in promises.values() for topic in topics}
    rest = [topic for topic in taxonomy.topics() if topic not in named]
    if rest:
        lines += ["", f"Topics beyond the seeds: {', '.join(rest)}."]
    return "\n".join(lines) + "\n"


def _languages(topics: list[str]) -> str:
    """Languages in which every one of the topics has a page."""
    there = [code for code in taxonomy.languages() if all(pages.page(topic, code) for topic in topics)]
    return "all twelve" if len(there) == len(taxonomy.languages()) else ", ".join(there)


def write() -> str:
    """Write the page; where it is."""
    TARGET.write_text(text(), encoding="utf-8")
    return str(TARGET.relative_to(ROOT))
