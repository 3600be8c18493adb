"""Learning from use: what the assistant was unsure of leaves as lines to label, and comes back as training texts.

Only words of contacts who agreed, and only messages that were flagged (unsure, not understood, corrected by a choice
from "did you mean"); never anything that was sealed into a report. Numbers, addresses and codes are taken out; names
of people are not, so a person must read every line before it is labelled.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sqlalchemy import select, update

from casework.stripping import stripped
from messaging import contacts
from messaging.models import Contact, Message, MessageFlag
from runtime import taxonomy, training_texts
from store.database import now, reading, transaction

COLUMNS = ("label", "lang", "guess", "confidence", "text")
FLAGS = ("corrected", "unsure", "not_understood")
FILE = "from_use.yml"
_MARKUP = re.compile(r"\][(\[{]")
"""What Rasa would read as the mark of an entity."""


class BadLine(ValueError):
    """A line of the table cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Imported:
    """How many lines became training texts, had no label yet, or were known."""

    added: int
    unlabelled: int
    known: int


def agree(provider: str, channel: str, address: str, agrees: bool) -> bool:
    """Record that a contact agreed, or no longer does. False if nobody has this address."""
    with transaction() as session:
        contact = contacts.find(session, provider, channel, address)
        if contact is None:
            return False
        at = now() if agrees else None
        session.execute(update(Contact).where(Contact.id == contact.id).values(learning_agreed_at=at))
    return True


def write(file: TextIO, most: int) -> int:
    """Write the corrected and the least certain messages as lines to label. Returns how many."""
    with reading() as session:
        found = session.execute(
            select(MessageFlag, Message.body, Contact.language)
            .join(Message, Message.id == MessageFlag.message_id)
            .join(Contact, Contact.id == Message.contact_id)
            .where(MessageFlag.name.in_(FLAGS), Message.body.is_not(None), Contact.learning_agreed_at.is_not(None))
            .order_by(MessageFlag.id.desc())
            .limit(10 * most)
        ).all()
    lines: dict[str, tuple[float, dict[str, str]]] = {}
    for flag, body, language in found:
        detail = flag.detail or {}
        corrected = flag.name == "corrected"
        certain = -1.0 if corrected else float(detail.get("confidence", 0.0))
        line = {
            "label": str(detail.get("intent", "")) if corrected else "",
            "lang": language or "",
            "guess": str(detail.get("intent", "")),
            "confidence": "" if corrected else f"{certain:.2f}",
            "text": stripped(body),
        }
        if line["text"] and (line["text"] not in lines or corrected):
            lines[line["text"]] = (certain, line)
    chosen = sorted(lines.values(), key=lambda pair: pair[0])[:most]
    writer = csv.DictWriter(file, COLUMNS, delimiter="\t", quoting=csv.QUOTE_NONE, escapechar="\\", lineterminator="\n")
    writer.writeheader()
    writer.writerows(line for _, line in chosen)
    return len(chosen)


def take(file: TextIO, folder: Path = training_texts.FOLDER) -> Imported:
    """Add the labelled lines to data/nlu/<language>/from_use.yml. All or none.

    Raises:
        BadLine: an unknown label or language, or a text that cannot stand in a training file.
    """
    added: dict[str, dict[str, list[str]]] = {}
    counts: Counter[str] = Counter()
    known = {language: _known(folder, language) for language in taxonomy.languages()}
    for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, escapechar="\\"), 2):
        label, language = (row.get("label") or "").strip(), (row.get("lang") or "").strip()
        text = stripped(row.get("text") or "")
        if not label or not text:
            counts["unlabelled"] += 1
            continue
        if label not in taxonomy.intents():
            raise BadLine(f"line {number}: {label!r} is not an intent of data/taxonomy.yml")
        if language not in taxonomy.languages():
            raise BadLine(f"line {number}: {language!r} is not a served language")
        if text.startswith("/") or _MARKUP.search(text):
            raise BadLine(f"line {number}: no slash at the beginning, no brackets right after square ones")
        if text.lower() in known[language]:
            counts["known"] += 1
            continue
        known[language].add(text.lower())
        added.setdefault(language, {}).setdefault(label, []).append(text)
        counts["added"] += 1
    paths = {language: folder / language / FILE for language in added}
    for path, text in [(path, _with(path, added[language])) for language, path in paths.items()]:
        _replace(path, text)
    return Imported(counts["added"], counts["unlabelled"], counts["known"])


def _known(folder: Path, language: str) -> set[str]:
    found = (training_texts.read(path) for path in training_texts.files(language, folder))
    return {text.lower() for blocks in found for _, examples in blocks for text in examples}


def _with(path: Path, added: dict[str, list[str]]) -> str:
    """What the file holds once the texts are added to their intents."""
    kept = dict(training_texts.read(path))
    for intent, examples in added.items():
        kept.setdefault(intent, []).extend(examples)
    lines = ['version: "3.1"', "nlu:"]
    for intent, examples in kept.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in examples)]
    return "\n".join(lines) + "\n"


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".writing")
    written.write_text(text, encoding="utf-8")
    written.replace(path)
