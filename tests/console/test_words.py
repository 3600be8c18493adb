"""The console speaks four languages: every sentence of its pages and code, with the same placeholders, in each."""

import re
from collections.abc import Callable

import pytest
from babel.messages.catalog import Message

from console import words
from console.content import catalogues
from tests.console.conftest import Browser

OTHERS = [code for code in words.LANGUAGES if code != words.SOURCE]
_HELD = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(one) for one in text or ()]  # type: ignore[attr-defined]


def held(text: str) -> set[str]:
    return {one or other for one, other in _HELD.findall(text)}


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_missing(language: str) -> None:
    assert list(catalogues.missing(language)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_stands_there_in_vain(language: str) -> None:
    present = {str(message.id) for message in catalogues.found()}
    assert [message.id for message in catalogues.kept(language) if message.id and str(message.id) not in present] == []


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_those_of_the_english_sentence(language: str) -> None:
    def wrong(message: Message) -> bool:
        wanted = set().union(*map(held, forms(message.id)))
        return any(held(form) - wanted for form in forms(message.string)) or not any(
            held(form) == wanted for form in forms(message.string)
        )

    assert [message.id for message in catalogues.kept(language) if message.id and wrong(message)] == []


def test_what_is_not_translated_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "kept", lambda language: catalogues.Catalog(locale=language))
    assert "Log out" in set(catalogues.missing("ar"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_login_page_speaks_what_the_browser_asks_for_and_what_was_chosen(browser: Browser) -> None:
    assert '<html lang="en" dir="ltr">' in browser.get("/login").text
    page = browser.get("/login", headers={"Accept-Language": "fa, ar;q=0.9, en;q=0.5"}).text
    assert '<html lang="ar" dir="rtl">' in page
    assert '<html lang="fr" dir="ltr">' in browser.does("/language", language="fr")
    assert browser.post("/language", language="xx").status_code == 400


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_account_keeps_its_language(enter: Callable[..., Browser]) -> None:
    browser = enter("dora")
    browser.get("/account")
    assert '<html lang="ar" dir="rtl">' in browser.does("/account/language", language="ar")
    assert browser.post("/account/language", language="xx").status_code == 400
    assert '<html lang="ar"' in browser.get("/reports").text
