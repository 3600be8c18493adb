"""Somebody new: added by an administrator, let in by a link, with a phone for one-time codes and codes for its loss."""

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import look_over
from tests.browser.conftest import WIDTHS, WINDOWS, Desk, Opens, Window

PASSWORD = "seven green boats at noon"


@pytest.fixture(scope="module", params=[WINDOWS[0], WINDOWS[-1]], ids=lambda window: f"{window[0]}-{window[1]}")
def window(request: pytest.FixtureRequest) -> Window:
    """Language and width."""
    return request.param  # type: ignore[no-any-return]


def test_a_new_colleague_is_added_and_comes_in(sit_down: Opens, desk: Desk, window: Window) -> None:
    page = sit_down("administrator", "/people", *window)
    link, login = is_added(page, desk, window)
    language, width = window
    context = desk.chromium.new_context(
        locale=language, viewport={"width": width, "height": WIDTHS[width]}, reduced_motion="reduce"
    )
    new = context.new_page()
    new.goto(link)
    expect(new.locator("html")).to_have_attribute("lang", language)
    look_over(new)
    new.locator("#password").fill(PASSWORD)
    new.locator("#again").fill(PASSWORD)
    new.locator("#code").fill(pyotp.TOTP(secret_on(new)).now())
    new.locator("main form button").click()
    expect(new.locator(".spare li")).to_have_count(10)
    look_over(new)
    spare = new.locator(".spare li").all_inner_texts()
    new.locator("main a.btn").click()
    new.locator("#login").fill(login)
    new.locator("#password").fill(PASSWORD)
    new.locator("main form button").click()
    new.locator("#code").fill("000000")
    new.locator("main form button").click()
    expect(new.locator("main [role=alert]")).to_be_visible()
    look_over(new)
    new.locator("#code").fill(spare[0])
    new.locator("main form button").click()
    expect(new.locator("a.leave")).to_be_visible()
    the_phone_is_changed(new, spare[1])
    context.close()


def is_added(page: Page, desk: Desk, window: Window) -> tuple[str, str]:
    """The link for their first password, and their login."""
    page.locator("a[href$='people/new']").click()
    login = f"new.{window[0]}.{window[1]}"
    page.locator("#login").fill(login)
    page.locator("#name").fill("Nadia")
    page.locator("[name=role][value=viewer]").check()
    page.locator("#code").fill(desk.fresh_code("administrator"))
    page.locator("main form button").click()
    shown = page.locator(".link.passed code")
    expect(shown).to_contain_text("/console/first/")
    look_over(page)
    link = shown.inner_text()
    page.goto(page.url.partition("/people")[0] + "/people")
    expect(page.locator("main")).to_contain_text(login)
    return link, login


def the_phone_is_changed(page: Page, spare: str) -> None:
    page.goto(page.url.partition("/console")[0] + "/console/account")
    page.locator("#phone-old").fill(PASSWORD)
    page.locator("#phone-code").fill(spare)
    page.locator("form[action$='account/phone'] button").click()
    expect(page.locator(".secret")).to_be_visible()
    look_over(page)
    page.locator("#code").fill(pyotp.TOTP(secret_on(page)).now())
    page.locator("main form button").click()
    expect(page.locator("main .alert-success")).to_be_visible()


def secret_on(page: Page) -> str:
    """What an app for one-time codes is told."""
    return page.locator("code.secret").inner_text().replace(" ", "")
