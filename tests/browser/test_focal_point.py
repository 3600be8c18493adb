"""What a focal point does with a report, from the alert to its end, with a mouse and a keyboard."""

import pytest
from playwright.sync_api import Page, expect

from casework import reference
from tests.browser.axe import look_over
from tests.browser.conftest import WINDOWS, Demonstration, Opens, Window
from tests.browser.pages import unfold
from tests.browser.phone import Phone, wait_for

WORDS = "the man who gives out food cards asked me to sleep with him to stay on the list"
ANY_TIME = "1"
ASKS = "Is there a place to which he does not come? We can help you today."
ANSWER = "I am at my sister's"
OF_FOCAL_POINT = "+12025550190"


@pytest.fixture(scope="module", params=WINDOWS, ids=lambda window: f"{window[0]}-{window[1]}")
def window(request: pytest.FixtureRequest) -> Window:
    """Language and width."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def phone(demonstration: Demonstration, window: Window) -> Phone:
    """Of somebody in need."""
    return Phone(demonstration, f"+1202555011{1 + WINDOWS.index(window)}")


@pytest.fixture
def code(demonstration: Demonstration, phone: Phone) -> str:
    """They report, and agree to be written to; the code that the alert names."""
    alerts = Phone(demonstration, OF_FOCAL_POINT)
    before = len(alerts.read())
    assert "1" in phone.writes(WORDS)
    phone.writes("1")
    wait_for(lambda: len(alerts.read()) > before)
    return reference.find(alerts.read()[-1]) or ""


def test_a_focal_point_helps_and_closes_a_report(sit_down: Opens, window: Window, phone: Phone, code: str) -> None:
    page = sit_down("first.focal.point", "/", *window)
    page.locator("#code").fill(code)
    page.locator("form.find button").click()
    expect(page.locator(".thread .theirs .words").first).to_have_text(WORDS)
    page.locator("form.take button").click()
    page.locator("#note").fill("Called the women's centre.")
    page.locator("form[action$=note] button").click()
    expect(page.locator(".thread .note")).to_contain_text("Called the women's centre.")
    what_came_meanwhile_is_read_first(page, phone)
    they_write_to_each_other(page, phone)
    a_referral_is_agreed_and_passed_on(page)
    the_number_and_who_is_concerned(page)
    a_colleague_is_asked_before_taking_over(sit_down("second.focal.point", "/", *window), page)
    unfold(page, "form[action$='/close']")
    look_over(page)
    page.locator("#outcome").select_option("helped")
    page.locator("#closing").fill("She is in a safe place, with people who help.")
    page.locator("form[action$='/close'] button").click()
    expect(page.locator("form[action$=reopen]")).to_be_visible()
    look_over(page)


def what_came_meanwhile_is_read_first(page: Page, phone: Phone) -> None:
    phone.writes(ANY_TIME)
    page.locator("#hours").fill("24/7")
    page.locator("form.hours button").click()
    expect(page.locator(".passed")).to_have_text("24/7")
    expect(page.locator(".thread li.event")).to_have_count(1)
    look_over(page)
    page.locator("form[action$=safe-hours] button").click()
    expect(page.locator("#hours")).to_have_value("24/7")


def they_write_to_each_other(page: Page, phone: Phone) -> None:
    page.locator("#text").fill(ASKS)
    page.locator("#ask_first").uncheck()
    page.locator("form[action$=write] button[value=check]").click()
    expect(page.locator("button[value=send]")).to_be_visible()
    look_over(page)
    page.locator("button[value=send]").click()
    wait_for(lambda: any(ASKS in text for text in phone.read()))
    phone.sends(ANSWER)

    def has_come() -> bool:
        page.reload()
        return page.locator(".thread .theirs .words").last.inner_text() == ANSWER

    wait_for(has_come)


def a_referral_is_agreed_and_passed_on(page: Page) -> None:
    page.locator("a[href*='/refer?']").click()
    page.locator("#organisation").fill("Women's centre")
    page.locator("#purpose").fill("a safe place to stay")
    page.locator("#text").fill("A woman needs a bed from tonight.")
    page.locator("#way-phone").check()
    page.locator("form[action$='refer/check'] button").click()
    expect(page.locator(".passed")).to_have_text("A woman needs a bed from tonight.")
    look_over(page)
    page.locator("form[action$='/refer'] button").click()
    page.locator("form[action*='/referrals/'] button[value=sent]").click()
    expect(page.locator("form[action*='/referrals/'] button[value=accepted]")).to_be_visible()


def the_number_and_who_is_concerned(page: Page) -> None:
    page.locator("form[action$=number] button").click()
    expect(page.locator(".number")).to_contain_text("+1202555011")
    look_over(page)
    page.go_back()
    unfold(page, "form[action$='/concerning']")
    page.locator("#person").select_option(index=2)
    page.locator("form[action$='/concerning'] button").click()
    expect(page.locator("#reason")).to_be_visible()
    look_over(page)
    page.locator(".back a").click()
    expect(page.locator(".thread")).to_be_visible()


def a_colleague_is_asked_before_taking_over(colleagues: Page, page: Page) -> None:
    colleagues.goto(page.url)
    colleagues.locator("form.take button").click()
    expect(colleagues.locator("button[name=sure]")).to_be_visible()
    look_over(colleagues)
