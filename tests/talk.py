"""A talk of one phone with the service in one language, for journeys that are the same in all twelve."""

from collections.abc import Mapping
from typing import Any

from runtime import taxonomy
from runtime.words import sentence
from tests.phones import Town

PHONE = "+254722000077"


class Talk:
    """One phone that writes in one language, which it has chosen. `words`: what it says, by name."""

    def __init__(self, town: Town, language: str, words: Mapping[str, str], phone: str = PHONE) -> None:
        self.town, self.language, self.words, self.phone = town, language, words, phone
        self.says(taxonomy.languages()[language])

    def says(self, text: str, **form: str) -> str:
        """What is heard after the text."""
        return "\n".join(self.town.says(self.phone, text, **form))

    def asks(self, name: str) -> str:
        """What is heard after one of the texts by name."""
        return self.says(self.words[name])

    def gives(self, name: str) -> str:
        """The same, where it must not be private: asked whether it is, the phone says no."""
        heard = self.asks(name)
        return heard if self.sentence("ask_private") not in heard else f"{heard}\n{self.says('2')}"

    def sentence(self, name: str, **values: object) -> str:
        """A sentence of the catalogue."""
        return sentence(name, self.language, **values)

    def part(self, name: str) -> str:
        """The longest piece of a sentence without its placeholders: enough to know it by."""
        pieces = sentence(name, self.language).replace("}", "{").split("{")[::2]
        return max(pieces, key=len).strip()

    def since(self, count: int) -> str:
        """What the phone has heard since it had heard `count` messages."""
        return "\n".join(self.town.api.bodies(self.phone)[count:])

    def kept(self) -> list[Any]:
        """The feedback of this phone, oldest first."""
        from messaging import contacts
        from store.database import reading

        with reading() as session:
            contact = contacts.find(session, "twilio", "sms", self.phone)
        return feedback(contact_id=contact.id) if contact else []

    @property
    def count(self) -> int:
        """How many messages the phone has heard."""
        return len(self.town.api.bodies(self.phone))


def feedback(**wanted: Any) -> list[Any]:
    """The feedback in the database, oldest first, with these properties."""
    from sqlalchemy import select
    from sqlalchemy.orm import undefer

    from casework.models import Feedback
    from store.database import reading

    with reading() as session:
        found = session.scalars(select(Feedback).options(undefer(Feedback.likeness)).order_by(Feedback.id)).all()
    return [one for one in found if all(getattr(one, name) == value for name, value in wanted.items())]
