"""What did the person say? Cheap and sure ways first: STOP, a number from the menu, a command; then the model."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from actions.codes import asks_by_code
from messaging import keywords
from messaging.keywords import plain
from runtime import taxonomy

SURE = 0.55
"""From this probability on an intent is acted on; below it the person is asked which they meant."""
LIKELY = 0.12
NO_IDEA = 0.15
_NOT_ALNUM = re.compile(r"[^\w]+")


class Model(Protocol):
    """What reads free text: bot.understanding.Understanding."""

    def read(self, text: str) -> dict[str, Any]:
        """Intent, ranking, feedback types, topic, sensitive verdict."""


@dataclass(frozen=True)
class Heard:
    """The intent (an id of the taxonomy), its value, and what the model read (empty where it was not asked)."""

    intent: str
    confidence: float = 1.0
    value: str | None = None
    read: dict[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1)
def _commands() -> dict[str, tuple[str, str | None]]:
    data = yaml.safe_load((Path(__file__).parent / "commands.yml").read_text(encoding="utf-8"))
    found: dict[str, tuple[str, str | None]] = {}
    for name in ("menu", "more", "check_status"):
        found.update({plain(word): (name, None) for word in data[name]})
    for word in data["my_data"]:
        found[plain(word)] = ("delete_my_data", "show")
    for word in data["exit"]:
        found[plain(word)] = ("goodbye", "leave")
    for name in ("report_privately", "delete_my_data"):
        found.update({plain(word): (name, None) for word in data[name]})
    for code, words in data["language"].items():
        found.update({plain(word): ("change_language", code) for word in (*words, taxonomy.languages()[code])})
    return found


@lru_cache(maxsize=1)
def _language_words() -> dict[str, str]:
    return {word: value for word, (name, value) in _commands().items() if name == "change_language" and value}


def number_in(text: str) -> int | None:
    """The number of a menu answer in any script's digits or as a keycap (2, ٢, ۲, ፪, 2️⃣, "no. 2", "2."); else None."""
    if "\u2044" in unicodedata.normalize("NFKC", text):  # a fraction
        return None
    kept = [c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c)[0] in "LN"]
    letters = "".join(c for c in kept if c.isalpha()).lower()
    digits = [c for c in kept if not c.isalpha()]
    if letters not in ("", "no", "n", "nr", "number", "option") or not 1 <= len(digits) <= 2:
        return None
    values = [unicodedata.numeric(c, -1) for c in digits]
    if any(value < 0 or value != int(value) for value in values):
        return None
    if len(values) == 2 and values[0] >= 10:  # Ethiopic ፲፪ is ten and two
        return int(values[0] + values[1])
    return int("".join(str(int(value)) for value in values)) if max(values) < 10 else int(values[0])


def chosen(text: str, menu: list[list[str]] | None) -> str | None:
    """The payload of the menu's choice that the text is: its number or its words. None if it is something else."""
    if not menu:
        return None
    number = number_in(text)
    if number is not None:
        return menu[number - 1][0] if 1 <= number <= len(menu) else "menu"
    said = plain(text)
    return next((payload for payload, title in menu if said and said == plain(title)), None)


def command(text: str) -> Heard | None:
    """STOP, START, MENU, MORE, DELETE, PRIVATE, a language's name: a message that is nothing but such a word."""
    keyword = keywords.find(text)
    if keyword is not None:
        return Heard("opt_out" if keyword.meaning == "stop" else "opt_in")
    if len(text) > 40:
        return None
    if asks_by_code(text):
        return Heard("check_status")
    found = _commands().get(plain(text))
    return Heard(found[0], value=found[1]) if found else None


def language_named(text: str) -> str | None:
    """The language that a wish such as "can you write in french please" names."""
    words = plain(text).split()
    spans = (" ".join(words[start : start + size]) for size in (2, 1) for start in range(len(words)))
    return next((code for span in spans if (code := _language_words().get(span))), None)


def free_text(text: str, model: Model) -> Heard:
    """Read a text with the model, and decide: act, ask softly, be unsure, or admit that nothing fits."""
    read = model.read(text)
    intent, confidence = read["intent"]["name"], read["intent"]["confidence"]
    if read["sensitive"]:
        return Heard("report_privately", confidence, read=read)
    if read["ask_softly"]:
        return Heard("out_of_scope", confidence, "softly", {**read, "seemed": settled(read)})
    likely = [item["name"] for item in read["intent_ranking"] if item["confidence"] >= LIKELY]
    if intent == "out_of_scope" or confidence < NO_IDEA:
        return Heard("out_of_scope", confidence, read=read)
    if confidence < SURE and not _same_kind(likely):
        options = [name for name in likely if name != "out_of_scope"]
        return Heard("out_of_scope", confidence, "unsure", {**read, "likely": options})
    return Heard(intent, confidence, language_named(text) if intent == "change_language" else None, read)


def settled(read: dict[str, Any]) -> str:
    """The intent to fall back on once the person said that it is nothing private."""
    intent, confidence = read["intent"]["name"], read["intent"]["confidence"]
    return "out_of_scope" if confidence < NO_IDEA or intent == "report_privately" else str(intent)


def _same_kind(likely: list[str]) -> bool:
    """Two types of feedback, or thanks for something: no need to ask which, the record keeps both."""
    return len(likely) > 0 and all(name == "thank" or name.startswith("feedback_") for name in likely)
