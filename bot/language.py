"""Which language is it? pycld2, lingua, our own letters and words, langdetect in doubt, and what we know already.

Measured on shared development texts: docs/understanding.md. Deterministic: the same text gives the same answer.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pycld2
import yaml
from babel.languages import get_official_languages
from langdetect import DetectorFactory
from langdetect.detector_factory import init_factory
from langdetect.lang_detect_exception import LangDetectException
from lingua import Language, LanguageDetectorBuilder

from bot.profiles import profiles
from runtime import taxonomy

MOST_LETTERS = 400
OTHER = "other"
"""Any language that is not served."""

# Weights of a conditional logit over the served languages and OTHER, fitted on the shared development texts
# (docs/understanding.md; that of Arabic typed with digits, in _letters, was raised by hand): the share that a method
# gives, whether it gives one, what its silence says for OTHER.
_SHARE = {"cld2": 1.18, "lingua": 1.87, "words": 0.79, "letters": 2.08}
_ANY = {"cld2": 0.78, "lingua": 0.53}
_SILENCE = {"cld2": -0.04, "lingua": -0.29, "words": -0.68}
_LIKENESS = 0.87
_UNKNOWN, _TYPICAL, _BIAS, _LENGTH = 0.37, -0.9, -0.95, 0.45
_LANGDETECT, _DOUBT = 0.3, 0.45
"""langdetect adds nothing once the others are sure; it is asked where the best share is below this."""
_EXPECTED, _AT_HOME = 2.5, 0.5
"""What the contact's language so far, and the languages of the contact's country, weigh: chosen, not fitted."""
_LEAST = 0.35
_ASKED = 3
_LATIN = frozenset(["en", "fr", "es", "pt", "sw", "so", "ht", "ar", "am", "fa"])
_ONE_SCRIPT = {"ETHIOPIC": ("am",), "ARABIC": ("ar", "fa"), "CYRILLIC": ("uk", "ru")}
_ONLY = {"ETHIOPIC": "ti", "BENGALI": "bn", "MYANMAR": "my", "DEVANAGARI": "hi", "TAMIL": "ta", "SINHALA": "si"}
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
    likely: tuple[str, ...] = ()
    """The likeliest served languages, at most three: to ask in, where it cannot be told."""


def identify(text: str, expected: str | None = None, country: str | None = None) -> Guess:
    """The language of `text`, given the contact's language so far and its number's country (ISO 3166-1 alpha-2)."""
    cleaned = _cleaned(text)
    script = _script(cleaned)
    if script is None:
        return Guess(expected, 0.5) if expected else Guess(None, 0.0)
    found = {name: method(cleaned, script) for name, method in _METHODS.items()}
    scores = _scores(cleaned, script, found, expected, country)
    shares = _shares(scores)
    if max(shares.values()) < _DOUBT:
        told = _served(_langdetect(cleaned))
        shares = _shares({code: score + _LANGDETECT * told.get(code, 0.0) for code, score in scores.items()})
    best = max(sorted(shares), key=shares.__getitem__)
    confidence = round(shares[best], 4)
    likely = tuple(sorted((code for code in shares if code != OTHER), key=lambda code: -shares[code])[:_ASKED])
    if confidence < _LEAST:
        return Guess(None, confidence, likely)
    return Guess(_foreign(script, found) if best == OTHER else best, confidence, likely)


def _scores(
    text: str, script: str, found: dict[str, dict[str, float]], expected: str | None, country: str | None
) -> dict[str, float]:
    """The logit of each language that is written in this script, and of OTHER."""
    scores = {code: 0.0 for code in taxonomy.languages() if _fits(code, script)}
    scores[OTHER] = _BIAS + _LENGTH * min(len(text.split()), 8) / 8
    for name, shares in found.items():
        told = _served(shares)
        if not shares:
            scores[OTHER] += _SILENCE.get(name, 0.0)
        for code, share in told.items():
            if code in scores:
                scores[code] += _SHARE[name] * share + (_ANY.get(name, 0.0) if share > 0.02 else 0.0)
    known = profiles(_cleaned)
    like = known.likeness(text)
    scores[OTHER] += _UNKNOWN * like.unknown + _TYPICAL * (like.typical + 8)
    chances = {code: chance for code, chance in zip(known.languages, like.chances, strict=True) if code in scores}
    for code, chance in chances.items():
        scores[code] += _LIKENESS * max(float(chance) - max(map(float, chances.values())), -30.0) / 10
    for code in _at_home(country):
        if code in scores:
            scores[code] += _AT_HOME
    if expected in scores:
        scores[expected] += _EXPECTED
    return scores


def _served(shares: dict[str, float]) -> dict[str, float]:
    """The shares with all languages that are not served as one."""
    found: dict[str, float] = {}
    for code, share in shares.items():
        name = code if code in taxonomy.languages() else OTHER
        found[name] = found.get(name, 0.0) + share
    return found


def _shares(scores: dict[str, float]) -> dict[str, float]:
    top = max(scores.values())
    raised = {code: math.exp(score - top) for code, score in scores.items()}
    total = sum(raised.values())
    return {code: value / total for code, value in raised.items()}


def _foreign(script: str, found: dict[str, dict[str, float]]) -> str | None:
    """Which of the languages that are not served the methods name most; None if they name none."""
    votes: dict[str, float] = {}
    for shares in found.values():
        for code, share in shares.items():
            if code not in taxonomy.languages():
                votes[code] = votes.get(code, 0.0) + share
    return max(sorted(votes), key=votes.__getitem__) if votes else _ONLY.get(script)


@lru_cache(maxsize=256)
def _at_home(country: str | None) -> tuple[str, ...]:
    """Official languages of a country, by CLDR."""
    return tuple(get_official_languages(country, de_facto=True)) if country else ()


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
    """Can the served language be written in this script? Arabic, Amharic and Dari also come in Latin letters."""
    return code in _ONE_SCRIPT.get(script, ()) or (script == "LATIN" and code in _LATIN)


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


def _langdetect(text: str) -> dict[str, float]:
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
    return LanguageDetectorBuilder.from_languages(*_LINGUA.values()).with_preloaded_language_models().build()


def _lingua(text: str, script: str) -> dict[str, float]:
    if script not in ("LATIN", "ARABIC", "CYRILLIC"):
        return {}
    found = _lingua_detector().compute_language_confidence_values(text)
    return {item.language.iso_code_639_1.name.lower(): item.value for item in found if item.value > 0.05}


def _letters(text: str, script: str) -> dict[str, float]:
    """What single letters tell, and digits among Latin ones (Arabic as typed on a phone)."""
    found: dict[str, float] = {}
    for letters, code in _TELLING.get(script, ()):
        if any(letter in letters for letter in text):
            found[code] = 1.0
    if script == "ARABIC" and _FA_LETTERS.search(text) and not found:
        found["fa"] = 1.0
    if script == "LATIN" and _ARABIZI.search(text):
        found["ar"] = 3.5
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


_METHODS = {"cld2": _cld2, "lingua": _lingua, "words": _words, "letters": _letters}
