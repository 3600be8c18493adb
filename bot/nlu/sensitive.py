"""Is it something for a trained human? Lexicon and classifier beside each other; the higher wins."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.nlu.lexicon import lexicon
from runtime import taxonomy


@dataclass(frozen=True)
class Verdict:
    """`act`: categories to act on, gravest first, each with a score in 0..1. `ask_softly`: ask instead of deciding."""

    act: tuple[tuple[str, float], ...] = ()
    ask_softly: bool = False
    hints: tuple[str, ...] = ()
    """Where it is asked: what it may be about, so that the right person is told after a yes."""
    half_hint: bool = False
    """Too little to ask about it alone; with another such message of the same talk it is enough."""


LEXICON_ACT = 0.95


def judge(
    text: str, classifier: Callable[[], tuple[float, list[tuple[str, float]]]], act_from: float, ask_from: float
) -> Verdict:
    """Weigh the phrases found in `text` and the classifier's alarm (0..1) with its categories."""
    phrases = lexicon().find(text)
    alarm, shares = classifier()
    scores = {name: LEXICON_ACT for name, level in phrases.items() if level == "act"}
    if alarm >= act_from and shares:
        likely = [(name, share) for name, share in shares if share >= 0.5] or shares[:1]
        for name, share in likely:
            scores[name] = max(scores.get(name, 0.0), round(alarm * max(share, 0.5), 4))
    order = {name: index for index, name in enumerate(taxonomy.sensitive_categories())}
    act = tuple(sorted(scores.items(), key=lambda pair: order[pair[0]]))
    if act:
        return Verdict(act)
    hints = {*phrases, *(name for name, _ in shares[:1])}
    told = tuple(sorted(hints, key=order.__getitem__))
    if alarm >= ask_from or phrases:
        return Verdict((), True, told)
    return Verdict((), False, told, True) if alarm >= ask_from / 2 else Verdict()
