"""How well texts are understood: a table of texts with what they should be read as, against what they are read as.

Columns: `lang` and `text`, and any of `label` (an intent), `categories` (sensitive ones, by commas) with `kind`.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sklearn.metrics import f1_score

from bot.understanding import Understanding
from runtime import taxonomy

ALL = "all"
SHORT = 2
"""Texts of so many words are counted apart where the language is concerned."""
OUT = "out_of_scope"
HARMLESS = ("hard_negative", "ordinary")


class BadTable(ValueError):
    """The file is no table of texts; the text says why."""


@dataclass(frozen=True)
class Reading:
    """One row of the table and what was made of its text."""

    row: dict[str, str]
    said: dict[str, Any]
    likely: tuple[str, ...]

    @property
    def language(self) -> str:
        """The language that the text is in, without its dialect."""
        return self.row["lang"].split("-")[0]

    @property
    def noticed(self) -> bool:
        """True if the service acts or asks softly."""
        return bool(self.said["sensitive"]) or bool(self.said["ask_softly"])


@dataclass
class Table:
    """Figures by line and column, as printed: `rows[line][column]` in 0..1, and how many texts stand behind a line."""

    title: str
    columns: tuple[str, ...]
    rows: dict[str, dict[str, float]] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The table in Markdown."""
        head = [f"| {self.title} | {' | '.join(self.columns)} | texts |", "|---" * (len(self.columns) + 2) + "|"]
        cells = (
            (name, [f"{values[column]:.3f}" if column in values else "" for column in self.columns])
            for name, values in self.rows.items()
        )
        return head + [f"| {name} | {' | '.join(figures)} | {self.texts[name]} |" for name, figures in cells]


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a tab-separated file.

    Raises:
        BadTable: `lang` or `text` is missing.
    """
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or "lang" not in rows[0] or "text" not in rows[0]:
        raise BadTable(f"{path.name} has no columns lang and text, parted by tabs")
    return [{key: value or "" for key, value in row.items() if key} for row in rows]


def read_all(understanding: Understanding, rows: Iterable[dict[str, str]]) -> list[Reading]:
    """Read every text as the service would, without knowing who wrote it."""
    found = []
    for row in rows:
        said, ranking = understanding.assess(row["text"])
        found.append(Reading(row, said, tuple(dict.fromkeys([said["intent"], *ranking]))[:3]))
    return found


def languages(readings: list[Reading]) -> Table:
    """Is the language recognised? Short texts apart; is a language that is not served taken for a served one?"""
    table = Table("language", ("three words or more", "one or two words", "not taken for a served one"))
    served = [r for r in readings if r.language in taxonomy.languages()]
    for name, group in _by(served, lambda r: r.language):
        for column, chosen in (
            ("three words or more", [r for r in group if len(r.row["text"].split()) > SHORT]),
            ("one or two words", [r for r in group if len(r.row["text"].split()) <= SHORT]),
        ):
            _put(table, name, column, [r.said["language"] == r.language for r in chosen])
        table.texts[name] = len(group)
    foreign = [r for r in readings if r.language not in taxonomy.languages()]
    if foreign:
        _put(table, "not served", "not taken for a served one", [_is_foreign(r) for r in foreign])
        table.texts["not served"] = len(foreign)
    return table


def _is_foreign(reading: Reading) -> bool:
    return reading.said["language"] not in taxonomy.languages()


def intents(readings: list[Reading]) -> Table:
    """Is the intent right; among the three likeliest; what is out of scope told; what is in scope refused."""
    table = Table("intent", ("right", "macro F1", "among three", "out of scope told", "in scope refused"))
    for name, group in _by([r for r in readings if r.row.get("label")], lambda r: r.language):
        labels, said = [r.row["label"] for r in group], [r.said["intent"] for r in group]
        _put(table, name, "right", [a == b for a, b in zip(labels, said, strict=True)])
        score = f1_score(labels, said, average="macro", labels=sorted(set(labels)), zero_division=0)
        table.rows[name]["macro F1"] = float(score)
        _put(table, name, "among three", [r.row["label"] in r.likely for r in group])
        _put(table, name, "out of scope told", [r.said["intent"] == OUT for r in group if r.row["label"] == OUT])
        _put(table, name, "in scope refused", [r.said["intent"] == OUT for r in group if r.row["label"] != OUT])
        table.texts[name] = len(group)
    return table


def sensitive(readings: list[Reading]) -> list[Table]:
    """By kind of text: is it acted on, is it acted on or asked about; a table for each kind."""
    judged = [r for r in readings if "categories" in r.row]
    tables = []
    for kind, group in _by(judged, lambda r: r.row.get("kind") or ("direct" if r.row["categories"] else "ordinary")):
        if kind == ALL:
            continue
        table = Table(kind.replace("_", " "), ("acted on", "acted on or asked"))
        for name, part in _by(group, lambda r: r.language):
            _put(table, name, "acted on", [bool(r.said["sensitive"]) for r in part])
            _put(table, name, "acted on or asked", [r.noticed for r in part])
            table.texts[name] = len(part)
        tables.append(table)
    return tables


def categories(readings: list[Reading]) -> Table:
    """By category: are its disclosures noticed; is it named where acted on, and where it should not be?"""
    table = Table("category", ("noticed", "named if acted on", "named wrongly"))
    judged = [r for r in readings if "categories" in r.row]
    for name in taxonomy.sensitive_categories():
        own = [r for r in judged if name in r.row["categories"].split(",")]
        if not own:
            continue
        _put(table, name, "noticed", [r.noticed for r in own])
        _put(table, name, "named if acted on", [name in _named(r) for r in own if r.said["sensitive"]])
        _put(table, name, "named wrongly", [name in _named(r) for r in judged if r not in own])
        table.texts[name] = len(own)
    return table


def _named(reading: Reading) -> list[str]:
    return [item["category"] for item in reading.said["sensitive"]]


def confusions(readings: list[Reading], most: int = 20) -> list[tuple[str, str, int]]:
    """Which intent is taken for which, most frequent first."""
    wrong = [r for r in readings if r.row.get("label") and r.row["label"] != r.said["intent"]]
    pairs = Counter((r.row["label"], r.said["intent"]) for r in wrong)
    return [(label, said, number) for (label, said), number in pairs.most_common(most)]


def worst(readings: list[Reading], most: int = 20) -> list[str]:
    """The errors that matter most: missed disclosures, harmless texts acted on, then intents wrong with confidence."""
    missed = [r for r in readings if r.row.get("categories") and not r.noticed]
    alarmed = [r for r in readings if r.row.get("kind") in HARMLESS and r.said["sensitive"]]
    wrong = [r for r in readings if r.row.get("label") and r.row["label"] != r.said["intent"]]
    wrong.sort(key=lambda r: -r.said["confidence"])
    told = [f"missed ({r.row['categories']}) [{r.language}] {r.row['text']}" for r in missed]
    told += [f"acted on wrongly ({','.join(_named(r))}) [{r.language}] {r.row['text']}" for r in alarmed]
    told += [f"{r.row['label']} read as {r.said['intent']} [{r.language}] {r.row['text']}" for r in wrong]
    return told[:most]


def report(readings: list[Reading]) -> list[str]:
    """Everything that the table's columns allow, as lines of Markdown."""
    tables = [languages(readings), intents(readings), *sensitive(readings), categories(readings)]
    lines = [line for table in tables if table.rows for line in (*table.lines(), "")]
    if pairs := confusions(readings):
        lines += ["Taken for another:", *(f"{number:4} {label} -> {said}" for label, said, number in pairs), ""]
    if errors := worst(readings):
        lines += ["The errors that matter most:", *(f"  {error}" for error in errors)]
    return lines


def _by(readings: list[Reading], key: Callable[[Reading], str]) -> list[tuple[str, list[Reading]]]:
    groups: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        groups[key(reading)].append(reading)
    order = [*taxonomy.languages(), "direct", "indirect", "hard_negative", "ordinary"]
    named = sorted(groups.items(), key=lambda item: (order.index(item[0]) if item[0] in order else 99, item[0]))
    return [*named, (ALL, readings)] if len(groups) > 1 else named


def _put(table: Table, line: str, column: str, hits: list[bool]) -> None:
    values = table.rows.setdefault(line, {})
    if hits:
        values[column] = sum(hits) / len(hits)
