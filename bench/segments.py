"""What the words cost: SMS segments per language of all short answers and sentences.

    .venv/bin/python -m bench.segments [--write]

Placeholders are filled with values of usual length. `--write` puts the table into docs/languages.md.
"""

import argparse
from pathlib import Path

from messaging.segments import count
from runtime import pages, taxonomy
from runtime.words import catalogue

PAGE = Path(__file__).resolve().parent.parent / "docs" / "languages.md"
BEGIN, END = "<!-- segments: begin -->", "<!-- segments: end -->"
FILLED = {
    "{organisation}": "Example Organisation", "{reference}": "K7Q4-X", "{date}": "2026-01-31", "{number}": "112",
    "{hours}": "08:00-16:00", "{phone}": "+254 20 5550123", "{cost}": "5", "{km}": "12", "{messages}": "12",
    "{days}": "180", "{count}": "12", "{references}": "K7Q4-X, 3HX9-X",
    "{answer}": "The truck comes on Monday.",
    "{outcome}": "The tank was cleaned on Monday",
    "{feedback}": "2", "{place}": "Riverside", "{other}": "Hilltown", "{places}": "Riverside, Hilltown, Lakeview",
}  # fmt: skip
MOST = {"gsm7": 1.7, "ucs2": 3.2}


def texts(language: str) -> dict[str, str]:
    """Name to text, placeholders filled."""
    found = {name: text for name, text in catalogue(language).items() if not name.startswith(("button_", "keyword_"))}
    for topic in taxonomy.topics():
        page = pages.page(topic, language)
        if page is not None:
            found[topic] = page.parts["short"]
    own = {"{language}": taxonomy.languages()[language], "{languages}": "English, Kiswahili"}
    own["{delete}"] = catalogue(language).get("keyword_delete", "DELETE")
    for name, text in found.items():
        for placeholder, value in {**FILLED, **own}.items():
            text = text.replace(placeholder, value)
        found[name] = text
    return found


def lines() -> list[str]:
    """The table in Markdown."""
    rows = ["| language | alphabet | mean | answers alone | worst | in UCS-2 | texts | wanted |", "|---" * 8 + "|"]
    for language in taxonomy.languages():
        counted = {name: count(text) for name, text in texts(language).items()}
        alphabet = "gsm7" if language in pages.GSM_LANGUAGES else "ucs2"
        mean = sum(c.segments for c in counted.values()) / len(counted)
        answers = [counted[topic].segments for topic in taxonomy.topics() if topic in counted]
        worst = max(counted, key=lambda name: counted[name].segments)
        dear = sum(c.encoding == "ucs2" for c in counted.values())
        rows.append(
            f"| {language} | {'UCS-2' if alphabet == 'ucs2' else 'GSM-7'} | {mean:.2f} "
            f"| {sum(answers) / max(len(answers), 1):.2f} | {counted[worst].segments} "
            f"({worst}) | {dear} | {len(counted)} | {MOST[alphabet]} |"
        )
    return rows


def main() -> None:
    """Print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table into docs/languages.md")
    made = lines()
    print("\n".join(made))
    if parser.parse_args().write:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text("\n".join([before + BEGIN, *made, END + rest.split(END)[1]]), encoding="utf-8")


if __name__ == "__main__":
    main()
