"""Understanding, measured on the development sets in tests/understanding/, which no training text was copied from.

    .venv/bin/python -m bench.understanding

Prints, per language: intents (right, and among the three likeliest), and sensitive matters by kind of text: acted on,
and acted on or asked about.
"""

import csv
import sys
import time
from collections import defaultdict
from pathlib import Path

from bot import model
from bot.understanding import Understanding, load
from runtime.logging import configure

SETS = Path(__file__).resolve().parent.parent / "tests" / "understanding"


def rows(name: str) -> list[dict[str, str]]:
    """The lines of one development set."""
    with (SETS / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def intents(understanding: Understanding) -> None:
    """Print the shares per language."""
    hits: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for row in rows("intents.tsv"):
        said = understanding.describe(row["text"])["intent"]
        near = [item["name"] for item in understanding.read(row["text"])["intent_ranking"][:3]]
        hits[row["lang"]].append((said == row["label"], row["label"] in near or said == row["label"]))
    print("\nintents        right   among three   texts")
    for language, found in sorted(hits.items()):
        right, near_share = (sum(pair[i] for pair in found) / len(found) for i in (0, 1))
        print(f"  {language:<10} {right:7.3f} {near_share:13.3f} {len(found):7}")


def sensitive(understanding: Understanding) -> None:
    """Print the shares per kind of text and language."""
    hits: dict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for row in rows("sensitive.tsv"):
        said = understanding.describe(row["text"])
        acted = bool(said["sensitive"])
        for language in (row["lang"], "all"):
            hits[row["kind"], language].append((acted, acted or said["ask_softly"]))
    print("\nsensitive                acted on   acted on or asked   texts")
    for (kind, language), found in sorted(hits.items()):
        acted_share, noticed = (sum(pair[i] for pair in found) / len(found) for i in (0, 1))
        print(f"  {kind:<14} {language:<6} {acted_share:9.3f} {noticed:19.3f} {len(found):7}")


def main() -> None:
    """Measure and print."""
    configure("bench")
    understanding = load(model.path())
    began = time.perf_counter()
    intents(understanding)
    sensitive(understanding)
    print(f"\n{time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
