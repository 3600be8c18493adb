"""Reading data/nlu: Rasa's training files, one folder per language."""

from pathlib import Path

import yaml

from runtime.settings import ROOT

FOLDER = ROOT / "data" / "nlu"


def files(language: str, folder: Path = FOLDER) -> list[Path]:
    """The language's training files, in a fixed order."""
    return sorted((folder / language).glob("*.yml"))


def read(path: Path) -> list[tuple[str, list[str]]]:
    """The file's blocks: intent, and its examples; none if there is no such file."""
    if not path.exists():
        return []
    blocks = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    return [(block["intent"], _examples(block["examples"])) for block in blocks]


def alike(language: str, folder: Path = FOLDER) -> list[tuple[str, list[str]]]:
    """Groups of texts that tell the same thing in every language: what it is, and the language's texts."""
    found = []
    for path in files(language, folder):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            about = (block.get("metadata") or {}).get("about")
            if about is not None:
                found.append((str(about), _examples(block["examples"])))
    return found


def _examples(lines: str) -> list[str]:
    return [line[2:].strip() for line in lines.splitlines() if line.startswith("- ")]
