"""The console in the language of who reads it: gettext catalogues in console/locales/<language>/console.po.

The English sentence is its own name, so English needs no catalogue; a sentence that a language lacks stays English.
"""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request

FOLDER = Path(__file__).with_name("locales")
SOURCE = "en"
LANGUAGES = ("en", "fr", "es", "ar")
"""Languages in which staff can read the console."""
COOKIE = "sawti_language"
"""What somebody chose before logging in; afterwards the account's language counts."""


def path(language: str) -> Path:
    """The catalogue of a language."""
    return FOLDER / language / "console.po"


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> NullTranslations:
    """The catalogue as gettext knows it."""
    if language == SOURCE or not path(language).exists():
        return NullTranslations()
    with path(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain="console")


def language() -> str:
    """The language of this request: of the account, else chosen here, else what the browser asks for."""
    if not has_request_context():
        return SOURCE
    known = g.get("language")
    if known is None:
        who = g.get("who")
        wanted = who.person.language if who else request.cookies.get(COOKIE)
        best = wanted if wanted in LANGUAGES else None
        known = g.language = best or request.accept_languages.best_match(LANGUAGES) or SOURCE
    return str(known)


def locale() -> Locale:
    """For dates, numbers and names of languages."""
    return Locale.parse(language())


def is_right_to_left() -> bool:
    """True for Arabic."""
    return locale().text_direction == "rtl"


def gettext(text: str) -> str:
    """The sentence in the language of the reader."""
    return str(translations(language()).ugettext(text))


def ngettext(one: str, many: str, number: int) -> str:
    """The sentence for so many."""
    return str(translations(language()).ungettext(one, many, number))


_ = gettext


def mark(text: str) -> str:
    """A sentence that is translated later, where it is shown: `mark` only lets it be found for the catalogues."""
    return text


def of_language(code: str | None) -> str:
    """`sw` as `Swahili`, in the language of the reader."""
    return str(locale().languages.get(code, code)) if code else gettext("not known")


def install(app: Flask) -> None:
    """Templates may say {{ _("…") }}, {{ ngettext("%(num)s text", "%(num)s texts", n) }} and {% trans %}."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    app.jinja_env.filters["language_name"] = of_language
    app.jinja_env.globals.update(page_language=language, is_right_to_left=is_right_to_left, CONSOLE_LANGUAGES=LANGUAGES)
