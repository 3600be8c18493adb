"""What comes while a page is open appears in it by itself, and disturbs nobody; without scripts the pages work too."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demonstration, Opens
from tests.browser.phone import Phone, wait_for

BROKEN = "the light on the path to the toilets is broken for a week"
PATIENT = 60_000
"""Milliseconds in which an open page has asked for news."""


def test_new_feedback_comes_into_the_open_list(sit_down: Opens, demonstration: Demonstration) -> None:
    page = sit_down("engagement", "/feedback")
    page.emulate_media(reduced_motion="reduce")
    ticked = page.locator("#rows li").nth(2)
    code = ticked.locator(".code-name").inner_text()
    ticked.locator("[name=pick]").check()
    seen = ticked.locator("[name=pick]").input_value()
    at = page.locator("#rows li").nth(20).locator(".code-name")
    read = at.inner_text()
    at.focus()
    top = at.evaluate("link => link.getBoundingClientRect().top")
    page.evaluate("window.isSamePage = true")
    Phone(demonstration, "+12025550181").writes(BROKEN)
    new = page.locator("#rows li.came")
    expect(new).to_contain_text(BROKEN, timeout=PATIENT)
    assert new.locator(".code-name").inner_text() == page.locator("#rows .code-name").first.inner_text()
    expect(page.locator("#live")).not_to_be_empty()
    kept = page.locator("#rows li", has_text=code).locator("[name=pick]")
    expect(kept).to_be_checked()
    assert kept.input_value() == seen and page.evaluate("window.isSamePage")
    assert page.evaluate("document.activeElement.textContent") == read
    assert abs(page.evaluate("document.activeElement.getBoundingClientRect().top") - top) < 2
    assert page.locator("#ticked").inner_text() == "(1)"


def test_a_new_report_comes_into_the_open_queue(sit_down: Opens, demonstration: Demonstration) -> None:
    page = sit_down("first.focal.point", "/reports")
    before = page.locator("#reports .code-name").count()
    phone = Phone(demonstration, "+12025550182")
    if "1" in phone.writes("a guard of the camp wants me to sleep with him for a tent"):
        phone.writes("1")
    expect(page.locator("#reports li.came")).to_have_count(1, timeout=PATIENT)
    assert page.locator("#reports .code-name").count() == before + 1


def test_without_scripts_a_complaint_is_answered_and_closed(sit_down: Opens, demonstration: Demonstration) -> None:
    phone = Phone(demonstration, "+12025550183")
    phone.writes(BROKEN)
    page: Page = sit_down("engagement", "/feedback", scripts=False)
    page.locator("#q").fill("toilets")
    page.locator(".search button").click()
    page.locator("#rows li", has_text=BROKEN).locator(".code-name").first.click()
    page.locator("#text").fill("The electrician comes tomorrow.")
    page.locator("form[action$=reply] button[value=check]").click()
    page.locator("button[value=send]").click()
    expect(page.locator(".thread .ours .words").last).to_have_text("The electrician comes tomorrow.")
    page.locator("[name=resolution][value=done]").check()
    page.locator("#outcome").fill("The light works again.")
    page.locator("form[action$=close] button[value=check]").click()
    page.locator("button[value=close]").click()
    expect(page.locator(".thread")).to_contain_text("The light works again.")
    wait_for(lambda: any("The light works again" in text for text in phone.read()))
