"""What one does with any page."""

import re

from playwright.sync_api import Page, expect


def arrive(page: Page, address: str) -> None:
    """Wait until the page with this in its address is there whole: a click returns before."""
    expect(page).to_have_url(re.compile(address))
    page.wait_for_load_state()


def unfold(page: Page, what: str) -> None:
    """Open the part in which this is folded away."""
    if not page.locator(what).is_visible():
        page.locator("details", has=page.locator(what)).locator("summary").first.click()
