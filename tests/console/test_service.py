"""The page on the service: what fails is told, no secret is, and nothing of a report."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from casework import alerts, audit, report_life, retention, staff, tombstones
from casework.report_models import Staff
from console.administration import service, state
from messaging import contacts, readiness
from messaging.models import Message
from runtime import settings as settings_room
from runtime.deployment import Deployment, deployment
from runtime.settings import Settings
from store.database import now, transaction
from tests.console.conftest import Browser, Disclose, change

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
Enter = Callable[..., Browser]
SECRETS = {
    "secret_key": "k" * 40,
    "database_url": "sqlite:////tmp/very-hidden/place.db",
    "redis_url": "redis://:hidden-redis-password@10.9.8.7:6379/3",
    "smtp_url": "smtps://mailer:hidden-mail-password@mail.example.org",
    "twilio_account_sid": "AC0123456789abcdef0123456789abcdef",
    "twilio_auth_token": "hidden-auth-token",
    "twilio_api_key": "SK0123456789abcdef0123456789abcdef",
    "twilio_api_secret": "hidden-api-secret",
    "twilio_messaging_service_sid": "MG0123456789abcdef0123456789abcdef",
}
OPEN = {"public_url", "port", "host", "data_dir", "deployment", "metrics_allow", "twilio_api_url"}
"""Settings that are no secrets, and senders, which everybody may write to."""

TOLD: dict[str, tuple[Any, dict[str, str]]] = {
    "organisation": ("Aid of the North", {"Name": "Aid of the North"}),
    "country": ("UG", {"Country": "UG"}),
    "demonstration": (False, {"Demonstration": "no"}),
    "languages": (["en", "fr"], {"Languages": "English, French"}),
    "default_language": ("fr", {"Language where none is known": "French"}),
    "time_zone": ("Africa/Kampala", {"Time zone": "Africa/Kampala"}),
    "emergency_number": ("112", {"Emergency number": "112"}),
    "sites": (["Hilltop"], {"Sites": "Hilltop"}),
    "escalation": (
        {"urgent": ["danger", "gbv"], "backups": ["bea", "cy"]},
        {"Urgent categories": "life at risk, violence at home or by others", "Called after those on duty": "bea, cy"},
    ),
    "rates": (
        {"sms": 12.5, "whatsapp": 7},
        {"SMS segments a second, at most": "12.5", "WhatsApp messages a second, at most": "7"},
    ),
    "prices": (
        {"sms": "0.075", "whatsapp": "0.01", "currency": "EUR"},
        {"Price of an SMS segment": "0.075 EUR", "Price of a WhatsApp message": "0.01 EUR"},
    ),
    "engagement": (
        [{"name": "Cy", "phone": "+254700000003"}, {"name": "Di", "phone": "+254700000004"}],
        {"Phones of engagement staff": "2"},
    ),
    "promises": (
        {"times": {"praise": {"acknowledge": "3 days", "answer": "9 days"}}, "retention": {"warn": "6 days"}},
        {"Praise": "read within 3 days, answered within 9 days", "Staff are shown what will go": "6 days"},
    ),
    "whatsapp_templates": (
        {"alert": {"en": "HX1"}, "answer_waits": {"en": "HX2"}},
        {"WhatsApp templates": "alert, answer_waits"},
    ),
    "session_hours": (20, {"WhatsApp session": "20 hours"}),
    "directory": ("/srv/hidden/places.csv", {"File of the directory": "places.csv"}),
}
"""Settings of a deployment: a value, and the lines that tell it."""
NOT_TOLD = {"focal_points": "taken in once; the page on people has those of today"}


def message(kind: str = "reply", direction: str = "out", state: str = "queued", **more: Any) -> None:
    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", "sms", "+254733000001")
        session.add(Message(contact_id=contact.id, direction=direction, state=state, kind=kind, body="hello", **more))


def shown(page: str) -> str:
    """The page without what differs from one look to the next."""
    return re.sub(r'value="[\w.-]{22,}"|data-left="\d+"|content="\d+;url', "", page)


def cells(page: str, head: str) -> list[str]:
    found = re.search(rf"<tr><th scope=\"row\">{re.escape(head)}</th>(.*?)</tr>", page, re.S)
    assert found is not None, page
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", found[1], re.S)]


def test_what_waits_and_what_did_not_arrive_is_counted(enter: Enter) -> None:
    browser = enter("boss", ["administrator"])
    message()
    message(due_at=now() - timedelta(minutes=6))
    message(due_at=now() + timedelta(hours=6), state="sending")
    message("message", "in", "received")
    for code in ("30003", "30003", "21610"):
        message(state="undelivered", error_code=code)
    message(state="failed", error_code="30007", due_at=now() - timedelta(days=2))
    page = browser.get("/service").text
    assert cells(page, "To go out")[:2] == ["3", "1"] and cells(page, "Come in, not answered yet")[:2] == ["1", "0"]
    assert re.findall(r"<td>(\d{5})</td><td>(\d)</td>", page) == [("30003", "2"), ("21610", "1")]
    assert [e.actor for e in audit.entries() if e.action == "service_viewed"] == ["boss"]


def test_a_part_that_is_silent_is_told(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = enter("boss", ["administrator"])
    monkeypatch.setattr(readiness, "CHECKS", {"redis": lambda: True, "clock": lambda: False, "other": lambda: False})
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", browser.get("/service").text))
    assert "2 checks fail" in page and "✓ yes Redis answers" in page and "✕ no The clock runs" in page
    assert "✕ no other" in page
    monkeypatch.setattr(readiness, "CHECKS", {"redis": lambda: True})
    assert "Messages can be taken" in browser.get("/service").text


def test_the_daily_test_the_backup_and_the_recovery_key(enter: Enter) -> None:
    browser = enter("boss", ["administrator"])
    page = browser.get("/service").text
    assert "There was none yet" in page and "None was made" in page
    with transaction() as session:
        for login in ("ada", "bea"):
            alerts.tell(session, None, staff.find(session, login), "test", now())
        session.execute(update(Message).where(Message.id == 1).values(state="undelivered"))
        audit.record(session, "root", "backup_made", None)
        session.execute(update(Staff).where(Staff.login == "ada").values(public_key=None))
    page = browser.get("/service").text
    assert "to 2 people" in page and "1 was not reached" in page and "None was made" not in page
    assert "✕ no</span> Somebody with a password could read every category" in page and "fraud" in page


def test_what_went_and_what_goes_soon(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = enter("boss", ["administrator"])
    state.forget()
    with transaction() as session:
        tombstones.put(session, "messages", "retention", 500)
        tombstones.put(session, "messages", "retention", 7)
        tombstones.put(session, "feedback", "wish", reference="K7Q4-X")
    message(state="sent", created_at=now() - timedelta(days=170))
    page = browser.get("/service").text
    assert "<td>words of messages</td><td>its time was over</td><td>507</td>" in page and "K7Q4-X" not in page
    assert "Count it" in page and "Words of messages:" not in page
    assert "Words of messages: 1" in browser.get("/service?soon=yes").text
    monkeypatch.setattr(retention, "soon_gone", lambda *_: 1 / 0)
    assert "Words of messages: 1" in browser.get("/service?soon=yes").text, "it is not counted at every look"
    assert browser.get("/service?soon=%00").status_code == 200


def test_the_last_run_of_forgetting_is_told(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = enter("boss", ["administrator"])
    assert "there was no run" in browser.get("/service").text
    retention.run()
    page = browser.get("/service").text
    assert "It found nothing to remove" in page and "there was no run" not in page and "26 hours" not in page
    message(state="sent", created_at=now() - timedelta(days=190))
    retention.run()
    page = browser.get("/service").text
    assert "Removed: 1." in page and "It found nothing" not in page
    with monkeypatch.context() as patched:
        patched.setattr(retention, "_due_messages", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            retention.run()
    assert "The last run failed" in browser.get("/service").text
    retention.run()
    assert "The last run failed" not in browser.get("/service").text


def test_a_run_that_is_too_long_ago_is_told(enter: Enter) -> None:
    browser = enter("boss", ["administrator"])
    for hours, is_late in ((25, False), (27, True)):
        with transaction() as session:
            tombstones.note_run(session, "done", 0, now() - timedelta(hours=hours))
        page = browser.get("/service").text
        assert ("more than 26 hours ago" in page) == is_late and "It found nothing to remove" in page


def test_no_secret_and_no_number_is_shown(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = enter("boss", ["administrator"])
    page = browser.get("/service").text
    here = settings_room.settings()
    hidden = {name: SecretStr(value) if _is_secret(name) else value for name, value in SECRETS.items()}
    with monkeypatch.context() as patched:
        patched.setattr(service, "settings", lambda: here.model_copy(update=hidden))
        page += browser.get("/service").text
    for value in SECRETS.values():
        assert value not in page
    page = page.replace("visually-hidden-focusable", "")
    for part in ("very-hidden", "hidden-", "10.9.8.7", "mailer", "AC01", "SK01", "MG01", "+254"):
        assert part not in page, part
    assert "Twilio" in page and "by REDIS_URL" in page, "but that they are set is told"


def _is_secret(name: str) -> bool:
    return "SecretStr" in str(Settings.model_fields[name].annotation)


def test_every_setting_is_known_to_be_a_secret_or_not(database: str) -> None:
    senders = {"twilio_sms_from", "twilio_whatsapp_from"}
    assert set(Settings.model_fields) == set(SECRETS) | OPEN | senders


def test_every_setting_of_a_deployment_is_shown_or_left_out_for_a_reason(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(Deployment.model_fields) == set(TOLD) | set(NOT_TOLD) and not set(TOLD) & set(NOT_TOLD)
    given = {name: value for name, (value, _) in TOLD.items()}
    changed = Deployment.model_validate(deployment().model_dump(exclude=set(given)) | given)
    browser = enter("boss", ["administrator"])
    monkeypatch.setattr(service, "deployment", lambda: changed)
    page = unescape(browser.get("/service").text)
    lines = dict(re.findall(r"<dt>([^<]*)</dt><dd><bdi>([^<]*)</bdi></dd>", page))
    for name, (_, told) in TOLD.items():
        assert told.items() <= lines.items(), name
    assert "HX" not in page and "+254" not in page and "/srv/hidden" not in page


def test_a_report_leaves_no_trace(enter: Enter, disclose: Disclose) -> None:
    browser = enter("boss", ["administrator"])
    browser.get("/service?soon=yes")
    state.forget()
    before = shown(browser.get("/service?soon=yes").text)
    people = shown(browser.get("/people").text)
    code = disclose()
    gone = disclose("he takes money for the list", ["fraud"], phone="+254722000002")
    change(gone, lambda session, report: report_life.forget(session, report, "retention"))
    for kind in ("private", "relay", "alert"):
        message(kind)
        message(kind, state="failed", error_code="30003")
        message(kind, state="later", due_at=now() - timedelta(hours=1))
    message("relay", state="held", error_code="asked_first")
    message("private", created_at=now() - timedelta(days=170), state="sent", body_hash="x")
    with transaction() as session:
        session.execute(update(Message).where(Message.kind == "private", Message.state == "sent").values(body=None))
    state.forget()
    after = shown(browser.get("/service?soon=yes").text)
    assert re.sub(r"\d\d:\d\d(:[\d.]+)?", "", after) == re.sub(r"\d\d:\d\d(:[\d.]+)?", "", before)
    assert shown(browser.get("/people").text) == people
    assert code not in after and gone not in after
