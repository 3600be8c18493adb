"""Does feedback that tells the same thing come together? `python -m bench.alike`

Two sets that no training text was copied from: tests/understanding/alike.yml, 36 matters told ten times in eight
languages or more, many of them close to each other on purpose; and tests/journeys/many.yaml, one complaint told 300
times in twelve languages beside 50 others. Grouped all at once, as the clock does (casework/clusters.py). Pairs: of two
texts in one group, how many tell the same (precision); of two that tell the same, how many are in one group (recall).
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import yaml

from bench.machine import line
from bot import model
from bot.lean import lean
from bot.understanding import Understanding, load
from casework.clusters import grouped
from runtime.logging import configure
from runtime.settings import ROOT

Told = tuple[str, str, int]
"""Language, text, number of the matter."""


def matters() -> list[Told]:
    """The 36 matters."""
    groups = yaml.safe_load((ROOT / "tests/understanding/alike.yml").read_text(encoding="utf-8"))
    return [(code, text, number) for number, group in enumerate(groups) for code, text in group["texts"]]


def many() -> list[Told]:
    """One complaint (0) of 300, and 50 others."""
    found = yaml.safe_load((ROOT / "tests/journeys/many.yaml").read_text(encoding="utf-8"))
    same = [(code, text, 0) for code, texts in found["same"].items() for text in texts]
    return same + [(item["lang"], item["text"], number) for number, item in enumerate(found["others"], 1)]


def labels(understanding: Understanding, told: Sequence[Told]) -> list[int]:
    """The group of each text."""
    vectors = np.stack([understanding.meaning(text, code) for code, text, _ in told])
    return [int(label) for label in grouped(vectors)]


def pairs(found: Sequence[int], wanted: Sequence[int]) -> tuple[float, float]:
    """Precision and recall over pairs of texts."""
    got, true = np.array(found), np.array(wanted)
    upper = np.triu_indices(len(got), 1)
    together, same = (got[:, None] == got[None])[upper], (true[:, None] == true[None])[upper]
    both = int((together & same).sum())
    return both / max(int(together.sum()), 1), both / int(same.sum())


def main() -> None:
    """Print both."""
    configure("alike")
    lean()
    understanding = load(model.path())
    print(line())
    told = matters()
    precision, recall = pairs(labels(understanding, told), [number for *_, number in told])
    print(f"36 matters, {len(told)} texts: pairs precision {precision:.3f}, recall {recall:.3f}")
    told = many()
    found = labels(understanding, told)
    largest, size = Counter(label for label, (*_, number) in zip(found, told, strict=True) if number == 0).most_common(
        1
    )[0]
    others = sum(label == largest for label, (*_, number) in zip(found, told, strict=True) if number)
    print(f"one complaint of 300: {size} in one group, with {others} of {len(told) - 300} others")


if __name__ == "__main__":
    main()
