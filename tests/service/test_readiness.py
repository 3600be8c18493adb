"""The service is not ready, and `sawti doctor` fails, where nobody would be there for a report."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from casework import readiness, staff
from casework.report_models import Report, Staff
from messaging.models import Message
from runtime import deployment as deployments
from runtime.deployment import Duty, Escalation
from service.cli import main
from service.web import create_app
from store.database import now, transaction
from tests.phones import Town

PHONE = "+254722000001"


def not_ready() -> set[str]:
    """The checks that /readyz names, without those of processes that no test runs."""
    readiness.forget()
    told = create_app().test_client().get("/readyz").get_data(as_text=True)
    return set(told.removeprefix("not ready: ").strip().split(", ")) - {"conversations", "delivery", "clock", "ready"}


def doctor(name: str) -> str:
    """The doctor's line on one thing."""
    lines = CliRunner().invoke(main, ["doctor"]).output.splitlines()
    return next(line for line in lines if line[6:].startswith(name))


def with_duty(monkeypatch: pytest.MonkeyPatch, *duty: dict[str, Any]) -> None:
    rota = Escalation(duty=[Duty(**line) for line in duty])
    changed = deployments.deployment().model_copy(update={"escalation": rota})
    for module in ("casework.routing", "casework.escalation"):
        monkeypatch.setattr(f"{module}.deployment", lambda: changed)


def test_all_is_well_with_the_people_of_the_deployment(town: Town) -> None:
    assert not_ready() == set()
    assert doctor("focal points").startswith("ok")


def test_an_uncovered_half_hour_is_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with_duty(monkeypatch, {"people": ["ada"], "hours": "Mo-Su 00:00-12:00,12:30-24:00"})
    assert not_ready() == {"duty_covered"}
    assert doctor("focal points").startswith("FAIL") and "12:00" in doctor("focal points")
    with_duty(
        monkeypatch,
        {"people": ["ada"], "hours": "Mo-Su 00:00-12:00,12:30-24:00"},
        {"people": ["ada"], "hours": "Mo-Su 12:00-12:30"},
    )
    assert not_ready() == set()


def test_leave_uncovers(town: Town) -> None:
    with transaction() as session:
        staff.set_leave(session, "test", "ada", now().date(), now().date() + timedelta(days=3))
    assert not_ready() == {"duty_covered"}, "Bea does not answer for every category"


def _no_phone(session: Any) -> None:
    session.execute(update(Staff).where(Staff.login == "bea").values(phone=None))


def _no_sender(session: Any) -> None:
    session.execute(update(Staff).where(Staff.login == "bea").values(channel="whatsapp"))


def _mail_without_a_server(session: Any) -> None:
    session.execute(update(Staff).where(Staff.login == "bea").values(channel="email", email=None))


@pytest.mark.parametrize("breaks", [_no_phone, _no_sender, _mail_without_a_server])
def test_a_focal_point_without_a_working_address_is_named(town: Town, breaks: Callable[[Any], None]) -> None:
    with transaction() as session:
        breaks(session)
    assert "focal_points" in not_ready()
    assert doctor("focal points").startswith("FAIL") and "bea" in doctor("focal points")


def test_alerts_that_reach_nobody_for_an_hour_are_told(town: Town) -> None:
    town.api.behave = lambda form: "21211" if form["To"] != PHONE else "ok"
    town.says(PHONE, "my husband beats me every night")
    assert "alerts" not in not_ready(), "not yet an hour"
    with transaction() as session:
        session.execute(update(Report).values(created_at=now() - timedelta(minutes=61)))
    assert "alerts" in not_ready()
    assert doctor("alerts").startswith("FAIL")
    with transaction() as session:
        session.execute(update(Message).where(Message.kind == "alert").values(state="delivered"))
    assert "alerts" not in not_ready()


def test_nobody_with_a_password_is_a_failure_outside_a_demonstration(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as session:
        session.execute(update(Staff).values(public_key=None))
    assert doctor("readers").startswith("ok")
    real = deployments.deployment().model_copy(update={"demonstration": False})
    with monkeypatch.context() as patched:
        patched.setattr("service.doctor.deployments.deployment", lambda: real)
        assert doctor("readers").startswith("FAIL")
