"""Understanding, measured on texts that no training text was copied from (tests/understanding/).

    .venv/bin/python -m bench.understanding [--speed] [--write]

Prints languages (also on the shared public texts, where they are beside this checkout), intents and sensitive matters.
`--write` puts the tables into docs/understanding.md; `--speed` prints milliseconds instead, with the cheap-first path
and without it, and whether that path changes any answer.
"""

import argparse
import os
import random
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from bench import machine
from bot import encoder, evaluation, model
from bot.nlu import component
from bot.understanding import Understanding, load
from runtime.logging import configure

ROOT = Path(__file__).resolve().parent.parent
SETS = ROOT / "tests" / "understanding"
PUBLIC = ROOT.parent / "shared" / "data" / "language_dev.tsv"
PAGE = ROOT / "docs" / "understanding.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def tables(understanding: Understanding) -> list[str]:
    """All figures, as lines of Markdown."""
    intents = evaluation.read_all(understanding, evaluation.read_rows(SETS / "intents.tsv"))
    sensitive = evaluation.read_all(understanding, evaluation.read_rows(SETS / "sensitive.tsv"))
    found = [evaluation.intents(intents), *evaluation.sensitive(sensitive), evaluation.categories(sensitive)]
    lines = [line for table in found for line in (*table.lines(), "")]
    if not PUBLIC.exists():
        return ["The shared public texts are not beside this checkout: languages were not measured.", "", *lines]
    public = [row for row in evaluation.read_rows(PUBLIC) if row["lang"] != "pcm"]  # Nigerian English reads as English
    told = [*evaluation.languages(_languages_only(public)).lines(), ""]
    for source in sorted({row["source"] for row in public}):
        part = evaluation.languages(_languages_only([row for row in public if row["source"] == source]))
        part.title = f"language, {source}"
        part.rows = {name: values for name, values in part.rows.items() if name in (evaluation.ALL, "not served")}
        told += [*part.lines(), ""] if part.rows else []
    return told + lines


def _languages_only(rows: list[dict[str, str]]) -> list[evaluation.Reading]:
    from bot.language import identify

    return [evaluation.Reading(row, {"language": identify(row["text"]).language}, ()) for row in rows]


def mix() -> list[str]:
    """A realistic mix: menu digits, short answers, questions, long stories; no text twice but the digits."""
    chance = random.Random(7)
    intents = [row["text"] for row in evaluation.read_rows(SETS / "intents.tsv")]
    stories = [row["text"] for row in evaluation.read_rows(SETS / "sensitive.tsv")]
    short = [text for text in intents if len(text.split()) <= component.SHORT]
    asked = chance.sample([text for text in intents if len(text.split()) > component.SHORT], 500)
    long = [" ".join(chance.sample(stories, 5)) for _ in range(60)]
    digits = [chance.choice("123456789١٢٣۴۵፩፪") for _ in range(300)]
    mixed = [*digits, *short, *asked, *long]
    chance.shuffle(mixed)
    return mixed


def speed(understanding: Understanding) -> list[str]:
    """Milliseconds of CPU a message, with the cheap-first path and without, and what the path changes."""
    lines, answers = [], {}
    texts = mix()
    for text in ("ok", "hola", *texts[-40:]):  # what is loaded at the first call is no cost of a message
        understanding.describe(text)
    for name, cheap in (("with the cheap-first path", True), ("without it", False)):
        component.cheap_first = cheap
        encoder.vector.cache_clear()
        spent, said = [], []
        for text in texts:
            began = time.process_time()
            said.append(understanding.describe(text))
            spent.append(1000 * (time.process_time() - began))
        answers[cheap] = said
        spent.sort()
        lines.append(
            f"{name}: mean {sum(spent) / len(spent):.2f} ms, p50 {spent[len(spent) // 2]:.2f} ms, "
            f"p99 {spent[int(len(spent) * 0.99)]:.2f} ms of CPU, {len(spent)} messages"
        )
    changed = sum(a["intent"] != b["intent"] for a, b in zip(answers[True], answers[False], strict=True))
    lines.append(f"the path changes the intent of {changed} of {len(texts)} messages")
    for cheap in (True, False):
        component.cheap_first = cheap
        table = evaluation.intents(evaluation.read_all(understanding, evaluation.read_rows(SETS / "intents.tsv")))
        found = evaluation.read_all(understanding, evaluation.read_rows(SETS / "sensitive.tsv"))
        noticed = sum(reading.noticed for reading in found if reading.row["categories"])
        lines.append(
            f"{'with' if cheap else 'without'}: intents right {table.rows[evaluation.ALL]['right']:.4f}, "
            f"disclosures noticed {noticed} of {sum(bool(reading.row['categories']) for reading in found)}"
        )
    component.cheap_first = True
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", action="store_true", help="milliseconds instead of accuracy")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/understanding.md")
    wanted = parser.parse_args()
    configure("bench")
    try:
        understanding = load(model.path())
    except model.NoModel:
        sys.exit("there is no model for the present data; `sawti train` makes one")
    lines = [machine.line(), "", *(speed(understanding) if wanted.speed else tables(understanding))]
    print("\n".join(lines))
    if wanted.write and not wanted.speed:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        PAGE.write_text("\n".join([before + BEGIN, *lines, END + rest.split(END)[1]]), encoding="utf-8")


if __name__ == "__main__":
    main()
