"""The Rasa graph component: one reading of a text gives intent, feedback types, topic and sensitive matters."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tqdm import tqdm

from bot import encoder
from bot.nlu.features import Features
from bot.nlu.heads import OTHER, IntentHead, SensitiveHead
from bot.nlu.likeness import Likeness
from bot.nlu.sensitive import Verdict, judge
from bot.nlu.terms import Row
from runtime import taxonomy, training_texts
from runtime.folding import fold
from runtime.settings import settings

MOST_WINDOWS = 24
SHORT = 2
"""Words. Longer texts always meet the encoder: a disclosure may hide in them."""
FEW_LETTERS = 240
"""Up to here sentences are read one by one too: a second reading of a story would cost as much as the first."""
KNOWN = 0.85
"""Confidence in a short text that was learnt word for word: sure, yet no reason to leave an open form."""
cheap_first = True
"""Off only to measure what it saves and that it changes nothing."""
_SENTENCE = re.compile(r"[.?!;؟؛።፧\n]+\s*")
_OFTEN = 0.1 if sys.stderr.isatty() else 5.0  # seconds between two states of a progress bar


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class Understanding(GraphComponent, IntentClassifier):
    """Encoder and TF-IDF features, logistic regression for the intent and for sensitive matters, and the lexicon."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`scale` of the encoder's numbers, `strength` (C) of the machines, how often the alarm may be wrong."""
        return {
            "scale": 0.05,
            "strength": 1.0,
            "sensitive_strength": 0.3,
            "wrongly_acted": 0.035,
            "wrongly_asked": 0.10,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._features: Features | None = None
        self._intent: IntentHead | None = None
        self._sensitive: SensitiveHead | None = None
        self._topics: encoder.Vectors | None = None
        self._likeness: Likeness | None = None
        self._known: dict[str, str] = {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Understanding:
        """Rasa's factory."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from data/nlu. Vectors are kept by text, so that a second training only reads what is new."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        texts = [message.get(TEXT) for message in examples]
        encoder.vector("")  # builds its files the first time; the bar would take that for the pace of a text
        with tqdm(total=len(texts), desc="Reading examples", unit="text", mininterval=_OFTEN) as bar:
            vectors = encoder.vectors(texts, settings().data_dir / "vectors.npz", bar.update)
            self._likeness = _fit_likeness(texts, vectors)
        with tqdm(total=4, desc="Learning", unit="step", mininterval=_OFTEN) as bar:
            self._features, matrix = Features.fit(texts, vectors, self._config["scale"])
            bar.update()
            told = [_told(message) for message in examples]
            # a disclosure is told by the alarm; as an intent it would draw every sad question to itself
            open_ = [row for row, (names, _) in enumerate(told) if not names]
            self._intent = IntentHead.fit(
                matrix[open_], [examples[row].get(INTENT) for row in open_], self._config["strength"]
            )
            bar.update()
            known = [row for row, (names, _) in enumerate(told) if names is not None]
            self._sensitive = SensitiveHead.fit(
                matrix[known],
                [told[row][0] or [] for row in known],
                [told[row][1] for row in known],
                self._config["sensitive_strength"],
                self._config["wrongly_acted"],
                self._config["wrongly_asked"],
            )
            bar.update()
            self._known = _short_and_sure(examples)
            about = encoder.vectors(list(taxonomy.topics().values()))
            self._topics = about - about.mean(0)
            bar.update()
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(
                (self._features, self._intent, self._sensitive, self._topics, self._known, self._likeness),
                Path(folder) / "heads.joblib",
                3,
            )
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Understanding:
        """Rasa's loader."""
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            parts = joblib.load(Path(folder) / "heads.joblib")
        made._features, made._intent, made._sensitive, made._topics, made._known, made._likeness = parts
        return made

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking, feedback types, topic and the sensitive verdict on each message."""
        for message in messages:
            self._read(message, message.get(TEXT) or "")
        return messages

    def likeness(self, text: str, language: str | None) -> encoder.Vectors:
        """The vector by which the text is compared with others, shape (100,), length 1."""
        if self._likeness is None:
            raise RuntimeError("the component was neither trained nor loaded")
        return self._likeness.vector(encoder.vector(text), language)

    def _read(self, message: Message, text: str) -> None:
        if self._features is None or self._intent is None or self._sensitive is None or self._topics is None:
            raise RuntimeError("the component was neither trained nor loaded")
        known = self._known.get(fold(text)) if cheap_first else None
        if known is not None:
            # a short text that was learnt word for word: only the lexicon can find anything grave in it
            topic = known.removeprefix("ask_") if known.startswith("ask_") else None
            self._set(message, [(known, KNOWN)], judge(text, lambda: (0.0, []), 1.0, 1.0), topic)
            return
        meaning = encoder.vector(text)
        row = self._features.row(text[: encoder.LONGEST], meaning)
        ranking = self._intent.ranking(row)
        head = self._sensitive
        verdict = judge(text, lambda: self._alarm(text, row), head.act_from, head.ask_from)
        self._set(message, ranking, verdict, self._topic(meaning))

    @staticmethod
    def _set(message: Message, ranking: list[tuple[str, float]], verdict: Verdict, topic: str | None) -> None:
        found: dict[str, Any] = {
            INTENT: {"name": ranking[0][0], "confidence": ranking[0][1]},
            "intent_ranking": [{"name": name, "confidence": chance} for name, chance in ranking[:10]],
            "feedback_types": _feedback_types(ranking),
            "topic": topic,
            "sensitive": [{"category": c, "score": s} for c, s in verdict.act],
            "hints": list(verdict.hints),
            "ask_softly": verdict.ask_softly,
            "half_hint": verdict.half_hint,
        }
        for name, value in found.items():
            message.set(name, value, add_to_output=True)

    def _alarm(self, text: str, row: Row) -> tuple[float, list[tuple[str, float]]]:
        """Score the text, the sentences of a short one, the windows of a long one: a disclosure may hide there."""
        if self._sensitive is None or self._features is None:
            raise RuntimeError("the component was neither trained nor loaded")
        windows = encoder.windows(text)
        pieces = (windows if len(windows) > 1 else sentences(text) if len(text) <= FEW_LETTERS else [])[:MOST_WINDOWS]
        rows = [self._features.row(piece, encoder.vector(piece)) for piece in pieces]
        return self._sensitive.scores([*([row] if len(windows) == 1 else []), *rows])

    def _topic(self, meaning: encoder.Vectors) -> str:
        """The topic whose description in the taxonomy is nearest, whatever the text's language."""
        if self._topics is None:
            raise RuntimeError("the component was neither trained nor loaded")
        nearness = self._topics @ meaning / np.linalg.norm(self._topics, axis=1)
        return list(taxonomy.topics())[int(np.argmax(nearness))]


def _fit_likeness(texts: list[str], vectors: encoder.Vectors) -> Likeness:
    """With the languages of the training texts, which Rasa's reader does not tell."""
    spoken = {
        text: code
        for code in taxonomy.languages()
        for path in training_texts.files(code)
        for _, examples in training_texts.read(path)
        for text in examples
    }
    known = [row for row, text in enumerate(texts) if text in spoken]
    return Likeness.fit(vectors[known], [spoken[texts[row]] for row in known], settings().data_dir / "alike.npz")


def sentences(text: str) -> list[str]:
    """The sentences of three words or more, where there are several."""
    found = [part.strip() for part in _SENTENCE.split(text) if len(part.split()) > SHORT]
    return found if len(found) > 1 else []


def _told(message: Message) -> tuple[list[str] | None, str]:
    """The sensitive categories of a training text, and its kind; None for a mere wish to speak in private."""
    data = (message.get("metadata") or {}).get("intent") or {}
    if "sensitive" in data:
        return list(data["sensitive"]), str(data.get("kind") or OTHER)
    return (None if message.get(INTENT) == "report_privately" else []), OTHER


def _short_and_sure(examples: list[Message]) -> dict[str, str]:
    """Folded training texts of one or two words, to their intent where it is the same in all languages."""
    found: dict[str, set[str]] = {}
    for message in examples:
        if len(message.get(TEXT).split()) <= SHORT:
            found.setdefault(fold(message.get(TEXT)), set()).add(message.get(INTENT))
    return {
        text: intent
        for text, (intent, *others) in ((text, tuple(intents)) for text, intents in found.items())
        if not others and not _told_anywhere(intent)
    }


def _told_anywhere(intent: str) -> bool:
    """Disclosures, and feedback, whose topic the vector finds, are read in full."""
    return intent == "report_privately" or intent.startswith("feedback_")


def _feedback_types(ranking: list[tuple[str, float]]) -> list[str]:
    chances = dict(ranking)
    types = {name: chances.get(f"feedback_{name}", 0.0) for name in taxonomy.feedback_types()}
    types["question"] = sum(chance for intent, chance in ranking if intent.startswith("ask_"))
    return [name for name, chance in sorted(types.items(), key=lambda pair: -pair[1]) if chance >= 0.4]
