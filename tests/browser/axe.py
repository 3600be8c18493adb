"""What axe finds on a page, with all that is folded away on it unfolded."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
    "resultTypes": ["violations"],
}
PHONE = 500
"""Pixels: narrower windows are a phone's."""


def violations(page: Page) -> list[str]:
    """Rule, impact and element of each; and whether the page scrolls sideways on a phone."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page, options=RULES).response["violations"]
    told = [
        f"{page.url}: {one['id']} ({one['impact']}): {node['html'][:160]}" for one in found for node in one["nodes"][:3]
    ]
    if (page.viewport_size or {"width": 0})["width"] < PHONE and is_too_wide(page):
        told.append(f"{page.url}: wider than the phone")
    return told


def is_too_wide(page: Page) -> bool:
    """True if the page itself scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"))


def look_over(page: Page) -> None:
    """Fail if this page breaks a guideline."""
    found = violations(page)
    assert found == [], "\n".join(found)
