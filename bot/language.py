"""Which language is it? langdetect with priors, lingua and pycld2 together with the script and what we know already.

Measured on shared development texts: docs/understanding.md. Deterministic: the same text gives the same answer.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pycld2
import yaml
from langdetect import DetectorFactory
from langdetect.detector_factory import init_factory
from langdetect.lang_detect_exception import LangDetectException
from lingua import Language, LanguageDetectorBuilder

from runtime import taxonomy

MOST_LETTERS = 400
_WEIGHTS = {"cld2": 1.0, "langdetect": 0.8, "lingua": 1.2, "words": 1.5}
_EXPECTED = 0.5
_LEAST = 0.35
_LATIN = frozenset(["en", "fr", "es", "pt", "sw", "so", "ht"])
_ONE_SCRIPT = {"ETHIOPIC": ("am", "ti"), "ARABIC": ("ar", "fa", "ur", "ps", "ckb"), "CYRILLIC": ("uk", "ru")}
_TELLING = {  # letters that only some languages of a script use
    "ARABIC": [("ٹڈڑےںہھ", "ur"), ("ټډړښېۍځڅڼ", "ps"), ("ڕڵۆێە", "ckb"), ("ةىأإؤئ", "ar")],
    "CYRILLIC": [("іїєґ", "uk"), ("ыэъё", "ru")],
}
_FA_LETTERS = re.compile(r"[پچژگیک]")
_ARABIZI = re.compile(r"\b(?=[a-z]*[23579])(?=[23579]*[a-z])[a-z23579']{3,}\b", re.IGNORECASE)
_CODES = {"iw": "he", "in": "id", "zh-cn": "zh", "zh-tw": "zh", "zh-Hant": "zh", "nb": "no", "nn": "no", "crs": "ht"}
_LINGUA = {
    "en": Language.ENGLISH, "fr": Language.FRENCH, "es": Language.SPANISH, "ar": Language.ARABIC,
    "pt": Language.PORTUGUESE, "sw": Language.SWAHILI, "so": Language.SOMALI, "fa": Language.PERSIAN,
    "uk": Language.UKRAINIAN, "ru": Language.RUSSIAN, "tr": Language.TURKISH, "ur": Language.URDU,
}  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """ISO 639-1 code (also of languages that are not served), or None where it cannot be told; confidence in 0..1."""

    language: str | None
    confidence: float


def identify(text: str, expected: str | None = None) -> Guess:
    """The language of `text`. `expected` is the contact's language so far: people rarely switch."""
    cleaned = _cleaned(text)
    script = _script(cleaned)
    if script is None:
        return Guess(expected, 0.5) if expected else Guess(None, 0.0)
    scores: dict[str, float] = dict(_letters(cleaned, script))
    for method in _METHODS:
        if method == "langdetect" and _decided(scores):
            continue
        for code, share in _METHODS[method](cleaned, script).items():
            if _fits(code, script):
                scores[code] = scores.get(code, 0.0) + _WEIGHTS[method] * share
    if expected and (expected in scores or _fits(expected, script)):
        scores[expected] = scores.get(expected, 0.0) + _EXPECTED
    if not scores:
        return Guess(None, 0.0)
    best = max(sorted(scores), key=scores.__getitem__)
    confidence = round(scores[best] / max(sum(scores.values()), 1.0), 4)
    return Guess(best, confidence) if confidence >= _LEAST else Guess(None, confidence)


def _decided(scores: dict[str, float]) -> bool:
    """The cheap methods agree so well that the costly one cannot change the answer."""
    return bool(scores) and max(scores.values()) >= max(1.6, 0.8 * sum(scores.values()))


def _cleaned(text: str) -> str:
    text = re.sub(r"https?://\S+|[@#]\S+", " ", unicodedata.normalize("NFC", text))
    kept = "".join(c if unicodedata.category(c)[0] in "LMNZP" else " " for c in text)
    return " ".join(kept.split())[:MOST_LETTERS]


def _script(text: str) -> str | None:
    """The script of most letters: LATIN, ARABIC, CYRILLIC, ETHIOPIC …; None without letters."""
    counts: dict[str, int] = {}
    for letter in text:
        if letter.isalpha():
            name = _script_of(letter)
            counts[name] = counts.get(name, 0) + 1
    return max(counts, key=counts.__getitem__) if counts else None


@lru_cache(maxsize=4096)
def _script_of(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split()[0]


def _fits(code: str, script: str) -> bool:
    if script in _ONE_SCRIPT:
        return code in _ONE_SCRIPT[script] or code not in taxonomy.languages()
    if script == "LATIN":
        return code in _LATIN or code in ("ar", "am", "fa") or code not in taxonomy.languages()
    return code not in taxonomy.languages()


def _cld2(text: str, _script: str) -> dict[str, float]:
    try:
        _, _, found = pycld2.detect(text, bestEffort=True)
    except pycld2.error:
        return {}
    return {_CODES.get(code, code): percent / 100 for _, code, percent, _ in found if code != "un"}


@lru_cache(maxsize=1)
def _factory() -> DetectorFactory:
    import langdetect.detector_factory as shared

    init_factory()
    shared.DetectorFactory.seed = 0
    return shared._factory


def _langdetect(text: str, _script: str) -> dict[str, float]:
    factory = _factory()
    detector = factory.create()
    detector.seed = 0
    detector.n_trial = 3
    detector.set_prior_map({code: (1.0 if code in taxonomy.languages() else 0.1) for code in factory.langlist})
    detector.append(text)
    try:
        return {_CODES.get(item.lang, item.lang): item.prob for item in detector.get_probabilities()}
    except LangDetectException:
        return {}


@lru_cache(maxsize=1)
def _lingua_detector():  # type: ignore[no-untyped-def]
    return LanguageDetectorBuilder.from_languages(*_LINGUA.values()).build()


def _lingua(text: str, script: str) -> dict[str, float]:
    if script not in ("LATIN", "ARABIC", "CYRILLIC"):
        return {}
    found = _lingua_detector().compute_language_confidence_values(text)
    return {item.language.iso_code_639_1.name.lower(): item.value for item in found if item.value > 0.05}


def _letters(text: str, script: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for letters, code in _TELLING.get(script, ()):
        if any(letter in letters for letter in text):
            found[code] = 1.0
    if script == "ARABIC" and _FA_LETTERS.search(text) and not found:
        found["fa"] = 1.0
    if script == "LATIN" and _ARABIZI.search(text):
        found["ar"] = 2.5
    return found


@lru_cache(maxsize=1)
def _word_lists() -> dict[str, frozenset[str]]:
    data = yaml.safe_load((Path(__file__).parent / "language_words.yml").read_text(encoding="utf-8"))
    return {code: frozenset(words.split()) for code, words in data.items()}


def _words(text: str, _script: str) -> dict[str, float]:
    """Share of the words that are among a language's own frequent ones (bot/language_words.yml)."""
    tokens = re.findall(r"[^\W\d_]+", text.lower())
    if not tokens:
        return {}
    counts = {code: sum(token in words for token in tokens) for code, words in _word_lists().items()}
    return {code: min(1.0, 1.5 * number / len(tokens)) for code, number in counts.items() if number}


_METHODS = {"cld2": _cld2, "lingua": _lingua, "words": _words, "langdetect": _langdetect}
