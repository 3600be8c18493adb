"""What the console sees to besides: that nothing is done twice, what presses comes first, every look is written down, and
each page says what happened."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework import audit, credentials, reports, sealing, staff
from casework.report_models import Report
from messaging.models import Message
from store.database import now, reading, transaction
from tests.console.conftest import WORDS, Browser, Disclose, Person, attach, change

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
WANTED = {"organisation": "Clinic", "purpose": "care", "text": "She needs a doctor", "way": "phone"}


def rows(action: str, subject: str | None = None) -> list[Any]:
    found = [entry for entry in audit.entries() if entry.action == action]
    return [entry.detail for entry in found if subject is None or entry.subject == subject]


def add(code: str, kind: str, **piece: Any) -> None:
    change(code, lambda session, report: reports.write(session, report, kind, **piece))


def once_on(page: str, form: str) -> str:
    """The one-time id of a form of the page."""
    found = re.search(rf'action="[^"]*/{form}"[^>]*>.*?name="once" value="([^"]+)"', page, re.S)
    assert found is not None, form
    return found[1]


def report_of(code: str) -> Report:
    with reading() as session:
        return session.scalars(select(Report).where(Report.reference == code)).one()


def test_a_double_click_does_it_once(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    add(code, "safe_way", any_time=True)
    page = dora.get(f"/reports/{code}").text

    note = {"text": "once only", "once": once_on(page, "note")}
    hours = {"hours": "24/7", "once": once_on(page, "safe-hours")}
    for step, form in (("note", note), ("safe-hours", hours)):
        answers = [dora.post(f"/reports/{code}/{step}", **form) for _ in range(2)]
        assert [(one.status_code, one.headers["Location"]) for one in answers] == [
            (303, f"/console/reports/{code}")
        ] * 2
    seen = dora.post(f"/reports/{code}/write", text="Hello", do="check").text
    sent = {"text": "Hello", "do": "send", "once": once_on(seen, "write")}
    shown = dora.post(f"/reports/{code}/refer/check", **WANTED).text
    refer = {**WANTED, "once": once_on(shown, "refer")}
    close = {"outcome": "helped", "text": "She is safe.", "tell": "yes", "once": once_on(page, "close")}
    for step, form in (("write", sent), ("refer", refer), ("close", close)):
        for _ in range(2):
            assert dora.post(f"/reports/{code}/{step}", **form).status_code == 303
    assert [len(rows(done, code)) for done in ("noted", "safe_hours_set", "closed", "consent_noted")] == [1, 1, 1, 1]
    with reading() as session:
        texts = session.scalars(select(Message.body).where(Message.kind == "relay")).all()
    assert texts.count("Hello") == 1


def test_a_form_that_failed_may_be_sent_again(
    enter: Enter, disclose: Disclose, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = enter()
    code = disclose()
    form = {"text": "kept", "once": once_on(dora.get(f"/reports/{code}").text, "note")}
    with monkeypatch.context() as broken:
        broken.setattr(sealing, "seal", lambda public, plain: 1 / 0)
        assert dora.post(f"/reports/{code}/note", **form).status_code == 500
    dora.does(f"/reports/{code}/note", **form)
    assert len(rows("noted", code)) == 1


def test_what_presses_comes_first(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    codes = {
        name: disclose("words", [category], phone=f"+25472200010{number}")
        for number, (name, category) in enumerate(
            (("read", "gbv"), ("taken_unread", "gbv"), ("taken", "danger"), ("new", "gbv"), ("urgent", "danger"))
        )
    }
    for name in ("read", "taken"):
        dora.get(f"/reports/{codes[name]}")
    for name in ("taken_unread", "taken"):
        change(codes[name], lambda session, report: setattr(report, "taken_at", now()))
    change(codes["urgent"], lambda session, report: session.execute(without_seals(report.id)))
    refused = disclose("no", ["gbv"], consent=False, phone="+254722000109")
    page = dora.get("/reports").text
    order = re.findall(r'class="code-name" href="/console/reports/([^"]+)"', page)
    assert order == [*(codes[name] for name in ("urgent", "new", "read", "taken_unread", "taken")), refused]
    assert "not sealed to you yet" in page.split(codes["new"])[0], "what presses does so without a key too"
    assert page.count(' urgent"') == 1


def without_seals(report_id: int) -> Any:
    from sqlalchemy import delete

    from casework.report_models import ReportSeal

    return delete(ReportSeal).where(ReportSeal.report_id == report_id)


def test_while_nobody_has_it_the_page_says_when_others_are_called(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    at = now() + timedelta(hours=2)
    local = f"{at + timedelta(hours=3):%H:%M}"
    for step, told in (((at), local), (now() - timedelta(minutes=1), "others are being called now")):
        change(code, lambda session, report, step=step: setattr(report, "escalate_at", step))
        for page in ("/reports", f"/reports/{code}"):
            assert told in dora.get(page).text and "take it by" not in dora.page, "Nairobi's time of day"
    dora.does(f"/reports/{code}/acknowledge")
    assert "others are" not in dora.page and "take it by" in dora.page


def test_a_code_opens_its_report(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    typed = code.lower().replace("-", " ")
    assert dora.get("/reports", query_string={"code": typed}).headers["Location"] == f"/console/reports/{code}"
    assert dora.get("/reports?code=hello").headers["Location"] == "/console/reports"
    assert "That is no code" in dora.get("/reports").text


def test_every_look_is_written_down(enter: Enter, disclose: Disclose) -> None:
    dora, boss, aud = enter(), enter("boss", ["administrator"]), enter("aud", ["auditor"])
    code, other = disclose(), disclose("he hit me", phone="+254722000002")
    foreign = attach(other, b"picture")
    dora.get("/reports")
    assert rows("listed") == [{"state": "open", "count": 2}]
    assert dora.get(f"/reports/{code}/files/{foreign}").status_code == 404
    assert rows("refused", code) == [{"file": foreign}]
    dora.get(f"/reports/{code}")
    dora.get(f"/reports/{code}/refer")
    dora.post(f"/reports/{code}/refer/check", **WANTED)
    dora.post(f"/reports/{code}/write", text="Hello", do="check")
    assert rows("viewed", code) == [None, {"what": "refer"}, {"what": "refer"}, {"what": "write"}]
    dora.get(f"/reports/{code}")
    dora.does(f"/reports/{code}/close", outcome="helped", text="short")
    dora.does(f"/reports/{code}/reopen")
    assert dora.post(f"/reports/{code}/write", text="", do="send").status_code == 400
    assert [one["step"] for one in rows("refused", code) if "step" in one] == ["close", "reopen", "write"]
    boss.get("/people")
    aud.get("/audit")
    aud.get("/audit?actor=dora")
    assert rows("people_viewed") == [None] and rows("audit_viewed") == [{"filtered": False}, {"filtered": True}]


def test_a_look_at_a_form_does_not_make_it_read(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    dora.get(f"/reports/{code}/refer")
    assert ">unread<" in dora.get("/reports").text
    dora.get(f"/reports/{code}")
    assert ">unread<" not in dora.get("/reports").text


def test_what_cannot_be_opened_is_told_and_written_down(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    change(code, lambda session, report: session.execute(damage(report.id)))
    answer = dora.get(f"/reports/{code}")
    assert answer.status_code == 500 and "It could not be opened" in answer.text and WORDS not in answer.text
    assert rows("refused", code) == [{"reason": "not_decrypted"}] and rows("viewed", code) == []


def damage(report_id: int) -> Any:
    from sqlalchemy import update

    from casework.report_models import ReportEntry

    return update(ReportEntry).where(ReportEntry.report_id == report_id).values(sealed=b"altered" * 20)


def test_a_report_is_read_without_holding_the_log_and_shown_only_if_that_is_written_down(
    enter: Enter, disclose: Disclose, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = enter()
    code = disclose()
    real = sealing.unseal

    def slow(private: bytes, sealed: bytes) -> bytes:
        with transaction() as session:  # another writer is let in
            audit.record(session, "test", "meanwhile")
        return real(private, sealed)

    monkeypatch.setattr(sealing, "unseal", slow)
    assert WORDS in dora.get(f"/reports/{code}").text and rows("meanwhile")
    monkeypatch.setattr(sealing, "unseal", real)
    monkeypatch.setattr(audit, "note", lambda *given, **more: 1 / 0)
    answer = dora.get(f"/reports/{code}")
    assert answer.status_code == 500 and WORDS not in answer.text


def test_pages_say_what_happened(enter: Enter, disclose: Disclose, hire: Callable[..., Person]) -> None:
    dora, eve = enter(), enter("eve")
    code = disclose()
    add(code, "safe_way", any_time=True)
    dora.get(f"/reports/{code}")
    page = dora.does(f"/reports/{code}/write", text="Hello", do="send")
    assert "It was with nobody: it is with you now" in page and report_of(code).taken_at is not None

    eve.get(f"/reports/{code}")
    asked = eve.post(f"/reports/{code}/acknowledge").text
    assert f"Take {code} over?" in asked and "It is with Dora" in asked
    with reading() as session:
        assert report_of(code).taken_by == staff.find(session, "dora").id
    assert "It is with you now" in eve.does(f"/reports/{code}/acknowledge", sure="yes")

    page = eve.does(f"/reports/{code}/close", outcome="helped", text="She is safe now.", tell="yes")
    assert "The person is told" in page
    assert "It is closed already" in eve.does(f"/reports/{code}/acknowledge")

    silent = disclose("he takes money", ["fraud"], consent=False, phone="+254722000002")
    dora.get(f"/reports/{silent}")
    page = dora.does(f"/reports/{silent}/close", outcome="helped", text="It was looked into.", tell="yes")
    assert "The person could not be told" in page

    referred = disclose("he hit me", phone="+254722000003")
    dora.get(f"/reports/{referred}/refer")
    assert "It was with nobody" in dora.does(f"/reports/{referred}/refer", **WANTED)


def test_the_page_is_quick_to_use_and_to_leave(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    page = dora.get(f"/reports/{code}").text
    assert page.index("I take it") < page.index('class="sides"') and ">Log out</a>" in page


def test_wishes_are_shown_once(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    add(code, "wishes", text="please no uniform at my door")
    page = dora.get(f"/reports/{code}").text
    assert page.count("no uniform at my door") == 1
    assert re.search(r"<dt>Wishes</dt>\s*<dd>\s*<q dir=\"auto\">please no uniform", page)


def test_who_would_not_say_when_is_asked_first_and_the_page_says_so(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    add(code, "safe_way")
    page = dora.get(f"/reports/{code}").text
    assert "The person did not say when it is safe" in page and 'type="checkbox" id="ask_first"' not in page
    assert "they are asked first" in dora.post(f"/reports/{code}/write", text="Hello", do="check", ask_first="yes").text
    assert dora.post(f"/reports/{code}/write", text="Hello", do="send").status_code == 400
    dora.does(f"/reports/{code}/write", text="Hello", do="send", ask_first="yes")
    assert len(rows("wrote", code)) == 1


def test_nobody_is_left_alone_with_a_report(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    with transaction() as session:
        for login in ("ada", "bea"):
            credentials.disable(session, "test", login)
    dora.get(f"/reports/{code}")
    late = enter("lea")  # for her, but without a key to it
    with reading() as session:
        number = staff.find(session, "lea").id
    told = {"person": str(number), "sure": "yes", "reason": "she is his sister"}
    assert "ask an administrator to add somebody" in dora.does(f"/reports/{code}/concerning", **told)
    assert code in late.get("/reports").text
