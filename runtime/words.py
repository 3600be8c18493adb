"""Every sentence that a person reads: gettext catalogues in bot/locales/<language>/LC_MESSAGES/sawti.po."""

from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from runtime.settings import ROOT

LOCALES = ROOT / "bot" / "locales"
SOURCE = "en"


class NoSuchSentence(KeyError):
    """The source catalogue has no sentence of this name: a mistake in our code."""


def catalogue_path(language: str) -> Path:
    """The file with the sentences of a language."""
    return LOCALES / language / "LC_MESSAGES" / "sawti.po"


@lru_cache(maxsize=32)
def catalogue(language: str) -> dict[str, str]:
    """Name to sentence for one language; empty where there is no catalogue."""
    path = catalogue_path(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        po: Catalog = read_po(file, locale=language)
    return {str(entry.id): str(entry.string) for entry in po if entry.id and entry.string and not entry.fuzzy}


def sentence(name: str, language: str | None, /, **values: object) -> str:
    """The sentence `name` in `language` with its {placeholders} filled; English where the language lacks it."""
    text = catalogue(language or SOURCE).get(name) or catalogue(SOURCE).get(name)
    if text is None:
        raise NoSuchSentence(name)
    return text.format(**values) if values else text
