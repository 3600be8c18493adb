"""Two focal points, one report: nobody does over again, or undoes unknowingly, what a colleague just did."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from casework import reports
from casework.report_models import Report, ReportEntry
from messaging.models import Message
from store.database import reading
from tests.console.conftest import Browser, Disclose, change

Enter = Callable[..., Browser]
STEPS: dict[str, dict[str, str]] = {
    "write": {"text": "Can you come on Monday?", "ask_first": "yes", "do": "send"},
    "safe-hours": {"hours": "Mo-Su 00:00-24:00"},
    "close": {"outcome": "helped", "text": "She is in a safe place."},
    "refer": {"organisation": "Clinic", "purpose": "medical care", "text": "A woman needs a doctor", "way": "phone"},
}
BEFORE = {"hours": "Mo-Su 06:00-20:00"}


def seen(browser: Browser) -> str:
    """What the forms of the open page carry."""
    (found,) = set(re.findall(r'name="seen" value="(\d+)"', browser.page))
    return found


def done(code: str) -> tuple[int, str, int | None, int]:
    """How many texts went to the person, the report's state, who has it, how many pieces it has."""
    with reading() as session:
        report = session.scalars(select(Report).where(Report.reference == code)).one()
        texts = session.scalars(select(Message.id).where(Message.kind == "relay")).all()
        pieces = session.scalars(select(ReportEntry.id).where(ReportEntry.report_id == report.id)).all()
        return len(texts), report.state, report.taken_by, len(pieces)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_from_an_older_page_waits_until_what_was_added_is_read(
    enter: Enter, disclose: Disclose, step: str
) -> None:
    dora, eve = enter(), enter("eve")
    code = disclose()
    eve.get(f"/reports/{code}")
    of_eve = seen(eve)
    dora.get(f"/reports/{code}")
    dora.does(f"/reports/{code}/safe-hours", **BEFORE, seen=seen(dora))
    before = done(code)

    answer = eve.post(f"/reports/{code}/{step}", **STEPS[step], seen=of_eve)
    assert answer.status_code == 409 and done(code) == before
    assert "Something was added since you looked" in answer.text and BEFORE["hours"] in answer.text
    for value in STEPS[step].values():
        assert f'value="{value}"' in answer.text, "what was typed is kept"
    eve.does(f"/reports/{code}/{step}", **STEPS[step], seen=seen(eve))
    assert done(code) != before, "it is done once it was read"


@pytest.mark.parametrize("step", STEPS)
def test_what_the_person_adds_is_read_first_too(enter: Enter, disclose: Disclose, step: str) -> None:
    dora = enter()
    code = disclose()
    dora.get(f"/reports/{code}")
    known = seen(dora)
    change(code, lambda session, report: reports.write(session, report, "words", text="he is here now"))
    answer = dora.post(f"/reports/{code}/{step}", **STEPS[step], seen=known)
    assert answer.status_code == 409 and "he is here now" in answer.text


def test_ones_own_steps_and_notes_are_never_held_up(enter: Enter, disclose: Disclose) -> None:
    dora, eve = enter(), enter("eve")
    code = disclose()
    dora.get(f"/reports/{code}")
    known = seen(dora)
    dora.does(f"/reports/{code}/safe-hours", **BEFORE, seen=known)
    dora.does(f"/reports/{code}/write", **STEPS["write"], seen=known)
    eve.get(f"/reports/{code}")
    dora.does(f"/reports/{code}/note", text="She called back.")
    assert "I was there" in eve.does(f"/reports/{code}/note", text="I was there")


def test_the_pages_between_carry_what_was_seen(enter: Enter, disclose: Disclose) -> None:
    dora, eve = enter(), enter("eve")
    code = disclose()
    eve.get(f"/reports/{code}")
    known = seen(eve)
    assert f"/refer?seen={known}" in eve.page
    dora.get(f"/reports/{code}")
    dora.does(f"/reports/{code}/safe-hours", **BEFORE)
    assert seen_after(eve, code, "write", {**STEPS["write"], "do": "check"}, known) == known
    eve.get(f"/reports/{code}/refer?seen={known}")
    assert seen(eve) == known
    assert seen_after(eve, code, "refer/check", STEPS["refer"], known) == known


def seen_after(browser: Browser, code: str, step: str, form: dict[str, str], known: str) -> str:
    browser.post(f"/reports/{code}/{step}", **form, seen=known)
    return seen(browser)


@pytest.mark.parametrize("odd", ["", "x", "-1", "9" * 40, "\x00"])
def test_an_odd_mark_of_what_was_seen_breaks_nothing(enter: Enter, disclose: Disclose, odd: str) -> None:
    dora = enter()
    code = disclose()
    dora.get(f"/reports/{code}")
    assert dora.post(f"/reports/{code}/safe-hours", **BEFORE, seen=odd).status_code == 303
