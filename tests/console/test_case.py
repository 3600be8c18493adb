"""The page of one feedback: read, answered, passed on; nobody overwrites a colleague, and no report is ever seen here."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from casework import answering, audit, feedback, forgetting
from casework.models import Feedback, FeedbackEvent
from casework.report_models import Report
from console.content import review
from console.inbox import case_reply, case_view
from messaging import contacts
from messaging.models import Contact, Message
from runtime.deployment import Prices, deployment
from store.database import engine, now, reading, transaction
from tests.casework.conftest import Give, give
from tests.console.conftest import Browser, Disclose, Person, attach, some_case

__all__ = ["give"]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
ANSWER = "The truck comes on Monday."
STEPS = {
    "acknowledge": {},
    "assign": {"to": "dora"},
    "start": {},
    "reply": {"text": ANSWER, "do": "send"},
    "note": {"note": "the tank is behind the school"},
    "close": {"resolution": "done", "outcome": "The tank was cleaned", "do": "close"},
    "label": {"labels": "tank 4"},
    "correct": {"types": "suggestion", "topic": "food"},
    "link": {"other": "AAAA-A"},
    "apart": {},
    "pass-on": {"category": "fraud"},
    "reopen": {"reason": "it is dry again"},
}
"""Every form of the page, as it would be sent."""


@pytest.fixture
def ada(enter: Enter) -> Browser:
    """A colleague who answers feedback."""
    return enter("dora", ["engagement"])


def kept(code: str) -> Feedback:
    with reading() as session:
        return session.scalars(select(Feedback).where(Feedback.reference == code)).one()


def kinds(code: str) -> list[str]:
    with reading() as session:
        found = session.scalars(
            select(FeedbackEvent.kind).where(FeedbackEvent.feedback_id == kept(code).id).order_by(FeedbackEvent.id)
        )
        return list(found)


def sent() -> list[str | None]:
    with reading() as session:
        return list(session.scalars(select(Message.body).where(Message.direction == "out")))


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_a_case_from_first_look_to_closed_and_open_again(ada: Browser, give: Give, published: list[Any]) -> None:
    code = give("the truck is late <b>")
    page = ada.get(f"/feedback/{code}").text
    assert "the truck is late &lt;b&gt;" in page
    assert ("feedback_viewed", code) in [(one.action, one.subject) for one in audit.entries()]
    assert "It is with you now" in ada.does(f"/feedback/{code}/assign", to="dora") and "Dora took it" in ada.page
    assert "It is in progress" in ada.does(f"/feedback/{code}/start")

    checked = ada.post(f"/feedback/{code}/reply", text=ANSWER, do="check").text
    assert "How it will arrive" in checked and "1 SMS" in checked and "GSM-7" in checked and sent() == []
    assert "on its way" in ada.does(f"/feedback/{code}/reply", text=ANSWER, do="send")
    assert ANSWER in ada.page and sent() == [ANSWER] and published[-1][0] == "delivery.deliver"

    ending = {"resolution": "partly", "outcome": "A second truck is ordered"}
    told = ada.post(f"/feedback/{code}/close", **ending, do="check").text
    assert f"{code} is closed. What was done: A second truck is ordered" in told and kept(code).state == "answered"
    page = ada.does(f"/feedback/{code}/close", **ending, do="close")
    assert "Dora closed it: partly done." in page and sent()[-1] in told.replace("&#39;", "'")
    assert "It is open again" in ada.does(f"/feedback/{code}/reopen", reason="it did not come")
    assert "it did not come" in ada.page
    assert kinds(code) == ["taken", "assigned", "in_progress", "answered", "closed", "reopened"]


def test_what_is_not_there_or_is_a_report_is_no_page_and_leaves_no_trace(
    ada: Browser, disclose: Disclose, give: Give
) -> None:
    ada.get(f"/feedback/{give()}")
    code = disclose()
    file = attach(code, b"picture")
    before = [one.hash for one in audit.entries()]
    for known in (code, code.lower(), "AAAA-A", "%00", "x" * 300, "K7Q4%20X", "%F0%9F%98%80"):
        for path in ("", "/here", f"/files/{file}", "/files/99999999999999999999", "/pass-on"):
            answer = ada.get(f"/feedback/{known}{path}")
            assert answer.status_code == 404 and "There is no such page" in answer.text
        ada.get("/account")
        for path, form in STEPS.items():
            assert ada.post(f"/feedback/{known}/{path}", **form).status_code == 404, path
    assert [one.hash for one in audit.entries()] == before
    assert ANSWER not in sent()


@pytest.mark.parametrize("odd", ["\x00", "K7Q4-X\n", "x" * 13])
def test_what_is_no_code_does_not_reach_the_database(database: str, odd: str) -> None:
    assert case_view.find(cast(Session, None), odd) is None


@pytest.mark.parametrize("step", STEPS)
def test_nothing_is_done_to_what_a_colleague_changed_meanwhile(ada: Browser, give: Give, step: str) -> None:
    code, other = give(), give("the same here", phone="+254722000002")
    if step == "reopen":
        answering.close(code, "done", "The tank was cleaned", "dora")
    shown = seen(ada.get(f"/feedback/{code}").text)
    answering.note(code, "I called the driver", "bea")
    state, events, texts = kept(code).state, kinds(code), sent()
    form = {**STEPS[step], "seen": shown}
    if step == "link":
        form["other"] = other
    answer = ada.post(f"/feedback/{code}/{step}", **form)
    assert answer.status_code == 409 and "somebody else was there first" in answer.text
    assert "I called the driver" in answer.text.partition('class="line head"')[0]
    assert (kept(code).state, kinds(code), sent()) == (state, events, texts)
    for typed in ("text", "note", "outcome", "labels", "other", "reason"):
        assert form.get(typed, "") in answer.text, "what was typed is lost"
    if step not in ("pass-on", "apart"):
        assert ada.post(f"/feedback/{code}/{step}", **{**form, "seen": seen(answer.text)}).status_code == 303
        taken = step == "reply"  # who answers what nobody has takes it too
        assert len(kinds(code)) == len(events) + 1 + taken


def test_what_the_person_wrote_meanwhile_counts_too_and_one_s_own_steps_do_not(ada: Browser, give: Give) -> None:
    code = give()
    shown = seen(ada.get(f"/feedback/{code}").text)
    assert ada.post(f"/feedback/{code}/note", note="one", seen=shown).status_code == 303
    assert ada.post(f"/feedback/{code}/note", note="two", seen=shown).status_code == 303
    with transaction() as session:
        found = session.get_one(Feedback, kept(code).id)
        extra = Message(contact_id=found.contact_id, direction="in", state="done", kind="message", body="it came now")
        session.add(extra)
        session.flush()
        feedback.add_words(session, found, extra.id)
    answer = ada.post(f"/feedback/{code}/reply", text=ANSWER, do="send", seen=shown)
    assert answer.status_code == 409 and "it came now" in answer.text and sent() == []


def test_a_double_click_is_harmless(ada: Browser, give: Give) -> None:
    code = give()
    ada.get(f"/feedback/{code}")
    for step in ("reply", "note"):
        for _ in range(2):
            assert ada.post(f"/feedback/{code}/{step}", **STEPS[step], once=f"same-{step}").status_code == 303
    assert kinds(code) == ["taken", "assigned", "answered", "noted"] and sent() == [ANSWER]


def test_what_cannot_be_done_is_told_and_what_was_typed_is_kept(ada: Browser, give: Give) -> None:
    code = give()
    answering.close(code, "done", "The tank was cleaned", "bea")
    ada.get(f"/feedback/{code}")
    texts = sent()
    answer = ada.post(f"/feedback/{code}/reply", text=ANSWER, do="send")
    assert answer.status_code == 400 and ANSWER in answer.text and sent() == texts
    for path, form, told in (
        ("note", {"note": " "}, "the note is empty"),
        ("assign", {"to": "nobody-here"}, "nobody who answers feedback has this login"),
        ("link", {"other": code}, "there is no other feedback with this code"),
        ("label", {"labels": "x" * 31}, "at most 30 letters"),
        ("label", {"labels": ",".join(f"l{n}" for n in range(11))}, "10 labels"),
        ("correct", {"topic": "food"}, "choose at least one type"),
        ("correct", {"types": "nonsense"}, "types are"),
        ("correct", {"types": "praise", "topic": "\x00"}, "no such topic"),
        ("pass-on", {"category": "nonsense"}, "choose what it may concern"),
    ):
        answer = ada.post(f"/feedback/{code}/{path}", **form)
        assert answer.status_code == 400 and told in answer.text, path
    for odd in ("x", "-1", "9" * 30, "\x00"):
        assert ada.post(f"/feedback/{code}/note", note="a note", seen=odd).status_code == 303


def test_it_is_given_to_colleagues_who_answer_feedback_only(
    ada: Browser, give: Give, hire: Callable[..., Person]
) -> None:
    hire("eve", ["engagement"])
    hire("carl", ["editor"])
    code = give()
    page = ada.get(f"/feedback/{code}").text
    assert 'value="eve"' in page and 'value="carl"' not in page
    assert ada.post(f"/feedback/{code}/assign", to="carl").status_code == 400
    assert "Dora gave it to Eve" in ada.does(f"/feedback/{code}/assign", to="eve")
    assert "with nobody" in ada.does(f"/feedback/{code}/assign", to="") and kept(code).assignee is None


def test_files_are_downloads_under_a_neutral_name(ada: Browser) -> None:
    code, picture = some_case()
    other, _ = some_case(phone="+254722000003")
    assert f"/feedback/{code}/files/{picture}" in ada.get(f"/feedback/{code}").text
    answer = ada.get(f"/feedback/{code}/files/{picture}")
    assert answer.data == b"picture" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={code}-{picture}.jpg"
    assert ada.get(f"/feedback/{other}/files/{picture}").status_code == 404
    assert [(one.action, one.subject) for one in audit.entries()][-1] == ("feedback_file_opened", code)


def test_no_number_is_on_the_page(ada: Browser, give: Give) -> None:
    assert "254722000001" not in ada.get(f"/feedback/{give()}").text


def test_a_person_who_said_stop_is_not_written_to_and_staff_know_before(ada: Browser, give: Give) -> None:
    code = give()
    with transaction() as session:
        session.execute(update(Contact).values(opted_out_at=now()))
    assert "said STOP" in ada.get(f"/feedback/{code}").text
    assert "said STOP" in ada.post(f"/feedback/{code}/reply", text=ANSWER).text
    assert "when they ask how it stands" in ada.does(f"/feedback/{code}/reply", text=ANSWER, do="send")
    assert sent() == [] and kept(code).state == "answered"
    told = ada.post(f"/feedback/{code}/close", resolution="done", outcome="The tank was cleaned").text
    assert "cannot be told" in told and "is closed. What was done" not in told


def test_the_preview_tells_segments_letters_that_cost_and_the_price(
    ada: Browser, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = give()
    ada.get(f"/feedback/{code}")
    page = ada.post(f"/feedback/{code}/reply", text="Mañana llega el camión " * 4).text
    assert "2 SMS" in page and "UCS-2" in page and "<bdi>ó</bdi>" in page and "Costs about" not in page
    priced = deployment().model_copy(update={"prices": Prices(sms=Decimal("0.0525"), currency="USD")})
    monkeypatch.setattr(case_reply, "deployment", lambda: priced)
    assert "$0.105" in ada.post(f"/feedback/{code}/reply", text="Mañana llega el camión " * 4).text
    assert "something left to fill in" in ada.post(f"/feedback/{code}/reply", text="It is so, because ...").text
    assert "something left to fill in" not in ada.post(f"/feedback/{code}/reply", text="It is so.").text


@pytest.mark.parametrize(
    ("text", "channel", "segments"),
    [("a" * 160, "sms", 1), ("a" * 161, "sms", 2), ("ж" * 71, "sms", 2), ("a" * 161, "whatsapp", 1), ("", "sms", 0)],
)
def test_a_text_is_measured_as_its_channel_carries_it(database: str, text: str, channel: str, segments: int) -> None:
    assert case_reply.measured(text, channel).segments == segments


def test_letters_of_another_script_are_not_called_dear(database: str) -> None:
    assert case_reply.measured("Спасибо, что рассказали", "sms").dear == ()
    assert case_reply.measured("Gracias por contárnoslo", "sms").dear == ("á",)


def test_labels_are_added_and_taken_off(ada: Browser, give: Give) -> None:
    code = give()
    ada.get(f"/feedback/{code}")
    ada.does(f"/feedback/{code}/label", labels="Tank 4,  water , tank 4,,\x00")
    assert kept(code).labels == ["tank 4", "water"] and "put on labels" in ada.page
    ada.does(f"/feedback/{code}/label", remove="water")
    assert kept(code).labels == ["tank 4"] and "took off labels" in ada.page


def test_a_correction_teaches_only_where_the_person_agreed(ada: Browser, give: Give) -> None:
    code = give("more shade at the gate would be good")
    ada.get(f"/feedback/{code}")
    assert "Before: Complaint" in ada.does(f"/feedback/{code}/correct", types=["suggestion"], topic="shelter")
    assert (kept(code).types, kept(code).topic) == (["suggestion"], "shelter")
    assert review.write(io.StringIO(), 10) == 0
    review.agree("twilio", "sms", "+254722000001", True)
    ada.does(f"/feedback/{code}/correct", types=["praise"], topic="shelter")
    table = io.StringIO()
    assert review.write(table, 10) == 1
    assert "feedback_praise\ten\tfeedback_praise\t\tmore shade at the gate" in table.getvalue()


def test_a_sensitive_matter_goes_to_the_focal_points_and_is_gone(ada: Browser, give: Give) -> None:
    code = give("the man at the gate wants money")
    answering.note(code, "I saw him too", "bea")
    asked = ada.get(f"/feedback/{code}/pass-on").text
    assert "the man at the gate wants money" in asked and "It cannot be taken back" in asked
    answer = ada.post(f"/feedback/{code}/pass-on", category=["fraud", "danger"], seen=seen(asked))
    assert answer.status_code == 303 and code not in answer.headers["Location"]
    with reading() as session:
        assert session.scalars(select(Report.reference)).one() == code
        assert session.scalars(select(Feedback)).all() == []
    page = ada.get("/feedback").text
    assert "with the focal points now" in page and code not in page and "money" not in page
    assert ada.get(f"/feedback/{code}").status_code == 404


def test_colleagues_see_who_else_has_it_open_and_that_it_changed(ada: Browser, enter: Enter, give: Give) -> None:
    code = give()
    page = ada.get(f"/feedback/{code}").text
    assert "also has this open" not in page.replace("hidden", "")
    eve = enter("eve", ["engagement"])
    assert "Dora also has this open." in eve.get(f"/feedback/{code}").text
    told = ada.get(f"/feedback/{code}/here?seen={seen(page)}").json
    assert told == {"here": "Eve also has this open.", "changed": False}
    eve.post(f"/feedback/{code}/note", note="I called the driver")
    assert ada.get(f"/feedback/{code}/here?seen={seen(page)}").json["changed"] is True  # type: ignore[index]
    assert eve.get(f"/feedback/{code}/here?seen={seen(page)}").json["changed"] is False  # type: ignore[index]
    for odd in ("", "?seen=", "?seen=%00", "?seen=x", "?seen=99999999999999999999999"):
        assert ada.get(f"/feedback/{code}/here{odd}").json["changed"] is False  # type: ignore[index]


def test_an_open_page_alone_does_not_keep_a_session_alive(ada: Browser, give: Give, clock: Any) -> None:
    code = give()
    ada.get(f"/feedback/{code}")
    clock.turn(minutes=10)
    assert ada.get(f"/feedback/{code}/here").status_code == 200
    clock.turn(minutes=6)
    assert ada.get(f"/feedback/{code}/here").status_code == 401


def test_the_simulator_s_phone_is_shown_in_a_demonstration_only(
    ada: Browser, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, real = give("one"), give("two", phone="+254722000002")
    with transaction() as session:
        made = contacts.find_or_make(session, "simulator", "sms", "+12025550123")
        session.execute(update(Feedback).where(Feedback.reference == code).values(contact_id=made.id))
    assert "/simulator?phone=%2B12025550123&amp;channel=sms" in ada.get(f"/feedback/{code}").text
    assert "254722000002" not in ada.get(f"/feedback/{real}").text
    in_earnest = deployment().model_copy(update={"demonstration": False})
    monkeypatch.setattr(case_view, "deployment", lambda: in_earnest)
    assert "12025550123" not in ada.get(f"/feedback/{code}").text


def test_a_forgotten_case_can_be_looked_at_and_nothing_more(ada: Browser, give: Give) -> None:
    code = give()
    with transaction() as session:
        forgetting.forget_words(session, session.scalars(select(Contact)).one(), None)
    page = ada.get(f"/feedback/{code}").text
    assert "words were deleted" in page and "<textarea" not in page and "truck" not in page
    assert ada.post(f"/feedback/{code}/note", note="the woman of tent 4").status_code == 400


def test_a_long_thread_takes_as_many_queries_as_a_short_one(give: Give) -> None:
    def queries(code: str) -> int:
        told: list[str] = []
        listener = lambda _c, _u, statement, *_rest: told.append(statement)  # noqa: E731
        event.listen(engine(), "before_cursor_execute", listener)
        try:
            with reading() as session:
                found = case_view.find(session, code)
                assert found is not None
                case_view.read(session, found)
        finally:
            event.remove(engine(), "before_cursor_execute", listener)
        return len([one for one in told if one.lower().startswith("select")])

    code = give()
    answering.answer(code, ANSWER, "dora")
    few = queries(code)
    with transaction() as session:
        found = session.get_one(Feedback, kept(code).id)
        for number in range(30):
            extra = Message(
                contact_id=found.contact_id, direction="in", state="done", kind="message", body=f"more {number}"
            )
            session.add(extra)
            session.flush()
            feedback.add_words(session, found, extra.id)
    assert queries(code) == few <= 12


def test_clocks_start_anew_when_it_is_opened_again(give: Give) -> None:
    code = give()
    with transaction() as session:
        session.execute(update(Feedback).values(acknowledge_by=now() - timedelta(hours=1)))
    with reading() as session:
        clock = case_view.read(session, kept(code)).acknowledge
    assert clock is not None and clock.is_late
    answering.close(code, "done", "The tank was cleaned", "dora")
    answering.reopen(code, "dry again", "dora")
    with reading() as session:
        case = case_view.read(session, kept(code))
    assert case.acknowledge is not None and case.answer is not None
    assert not case.acknowledge.is_late and case.acknowledge.done_at is None and case.answer.done_at is None
