"""What each role comes for, done with a mouse and a keyboard: in English and Arabic, at a desk and on a phone."""

import re
import urllib.parse
from io import BytesIO

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from casework import reference
from tests.browser.conftest import WINDOWS, Demonstration, Desk, Opens, Window
from tests.browser.phone import Phone, wait_for

ANSWER = "شكراً لرسالتك. الفنيون يصلحون الحنفية غداً صباحاً."
OUTCOME = "تم إصلاح الحنفية ويصل الماء الآن كل يوم."


@pytest.fixture(scope="module", params=WINDOWS, ids=lambda window: f"{window[0]}-{window[1]}")
def window(request: pytest.FixtureRequest) -> Window:
    """Language and width. Of the module: so each role has time until its next one-time code."""
    return request.param  # type: ignore[no-any-return]


def arrive(page: Page, address: str) -> None:
    """Wait until the page with this in its address is there whole: a click returns before."""
    expect(page).to_have_url(re.compile(address))
    page.wait_for_load_state()


def show_filters(page: Page) -> None:
    """On a phone they are folded away."""
    if not page.locator("#topic").is_visible():
        page.locator("details.filters > summary").click()


def test_engagement_finds_answers_and_closes_the_oldest_complaint(
    sit_down: Opens, demonstration: Demonstration, window: Window
) -> None:
    page = sit_down("engagement", "/", *window)
    show_filters(page)
    for name, value in (
        ("type", "complaint"),
        ("topic", "water_sanitation"),
        ("place", "Riverside"),
        ("language", "ar"),
    ):
        page.locator(f"#{name}").select_option(value)
    page.locator(".narrow-by button:visible").first.click()
    arrive(page, "topic=water_sanitation")
    page.locator(".order a[href*=oldest]").click()
    arrive(page, "order=oldest.*topic=water_sanitation")
    codes = page.locator("#rows .code-name")
    assert codes.count() >= 3
    ages = page.locator("#rows time").evaluate_all("found => found.map(one => one.dateTime)")
    assert ages == sorted(ages)
    code = codes.first.inner_text()
    following = codes.nth(1).inner_text()
    codes.first.click()
    expect(page.locator("h1")).to_have_text(code)
    phone_page = page.locator("dd a[href^='/simulator']").get_attribute("href") or ""
    page.locator("#text").fill(ANSWER)
    page.locator("form[action$=reply] button[value=check]").click()
    expect(page.locator(".bubble")).to_have_text(ANSWER)
    page.locator("button[value=send]").click()
    expect(page.locator(".thread .ours .words").last).to_have_text(ANSWER)
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(phone_page).query)
    phone = Phone(demonstration, asked["phone"][0], asked["channel"][0])
    wait_for(lambda: any(ANSWER in text for text in phone.read()))
    simulator = page.context.new_page()
    simulator.goto(f"{demonstration.origin}{phone_page}")
    expect(simulator.locator("#thread li", has_text=ANSWER)).to_be_visible()
    page.reload()
    page.locator("[name=resolution][value=done]").check()
    page.locator("#outcome").fill(OUTCOME)
    page.locator("form[action$=close] button[value=check]").click()
    page.locator("button[value=close]").click()
    expect(page.locator(".thread")).to_contain_text(OUTCOME)
    wait_for(lambda: any(OUTCOME.rstrip(".") in text for text in phone.read()))
    page.locator("#next").click()
    expect(page.locator("h1")).to_have_text(following)
    page.locator("#to-list").click()
    expect(page.locator("#topic")).to_have_value("water_sanitation")


def test_engagement_exports_the_month(sit_down: Opens, window: Window) -> None:
    page = sit_down("engagement", "/", *window)
    page.locator("header nav a[href$=exports]").click()
    with page.expect_download() as waited:
        page.locator("main form button.btn-primary").click()
    assert waited.value.suggested_filename.endswith(".xlsx")
    content = BytesIO(waited.value.path().read_bytes())
    header, *rows = openpyxl.load_workbook(content).worksheets[0].iter_rows(values_only=True)
    code = header.index("code")
    assert rows and all(reference.find(str(row[code])) == row[code] for row in rows)


def test_a_viewer_reads_the_figures(sit_down: Opens, window: Window) -> None:
    page = sit_down("viewer", "/", *window)
    page.locator("[name=place]").select_option("Riverside")
    page.locator("main form button").first.click()
    arrive(page, "place=Riverside")
    assert page.locator("main svg").count() >= 2
    assert page.locator("main details summary").count() >= page.locator("main svg").count()
    page.locator("main details summary").first.click()
    expect(page.locator("main details table").first).to_be_visible()
    page.locator("a[href$='figures/months']").first.click()
    page.locator("main a[href*='figures/month/']").first.click()
    arrive(page, r"figures/month/\d")
    assert page.locator("main svg").count() >= 1 and page.locator("main .words, main q").count() == 0


def test_an_editor_proposes_and_a_second_one_approves(
    sit_down: Opens, demonstration: Demonstration, window: Window
) -> None:
    topic = ("shelter", "health", "education", "safety")[WINDOWS.index(window)]
    new = f"You can ask the camp office for help with {topic} on any day. It is free. Write to us if nobody helps you."
    page = sit_down("editor", f"/answers/{topic}/en", *window)
    page.locator("#short").fill(new)
    page.locator("#reason").fill("Shorter")
    page.locator("button[value=propose]").click()
    second = sit_down("editor.two", "/answers/waiting", *window)
    expect(second.locator("form.proposals ins").first).to_be_visible()
    second.locator("form.proposals .decide > button").first.click()
    page.goto(f"{demonstration.origin}/console/answers/{topic}/en")
    expect(page.locator("#short")).to_have_value(new)


def test_an_administrator_adds_a_person(sit_down: Opens, desk: Desk, window: Window) -> None:
    page = sit_down("administrator", "/people", *window)
    page.locator("a[href$='people/new']").click()
    login = f"new.{window[0]}.{window[1]}"
    page.locator("#login").fill(login)
    page.locator("#name").fill("Nadia")
    page.locator("[name=role][value=viewer]").check()
    page.locator("#code").fill(desk.fresh_code("administrator"))
    page.locator("main form button").click()
    expect(page.locator(".link.passed code")).to_contain_text("/console/first/")
    page.goto(page.url.partition("/people")[0] + "/people")
    expect(page.locator("main")).to_contain_text(login)


def test_an_auditor_follows_what_somebody_did(sit_down: Opens, window: Window) -> None:
    page = sit_down("auditor", "/", *window)
    page.locator("#actor").fill("engagement")
    page.locator("form.filter button").click()
    arrive(page, "actor=engagement")
    actors = page.locator("tbody tr td:nth-of-type(3)").all_inner_texts()
    assert actors and {actor.strip() for actor in actors} == {"engagement"}
    with page.expect_download() as waited:
        page.locator("form[action$=export] button, form[action*=audit] button.btn-outline-primary").first.click()
    assert waited.value.suggested_filename.endswith(".csv")
