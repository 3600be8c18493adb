"""Somebody is told: passed on when overdue or undeliverable, at rest once acknowledged."""

from datetime import timedelta

from sqlalchemy import select, update

from casework.escalation import pass_on_overdue
from casework.models import Alert, Report, ReportEntry
from messaging.models import Message
from store.database import now, reading, transaction
from tests.phones import Town

ADA, BEA, PHONE = "+254700000001", "+254700000002", "+254722000001"


def disclose(town: Town) -> None:
    town.says(PHONE, "my husband beats me every night")


def overdue() -> None:
    with transaction() as session:
        session.execute(update(Alert).values(due_at=now() - timedelta(minutes=1)))


def test_an_alert_says_nothing_of_the_report(town: Town) -> None:
    disclose(town)
    (alert,) = town.api.bodies(ADA)
    assert not any(word in alert.lower() for word in ("husband", "beat", "gbv", "violence", PHONE))


def test_unacknowledged_it_goes_to_the_next_and_round_again(town: Town) -> None:
    disclose(town)
    assert pass_on_overdue() == 0
    for expected in ((1, 1), (2, 1), (2, 2)):
        overdue()
        assert pass_on_overdue() == 1
        town.work()
        assert (len(town.api.bodies(ADA)), len(town.api.bodies(BEA))) == expected


def test_an_undeliverable_alert_is_passed_on_at_once(town: Town) -> None:
    town.api.behave = lambda form: "21211" if form["To"] == ADA else "ok"
    disclose(town)
    assert pass_on_overdue() == 1
    town.work()
    assert len(town.api.bodies(BEA)) == 1


def test_acknowledged_it_rests(town: Town) -> None:
    disclose(town)
    code = town.api.bodies(ADA)[0].split("Code ")[1].split(".")[0]
    assert "with you" in town.says(ADA, f"ok {code.lower()}")[0]
    overdue()
    assert pass_on_overdue() == 0


def test_the_words_leave_the_messages_at_once(town: Town) -> None:
    disclose(town)
    with reading() as session:
        assert session.scalars(select(Message.body).where(Message.direction == "in")).all() == [None]
        entries = session.scalars(select(ReportEntry.body)).all()
        assert any("beats" in (entry or "") for entry in entries)
        assert session.scalars(select(Report.urgent)).all() == [False]


def test_an_alert_may_be_answered_by_the_other_channel_of_the_same_phone(town: Town) -> None:
    disclose(town)
    code = town.api.bodies(ADA)[0].split("Code ")[1].split(".")[0]
    assert "with you" in town.says(f"whatsapp:{ADA}", f"ok {code}")[0]
    overdue()
    assert pass_on_overdue() == 0
