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
from typing import Any

from bot.lean import lean

os.environ.setdefault("OMP_NUM_THREADS", "1")
lean()  # as the workers do, before Rasa is imported

from bench import machine  # noqa: E402
from bot import encoder, evaluation, model  # noqa: E402
from bot.nlu import component  # noqa: E402
from bot.understanding import Understanding, load  # noqa: E402
from runtime.logging import configure  # noqa: E402

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
    lines: list[str] = []
    texts = mix()
    for text in ("ok", "hola", *texts[-40:]):  # what is loaded at the first call is no cost of a message
        understanding.describe(text)
    spent: dict[bool, list[float]] = {True: [], False: []}
    answers: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for number, text in enumerate(texts):
        for cheap in (True, False) if number % 2 else (False, True):  # in turns: the machine's speed swings
            component.cheap_first = cheap
            encoder.vector.cache_clear()
            began = time.process_time()
            answers[cheap].append(understanding.describe(text))
            spent[cheap].append(1000 * (time.process_time() - began))
    for cheap, name in ((True, "with the cheap-first path"), (False, "without it")):
        times = sorted(spent[cheap])
        lines.append(
            f"{name}: mean {sum(times) / len(times):.2f} ms, p50 {times[len(times) // 2]:.2f} ms, "
            f"p99 {times[int(len(times) * 0.99)]:.2f} ms of CPU, {len(times)} messages"
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
    return [*lines, f"the process holds {_resident():.0f} MB"]


def _resident() -> float:
    """Megabytes that this process holds."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", action="store_true", help="milliseconds instead of accuracy")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/understanding.md")
    wanted = parser.parse_args()
    configure("bench")
    import rasa.core.processor  # noqa: F401 - its own import is no loading of ours

    began = time.perf_counter()
    try:
        understanding = load(model.path())
    except model.NoModel:
        sys.exit("there is no model for the present data; `sawti train` makes one")
    loaded = f"loaded in {time.perf_counter() - began:.1f} s beyond Rasa's import"
    lines = [
        machine.line(),
        "",
        *([loaded] if wanted.speed else []),
        *(speed(understanding) if wanted.speed else tables(understanding)),
    ]
    print("\n".join(lines))
    if wanted.write and not wanted.speed:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        PAGE.write_text("\n".join([before + BEGIN, *lines, END + rest.split(END)[1]]), encoding="utf-8")


if __name__ == "__main__":
    main()
