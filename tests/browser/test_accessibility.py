"""Every page that a role can reach is free of what axe knows to break WCAG 2.2 A and AA, at a desk and on a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Opens

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
    "resultTypes": ["violations"],
}
ROLES = ("engagement", "first.focal.point", "viewer", "editor", "administrator", "auditor")
MOST = 25
"""Kinds of pages that are looked at for one role."""
AS_DOWNLOAD = re.compile(r"/(logout|static|files?)\b|[?&]as=|\.(csv|xlsx|json|po)|/download")
_CHANGING = re.compile(r"/[A-Z0-9]{4,6}-[A-Z0-9]\b|/\d[\d-]*(?=/|$)|(?<=/answers/)[a-z_]+/[a-z]{2}\b")
"""What differs between pages of one kind: codes, numbers, topic and language."""


def kind(address: str) -> str:
    """Pages that differ only in what they show are one kind."""
    path, _, query = address.partition("?")
    names = sorted(part.partition("=")[0] for part in query.split("&") if part)
    tab = re.search(r"tab=\w+", query)
    return _CHANGING.sub("/_", path) + "?" + ",".join(names if not tab else [tab[0]])


def violations(page: Page) -> list[str]:
    """Rule, impact and element of each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{page.url}: {one['id']} ({one['impact']}): {node['html'][:160]}" for one in found for node in one["nodes"][:3]
    ]


def is_too_wide(page: Page) -> bool:
    """True if the page itself scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ar", 390)])
@pytest.mark.parametrize("login", ROLES)
def test_no_page_breaks_the_guidelines(sit_down: Opens, login: str, language: str, width: int) -> None:
    page = sit_down(login, "/", language, width)
    wrong, seen, left = [], set[str](), [page.url]
    while left and len(seen) < MOST:
        address = left.pop(0)
        if kind(address) in seen or AS_DOWNLOAD.search(address):
            continue
        seen.add(kind(address))
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        wrong += violations(page)
        if width < 500 and is_too_wide(page):
            wrong.append(f"{address}: wider than the phone")
        left += page.eval_on_selector_all("a[href*='/console/']", "links => links.map(link => link.href)")
    assert len(seen) >= 2 and wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_login_page_breaks_none_either(sit_down: Opens, desk: object, language: str) -> None:
    context = desk.chromium.new_context(locale=language)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{desk.demonstration.origin}/console/login")  # type: ignore[attr-defined]
    assert page.locator("html").get_attribute("lang") == language
    assert violations(page) == []
    context.close()


def test_axe_would_notice(sit_down: Opens) -> None:
    page = sit_down("viewer", "/account")
    page.evaluate("document.querySelector('#main').innerHTML += '<img src=x><input>'")
    assert {line.split(": ")[1].split(" ")[0] for line in violations(page)} >= {"image-alt", "label"}
