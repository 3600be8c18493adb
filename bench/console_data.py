"""Feedback as two years of a large deployment leave it behind, made up: for measuring the console (bench/console.py).

Every text is under the real encryption and in the real index of words. Places, topics, types and languages are not told
equally often; most is closed; each feedback has three messages, and what happened to it.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from itertools import accumulate
from typing import Any

import numpy as np

from casework import reference, word_forms, word_index
from runtime import taxonomy
from runtime.settings import ROOT
from store.encryption import keyring

DAYS = 730
RARE = "kivukoni"
"""A word of one in two thousand feedbacks."""
PLACES = ("Riverside", "Hilltop", "Old Port", "North Gate", "Camp 3", "Market Street", "Bridge End", "Station",
          "Lakeview", "East Camp", "Stone Town", "Palm Beach", "School Road", "Airport", "Border")  # fmt: skip
STAFF = tuple(f"user{number:02}" for number in range(20))
LABELS = ("to check", "urgent", "for the report", "contractor", "partner", "site visit")
CHUNK = 5000

_EXAMPLE = re.compile(r"^\s+- (.+)$", re.MULTILINE)
COLUMNS = {
    "contacts": "id provider channel address_hash address language language_chosen kept answer_waits created_at",
    "feedback_clusters": "id first_reference topic size voices told_at_voices first_at last_at",
    "feedback": "id reference contact_id message_id types topic place language channel body sensitive state assignee"
    " cluster_id likeness resolution outcome mark acknowledge_by answer_by acknowledged_at answered_at closed_at"
    " changed_at created_at labels sample words_key",
    "messages": "id contact_id direction state kind body in_reply_to segments attempts created_at due_at handled_at",
    "feedback_events": "id feedback_id kind by message_id words detail at",
}
Row = tuple[Any, ...]
Tokens = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Vocabulary:
    """Words of one language as often as people write them, and under what each is indexed."""

    words: list[str]
    weights: list[int]
    tokens: dict[str, list[int]]


def fill(
    put: Callable[[str, list[Row]], None], put_tokens: Callable[[list[Tokens]], None], number: int, until: datetime
) -> None:
    """Fill an empty, migrated database with so many feedbacks of the two years before `until` (bench/bulk.py)."""
    chance = random.Random(7)
    vocabularies = {language: _vocabulary(language) for language in taxonomy.languages()}
    tokens: list[Tokens] = []
    contacts = max(1, number * 2 // 5)
    for first in range(1, contacts + 1, CHUNK):
        put("contacts", [_contact(n, until) for n in range(first, min(first + CHUNK, contacts + 1))])
    put("feedback_clusters", [_cluster(n, until) for n in range(1, DAYS // 7 * 200 + 1)])
    codes = _codes(number)
    for first in range(1, number + 1, CHUNK):
        rows: dict[str, list[Row]] = {"messages": [], "feedback": [], "feedback_events": []}
        for one in range(first, min(first + CHUNK, number + 1)):
            at = until - timedelta(days=DAYS) * (1 - one / number) ** 0.8 - timedelta(minutes=5)
            made = _Made(chance, one, next(codes), 1 + one * 7919 % contacts, at, until)
            tokens.append(made.add_to(rows, vocabularies))
        for table, some in rows.items():
            put(table, some)
    put_tokens(tokens)


@dataclass
class _Made:
    """One feedback with its messages and events."""

    chance: random.Random
    id: int
    code: str
    contact: int
    at: datetime
    until: datetime

    def add_to(self, rows: dict[str, list[Row]], vocabularies: dict[str, Vocabulary]) -> Tokens:
        """Write its rows; its tokens, shape (n, 2), with its id."""
        place = _skewed(self.chance, PLACES) if self.chance.random() < 0.75 else None
        languages = list(vocabularies)
        home = languages[(PLACES.index(place) * 5 + 3) % len(languages)] if place else "en"
        language = home if self.chance.random() < 0.6 else _skewed(self.chance, languages)
        text, tokens = _text(self.chance, vocabularies[language])
        kind = self.chance.choices(*_TYPES)[0]
        types = [kind, *(["complaint"] if kind != "complaint" and self.chance.random() < 0.1 else [])]
        topic = _skewed(self.chance, _TOPICS) if self.chance.random() < 0.95 else None
        state = self._state()
        closed = self.at + timedelta(days=self.chance.uniform(1, 20)) if state == "closed" else None
        answered = self.at + timedelta(days=self.chance.uniform(0.1, 9)) if state in ("answered", "closed") else None
        whose = self.chance.choice(STAFF) if state not in ("new", "reopened") or self.chance.random() < 0.3 else None
        outcome = _sealed("feedback.outcome", _OUTCOME) if closed else None
        owed = state not in ("answered", "closed")
        week = max(1, min(DAYS // 7, DAYS // 7 - (self.until - self.at).days // 7))
        group = (week - 1) * 200 + 1 + min(199, int(self.chance.paretovariate(0.7))) if self.id % 3 == 0 else None
        rows["feedback"].append(
            (
                self.id, self.code, self.contact, self.id * 3 - 2, json.dumps(types), topic, place, language,
                "whatsapp" if self.contact % 3 == 0 else "sms", _sealed("feedback.body", text),
                self.chance.random() < 0.01, state, whose, group, _sealed("feedback.likeness", _VECTORS[self.id % 64]),
                self.chance.choice(("done", "done", "partly", "not_done")) if closed else None, outcome,
                self.chance.choice((1, 2, 3, 4, 4, 5, 5)) if closed and self.chance.random() < 0.25 else None,
                self.at + timedelta(days=2) if owed else None, self.at + timedelta(days=14) if owed else None,
                answered, answered, closed, closed or answered or self.at, self.at,
                json.dumps([self.chance.choice(LABELS)] if self.chance.random() < 0.03 else []), False,
                _key_name(),
            )
        )  # fmt: skip
        self._add_messages(rows, text, answered or self.at)
        self._add_events(rows, whose or STAFF[0], answered, closed)
        return np.column_stack([np.array(list(tokens), np.int64), np.full(len(tokens), self.id, np.int64)])

    def _state(self) -> str:
        """Old is closed, but for a little that was left; of the last weeks much is open."""
        days = (self.until - self.at).days
        open_ = 0.015 if days > 40 else max(0.03, 0.9 - days / 20)
        if self.chance.random() < open_:
            return self.chance.choice(("new", "new", "acknowledged", "in_progress", "reopened"))
        return "answered" if days < 21 and self.chance.random() < 0.6 else "closed"

    def _add_messages(self, rows: dict[str, list[Row]], text: str, answered: datetime) -> None:
        first = self.id * 3 - 2
        body = "messages.body"
        rows["messages"] += [
            (first, self.contact, "in", "done", "message", _sealed(body, text), None, 0, 0, self.at, self.at, self.at),
            (first + 1, self.contact, "out", "delivered", "reply", _sealed(body, f"Thank you. Your code: {self.code}"),
             first, 1, 1, self.at, self.at, self.at),
            (first + 2, self.contact, "out", "delivered" if self.id % 40 else "undelivered", "answer",
             _sealed(body, _OUTCOME), first, 2, 1, answered, answered, answered),
        ]  # fmt: skip

    def _add_events(
        self, rows: dict[str, list[Row]], by: str, answered: datetime | None, closed: datetime | None
    ) -> None:
        first, message = self.id * 4 - 3, self.id * 3 - 2
        told = _sealed("feedback_events.words", _OUTCOME)
        rows["feedback_events"].append((first, self.id, "taken", None, message, None, None, self.at))
        if answered:
            read = (first + 1, self.id, "assigned", by, None, None, json.dumps({"to": by}), answered)
            rows["feedback_events"] += [read, (first + 2, self.id, "answered", by, message + 2, told, None, answered)]
        if closed:
            rows["feedback_events"].append((first + 3, self.id, "closed", by, None, told, None, closed))


_OUTCOME = "The tank was repaired and is filled every morning before eight; a second one was ordered for the school."
_TYPES = (("complaint", "question", "suggestion", "praise", "rumour"), (46, 26, 12, 10, 6))
_TOPICS = ("water_sanitation", *(topic for topic in taxonomy.topics() if topic != "water_sanitation"))
_VECTORS = [random.Random(number).randbytes(768) for number in range(64)]


def _skewed(chance: random.Random, known: Sequence[str]) -> str:
    """The first far more often than the last."""
    return known[min(int(chance.random() ** 2 * len(known)), len(known) - 1)]


def _vocabulary(language: str) -> Vocabulary:
    """The words of the training texts: real ones, in their own script, as often as they are there."""
    counted: Counter[str] = Counter()
    for file in sorted((ROOT / "data" / "nlu" / language).glob("*.yml")):
        for example in _EXAMPLE.findall(file.read_text(encoding="utf-8")):
            counted.update(re.findall(r"[^\W\d_]+", re.sub(r"\([^)]*\)|\{[^}]*\}", " ", example)))
    common = counted.most_common(4000)
    tokens = {word: _tokens(word) for word, _ in common}
    return Vocabulary([word for word, _ in common], list(accumulate(count for _, count in common)), tokens)


@lru_cache(maxsize=20_000)
def _tokens(text: str) -> list[int]:
    starts = {start for form in word_forms.forms(text) for start in word_forms.beginnings(form)}
    return word_index.tokens(starts)


def _text(chance: random.Random, vocabulary: Vocabulary) -> tuple[str, set[int]]:
    words = chance.choices(vocabulary.words, cum_weights=vocabulary.weights, k=chance.randint(8, 25))
    tokens = {token for word in words for token in vocabulary.tokens[word]}
    if chance.random() < 0.3:
        words.append(f"tent {chance.randint(100, 9999)}")
        tokens.update(_tokens(words[-1]))
    if chance.random() < 1 / 2000:
        words.append(RARE)
        tokens.update(_tokens(RARE))
    return " ".join(words), tokens


@cache
def _key_name() -> str:
    return word_index.key_name()


def _sealed(purpose: str, plain: str | bytes) -> bytes:
    return keyring().encrypt(purpose, plain.encode() if isinstance(plain, str) else plain)


def _codes(number: int) -> Iterator[str]:
    """Codes in a mixed order, each once."""
    size = len(reference.ALPHABET) ** 5
    for one in range(number):
        left, letters = one * 2_654_435 % size, []
        for _ in range(5):
            left, letter = divmod(left, len(reference.ALPHABET))
            letters.append(reference.ALPHABET[letter])
        yield reference.make(partial(_next, iter(letters)), 5)


def _next(letters: Iterator[str], _known: str) -> str:
    return next(letters)


def _contact(number: int, until: datetime) -> Row:
    address = _sealed("contacts.address", f"+2547{number:08}")
    at = until - timedelta(days=DAYS)
    channel = "whatsapp" if number % 3 == 0 else "sms"
    return (number, "simulator", channel, f"{number:064x}", address, "en", False, False, False, at)


def _cluster(number: int, until: datetime) -> Row:
    at = until - timedelta(weeks=DAYS // 7 - (number - 1) // 200)
    voices = 200 // (1 + (number - 1) % 200) + 1
    return (number, f"G{number}", _TOPICS[number % len(_TOPICS)], voices, voices, voices, at, at + timedelta(days=6))
