"""What each role comes for, done with a mouse and a keyboard: in English and Arabic, at a desk and on a phone."""

import urllib.parse
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from casework import reference
from runtime.settings import ROOT
from tests.browser.axe import look_over
from tests.browser.conftest import WINDOWS, Demonstration, Opens, Window
from tests.browser.pages import arrive, unfold
from tests.browser.phone import Phone, wait_for

ANSWER = "شكراً لرسالتك. الفنيون يصلحون الحنفية غداً صباحاً."
OUTCOME = "تم إصلاح الحنفية ويصل الماء الآن كل يوم."


@pytest.fixture(scope="module", params=WINDOWS, ids=lambda window: f"{window[0]}-{window[1]}")
def window(request: pytest.FixtureRequest) -> Window:
    """Language and width. Of the module: so each role has time until its next one-time code."""
    return request.param  # type: ignore[no-any-return]


def test_engagement_finds_answers_and_closes_the_oldest_complaint(
    sit_down: Opens, demonstration: Demonstration, window: Window
) -> None:
    page = sit_down("engagement", "/", *window)
    unfold(page, "#topic")
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
    look_over(page)
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
    expect(page.locator("button[value=close]")).to_be_visible()
    look_over(page)
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
    look_over(second)
    second.locator("form.proposals .decide > button").first.click()
    page.goto(f"{demonstration.origin}/console/answers/{topic}/en")
    expect(page.locator("#short")).to_have_value(new)


def test_an_editor_brings_files(sit_down: Opens, window: Window, tmp_path: Path) -> None:
    page = sit_down("editor", "/directory", *window)
    header, first, *rest = (ROOT / "data/directory/sample.csv").read_text("utf-8").splitlines()
    file = tmp_path / "services.csv"
    file.write_text("\n".join([header, first.replace("free", "free of charge"), "odd,row", *rest]), "utf-8")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("form[action$=uploads] button").click()
    expect(page.locator("form[action$=decline] button")).to_be_visible()
    look_over(page)
    page.locator("form[action$=decline] button").click()
    page.goto(page.url.partition("/directory")[0] + "/answers?language=fr")
    with page.expect_download() as waited:
        page.locator("a[href*='texts/fr?as=po']").click()
    waited.value.save_as(tmp_path / "fr.po")
    page.locator("input[type=file]").set_input_files(tmp_path / "fr.po")
    page.locator("form[action$='texts/fr'] button").click()
    expect(page.locator(".back a")).to_be_visible()
    look_over(page)


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
