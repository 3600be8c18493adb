"""A message with what is known before it is read: its language, what came beside the words, how the talk stands."""

from __future__ import annotations

from dataclasses import dataclass

from actions.codes import asks_by_code, words_of
from actions.private_talk import coming_back, is_relayed
from bot.language import Guess, identify
from directory import search
from messaging import keywords
from messaging.contacts import country_of
from messaging.inbound import Extras
from messaging.models import Contact, Message
from runtime.deployment import deployment
from store.database import now


@dataclass(frozen=True)
class Spoken:
    """A message with its language settled. `language` is what it is in, `reply_in` what we answer in."""

    text: str
    extras: Extras
    language: str | None
    sure: bool
    reply_in: str
    untold: tuple[str, ...] = ()
    """The likeliest languages, where this one cannot be told and the contact has none yet: then it is asked."""
    with_people: bool = False
    """People hold the talk: the assistant keeps quiet."""
    may_mark: bool = False
    """The person was asked how much a closed feedback helped."""
    answer_waits: bool = False
    """A text of staff is held until the person wants to read it."""
    in_relay: bool = False
    """It is a focal point who holds the talk."""
    coming_back: str | None = None
    """The text holds the code of the person's own report (actions/private_talk.py)."""

    @classmethod
    def of(cls, message: Message, contact: Contact) -> Spoken:
        """Identify the language; what the contact chose or spoke before weighs in."""
        text = (message.body or "").strip()
        # places and codes are of no language: "Riverside" is not English, and "3HX9-X" not Arabic typed with digits
        told = "" if asks_by_code(text) else search.without_places(words_of(text))
        guess = _by_keyword(text) or identify(told, contact.language, country_of(contact))
        sure = guess.language is not None and guess.confidence >= (0.6 if contact.language else 0.5)
        reply_in = contact.language or deployment().default_language
        served = guess.language in deployment().languages
        if served and not contact.language_chosen and (sure or contact.language is None):
            reply_in = guess.language or reply_in
        untold = () if sure or contact.language else tuple(c for c in guess.likely if c in deployment().languages)
        marks = contact.rating_for is not None
        with_people = contact.is_with_people(now())
        return cls(
            text,
            Extras.parse(message.extras),
            guess.language,
            sure,
            reply_in,
            untold,
            with_people,
            marks,
            contact.answer_waits,
            with_people and is_relayed(contact),
            coming_back(contact, text),
        )

    @property
    def is_served(self) -> bool:
        """True unless the text is surely in a language that this deployment does not serve."""
        return not self.sure or self.language in deployment().languages or len(self.text.split()) < 2


def _by_keyword(text: str) -> Guess | None:
    """STOP in somebody's own language tells that language, where the text itself is too short to."""
    keyword = keywords.find(text)
    served = [code for code in keyword.languages if code in deployment().languages] if keyword else []
    return Guess(served[0], 0.55) if served else None
