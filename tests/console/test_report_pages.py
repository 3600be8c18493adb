"""A report from the queue to its end, by clicks; and who gets to see none of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from casework import audit, readers, reports, sealing, staff
from casework.report_models import Report
from messaging.models import Message
from store.database import now, reading
from tests.console.conftest import PHONE, WORDS, Browser, Disclose, Person, attach, change

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]


def actions(code: str) -> list[str]:
    return [entry.action for entry in audit.entries() if entry.subject == code]


def add(code: str, kind: str, **piece: Any) -> None:
    """What the person answered on the phone."""
    change(code, lambda session, report: reports.write(session, report, kind, **piece))


def sent_texts() -> list[tuple[str, str | None]]:
    """State and text of what waits for the person or went out to them."""
    with reading() as session:
        found = session.scalars(select(Message).where(Message.kind == "relay").order_by(Message.id)).all()
        return [(one.state, one.body) for one in found]


def test_the_whole_life_of_a_report(enter: Enter, disclose: Disclose, published: list[tuple[str, int]]) -> None:
    dora = enter()
    code = disclose()
    add(code, "safe_way", text="only when he works, mornings")

    queue = dora.get("/reports").text
    assert code in queue and "unread" in queue and "nobody has taken it" in queue and "violence at home" in queue
    assert WORDS not in queue and "overdue" not in queue

    page = dora.get(f"/reports/{code}").text
    assert WORDS in page and "only when he works" in page and "The person agrees" in page and PHONE not in page
    assert "unread" not in dora.get("/reports").text
    dora.get(f"/reports/{code}")
    assert "first set the hours" in dora.page

    assert "It is with you now" in dora.does(f"/reports/{code}/acknowledge")
    assert "write hours as" in dora.does(f"/reports/{code}/safe-hours", hours="mornings").lower()
    assert "Mo-Su 00:00-24:00" in dora.does(f"/reports/{code}/safe-hours", hours="Mo-Su 00:00-24:00")

    seen = dora.post(f"/reports/{code}/write", text="When can I call you?", ask_first="yes", do="check").text
    assert "20 characters, 1 SMS" in seen and "We have an answer about your request" in seen and "now: the hour" in seen
    assert sent_texts() == []
    page = dora.does(f"/reports/{code}/write", text="When can I call you?", ask_first="yes", do="send")
    assert "When can I call you?" in page and "waits until the person says" in page
    (held, text), (first, prompt) = sent_texts()
    assert (held, text, first) == ("held", "When can I call you?", "queued") and "request" in str(prompt)
    assert published[-1][0] == "delivery.deliver"

    assert "Her sister helps" in dora.does(f"/reports/{code}/note", text="Her sister helps <b>")
    assert "Her sister helps &lt;b&gt;" in dora.page

    wanted = {"organisation": "Clinic", "purpose": "medical care", "text": "A woman needs a doctor", "way": "phone"}
    dora.get(f"/reports/{code}/refer")
    shown = dora.post(f"/reports/{code}/refer/check", **wanted).text
    assert "Exactly this is passed on" in shown and "A woman needs a doctor" in shown and WORDS not in shown
    assert "agreed, not passed on yet" in dora.does(f"/reports/{code}/refer", **wanted)
    (number,) = re.findall(rf"/reports/{code}/referrals/(\d+)", dora.page)
    for to, told in (("sent", "passed on"), ("accepted", "taken by them"), ("done", "done")):
        assert told in dora.does(f"/reports/{code}/referrals/{number}", to=to)

    assert "The assistant answers" in dora.does(f"/reports/{code}/hand-back")
    page = dora.does(f"/reports/{code}/close", outcome="referred", text="She is in treatment.", tell="yes")
    assert "It is closed" in page and "She is in treatment." in page and "Open it again" in page
    assert code not in dora.get("/reports").text and code in dora.get("/reports?state=closed").text
    dora.get(f"/reports/{code}")
    assert "It is open again" in dora.does(f"/reports/{code}/reopen")

    done = [one for one in actions(code) if one not in ("viewed", "refused")]
    assert done == [
        "consent", "acknowledged", "safe_hours_set", "wrote", "noted", "referral", "consent_noted", "referral", "referral", "referral",
        "handed_back", "wrote", "closed", "reopened",
    ]  # fmt: skip
    assert "viewed" in actions(code) and audit.verify().broken_at is None


def test_others_see_nothing(enter: Enter, app: Flask, disclose: Disclose) -> None:
    dora, fraud = enter(), enter("fay", categories=["fraud"])
    concerned = enter("carl")
    code = disclose("carl from the camp beats me")
    for browser in (fraud, concerned):
        assert code not in browser.get("/reports").text
        for path in (
            f"/reports/{code}",
            f"/reports/{code}/refer",
            f"/reports/{code}/files/1",
            "/reports/%00",
            "/reports/x",
        ):
            answer = browser.get(path)
            assert answer.status_code == 404 and "There is no such page" in answer.text
        browser.get("/reports")
        browser.get("/account")
        for page in ("acknowledge", "note", "number", "write", "close", "reopen", "hand-back"):
            assert browser.post(f"/reports/{code}/{page}", text="something long enough").status_code == 404
    assert "carl from the camp" in dora.get(f"/reports/{code}").text
    assert {"fay", "carl"} == {e.actor for e in audit.entries() if e.action == "refused" and e.subject == code}


def test_it_concerns_somebody(enter: Enter, disclose: Disclose, hire: Callable[..., Person]) -> None:
    eve = hire("eve")
    dora = enter()
    code = disclose()
    dora.get(f"/reports/{code}")
    asked = dora.post(f"/reports/{code}/concerning", person=str(eve.id)).text
    assert "Does it concern Eve?" in asked and WORDS not in asked
    told = {"person": str(eve.id), "sure": "yes"}
    assert "say why" in dora.does(f"/reports/{code}/concerning", **told, reason="short").lower()
    told["reason"] = "Eve is his sister"
    page = dora.does(f"/reports/{code}/concerning", **told)
    assert "Kept from Eve" in page and "says that it concerns Eve" in page and "Eve is his sister" in page
    with reading() as session:
        report = session.scalars(select(Report).where(Report.reference == code)).one()
        assert not readers.has_seal(session, report, eve.id)
    assert "choose whom" in dora.does(f"/reports/{code}/concerning", person="x").lower()
    assert "choose whom" in dora.does(f"/reports/{code}/concerning", **told).lower(), "it is kept from them already"
    assert dora.post(f"/reports/{code}/concerning", person="999999").status_code == 404
    page = dora.does(f"/reports/{code}/not-concerning", person=str(eve.id))
    assert "Kept from Eve" not in page and "does not concern Eve after all" in page
    with reading() as session:
        report = session.scalars(select(Report).where(Report.reference == code)).one()
        assert not readers.has_seal(session, report, eve.id), "the key is another step"
    assert "it is not kept from them" in dora.does(f"/reports/{code}/not-concerning", person=str(eve.id)).lower()


def test_it_concerns_the_reader(enter: Enter, app: Flask, disclose: Disclose, hire: Callable[..., Person]) -> None:
    eve = hire("eve")
    code = disclose()
    alone = Browser(app).log_in(eve)
    alone.get(f"/reports/{code}")
    told = {"person": str(eve.id), "sure": "yes", "reason": "I am his sister"}
    assert "Does it concern you?" in alone.post(f"/reports/{code}/concerning", person=str(eve.id)).text
    answer = alone.does(f"/reports/{code}/concerning", **told)
    assert code not in answer and alone.get(f"/reports/{code}").status_code == 404


def test_the_last_who_reads_a_report_cannot_lock_it_for_ever(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    with reading() as session:
        able = readers.routing.readers(session, readers.Routing(("gbv",)))
        ids = [person.id for person in able if person.login != "dora"]
    dora.get(f"/reports/{code}")
    for number in ids:
        dora.post(f"/reports/{code}/concerning", person=str(number), sure="yes", reason="it concerns them")
    assert WORDS in dora.get(f"/reports/{code}").text and "nobody but you could open it" in dora.page.lower()


def test_who_joined_is_given_access(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    late = enter("lea")
    assert "not sealed to you yet" in late.get("/reports").text
    page = late.get(f"/reports/{code}")
    assert page.status_code == 200 and "not sealed to your key yet" in page.text and WORDS not in page.text
    other = enter("mia")
    with reading() as session:
        lea, mia = staff.find(session, "lea"), staff.find(session, "mia")
    page = dora.get("/reports").text
    for person in (lea, mia):
        assert f"<strong>{person.name}</strong> ({person.login}), added" in page and ": 1 report\n" in page
        assert sealing.fingerprint(person.public_key or b"") in page
    assert "Choose whom" in dora.does("/reports/access") and "seal_given" not in actions(code)
    assert "Who joined can read them now" in dora.does("/reports/access", person=[str(lea.id)])
    assert "(lea), added" not in dora.page and "(mia), added" in dora.page
    assert WORDS in late.get(f"/reports/{code}").text and WORDS not in other.get(f"/reports/{code}").text
    assert "seal_given" in actions(code)


def test_a_no_is_respected(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose(consent=False)
    assert "words kept closed" in dora.get("/reports").text
    page = dora.get(f"/reports/{code}").text
    assert "they say otherwise" in page and WORDS not in page and "refused" in actions(code)
    assert f"/reports/{code}/acknowledge" not in page, "nobody is called any more: there is no alarm to end"


def test_after_a_no_that_must_be_reported_nobody_can_write(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose("he takes money for the list", ["fraud"], consent=False)
    page = dora.get(f"/reports/{code}").text
    assert "takes money" in page and "has not agreed to be contacted" in page and "Show the number" not in page
    assert dora.post(f"/reports/{code}/write", text="hello", do="send").status_code == 400
    assert dora.post(f"/reports/{code}/number").status_code == 404
    assert sent_texts() == []


def test_the_number_only_where_it_may_be_shown(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    assert "Show the number" not in dora.get(f"/reports/{code}").text
    assert dora.post(f"/reports/{code}/number").status_code == 404 and "number_shown" not in actions(code)
    add(code, "safe_way", any_time=True)
    assert PHONE not in dora.get(f"/reports/{code}").text
    assert PHONE in dora.post(f"/reports/{code}/number").text and "number_shown" in actions(code)
    danger = disclose("they will kill me tonight", ["danger"], consent=None, phone="+254722000002")
    assert "Show the number" in dora.get(f"/reports/{danger}").text


def test_texts_wait_for_a_safe_hour(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    local = now() + timedelta(hours=3)  # Nairobi
    hours = f"{(local + timedelta(hours=3)):%H}:00-{(local + timedelta(hours=5)):%H}:00"
    dora.get(f"/reports/{code}")
    dora.does(f"/reports/{code}/safe-hours", hours=hours)
    assert "the next safe hour" in dora.post(f"/reports/{code}/write", text="Hello", do="check").text
    dora.does(f"/reports/{code}/write", text="Hello", do="send")
    assert sent_texts() == [("later", "Hello")] and "waits for the next safe hour" in dora.page


def test_what_was_typed_is_not_lost(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    dora.get(f"/reports/{code}")
    answer = dora.post(f"/reports/{code}/write", text="A long answer", do="send")
    assert answer.status_code == 400 and "A long answer" in answer.text and "did not say when it is safe" in answer.text
    for odd in ("", "x" * 1001):
        assert dora.post(f"/reports/{code}/write", text=odd, do="send").status_code == 400


def test_referrals_need_consent(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    add(code, "safe_way", any_time=True)
    wanted = {
        "organisation": "Clinic",
        "purpose": "care",
        "text": "She needs a doctor",
        "reason": "no time to ask them",
    }
    dora.get(f"/reports/{code}/refer")
    for wrong in ({"way": "override"}, {"way": "magic"}, {"way": "ask", "text": " "}):
        assert dora.post(f"/reports/{code}/refer/check", **{**wanted, **wrong}).status_code == 400
        assert dora.post(f"/reports/{code}/refer", **{**wanted, **wrong}).status_code == 400
    assert "May we tell Clinic" in dora.post(f"/reports/{code}/refer/check", **wanted, way="ask").text
    changed = dora.post(f"/reports/{code}/refer/check", **wanted, way="ask", do="change").text
    assert "She needs a doctor" in changed and 'value="Clinic"' in changed
    assert "the person was asked" in dora.does(f"/reports/{code}/refer", **wanted, way="ask")
    (number,) = re.findall(rf"/reports/{code}/referrals/(\d+)", dora.page)
    assert dora.post(f"/reports/{code}/referrals/{number}", to="agreed").status_code == 400
    dora.get(f"/reports/{code}")
    assert "cannot become sent" in dora.does(f"/reports/{code}/referrals/{number}", to="sent")
    assert "taken back" in dora.does(f"/reports/{code}/referrals/{number}", to="revoked")


def test_a_life_at_risk_needs_a_reason_only(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose("they will kill me tonight", ["danger"], consent=None)
    wanted = {"organisation": "Police", "purpose": "protection", "text": "A person is in danger", "way": "override"}
    dora.get(f"/reports/{code}/refer")
    assert dora.post(f"/reports/{code}/refer/check", **wanted, reason="short").status_code == 400
    dora.does(f"/reports/{code}/refer", **wanted, reason="The attackers are at the door.")
    assert "without consent" in dora.page and "consent_overridden" in actions(code)


def test_a_closed_report_takes_no_texts(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()
    add(code, "safe_way", any_time=True)
    dora.get(f"/reports/{code}")
    assert "say what was done" in dora.does(f"/reports/{code}/close", outcome="helped", text="ok").lower()
    dora.does(f"/reports/{code}/close", outcome="helped", text="She is safe with her sister.")
    assert sent_texts() == []  # it was not asked that the person be told
    assert dora.post(f"/reports/{code}/write", text="Hello", do="send").status_code == 400


def test_files_come_out_under_neutral_names(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code, other = disclose(), disclose("he hit me", phone="+254722000002")
    picture, page = attach(code, b"\xff\xd8picture"), attach(code, b"<script>", "application/pdf")
    assert f"{code}-2.pdf" in dora.get(f"/reports/{code}").text
    answer = dora.get(f"/reports/{code}/files/{picture}")
    assert answer.data == b"\xff\xd8picture" and answer.mimetype == "image/jpeg"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={code}-1.jpg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store"
    assert "file_opened" in actions(code)
    assert dora.get(f"/reports/{other}/files/{page}").status_code == 404
    assert dora.get(f"/reports/{code}/files/99999999999999999999999999").status_code == 404


def test_clocks_run(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose()

    def age(days: int) -> None:
        change(code, lambda session, report: setattr(report, "created_at", now() - timedelta(days=days)))

    age(8)
    assert dora.get("/reports").text.count("overdue") == 1
    age(91)
    assert dora.get("/reports").text.count("overdue") == 2
    dora.get(f"/reports/{code}")
    dora.does(f"/reports/{code}/acknowledge")
    assert dora.get("/reports").text.count("overdue") == 1


def test_what_the_person_adds_makes_it_unread_again(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    first, second = disclose(), disclose("he hit me", phone="+254722000002")
    for code in (first, second):
        dora.get(f"/reports/{code}")
    assert "unread" not in dora.get("/reports").text
    add(second, "words", text="he came back")
    page = dora.get("/reports").text
    assert page.count(">unread<") == 1 and page.index(second) < page.index(first)


def test_an_unknown_piece_is_told_and_scripts_are_words(enter: Enter, disclose: Disclose) -> None:
    dora = enter()
    code = disclose("<script>alert(1)</script> beats me")
    add(code, "event", what="something_new")
    add(code, "wishes", wants="woman", outside=True)
    page = dora.get(f"/reports/{code}").text
    assert "something new" in page and "<script>" not in page and "speak with a woman" in page


def test_a_step_that_fails_leaves_nothing_behind(
    enter: Enter, disclose: Disclose, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = enter()
    code = disclose()
    monkeypatch.setattr(sealing, "seal", lambda public, plain: 1 / 0)
    dora.get(f"/reports/{code}")
    assert dora.post(f"/reports/{code}/note", text="lost").status_code == 500
    assert "noted" not in actions(code)
