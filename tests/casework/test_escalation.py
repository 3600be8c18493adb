"""Somebody is told: those on duty one by one, all backups, the administrators, and again, until a focal point takes it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from casework import escalation, staff, watching
from casework.report_models import Alert, Report, ReportEntry
from messaging.models import Message
from store.database import now, reading, transaction
from tests import focal_points
from tests.phones import Town

ADA, BEA, PHONE = "+254700000001", "+254700000002", "+254722000001"
BOSS = "+254700000009"


def disclose(town: Town, text: str = "my husband beats me every night") -> None:
    town.says(PHONE, text)


def code_of(town: Town, phone: str = ADA) -> str:
    return town.api.bodies(phone)[-1].split("Code ")[1].split(".")[0]


def pass_on(town: Town, hours: float) -> int:
    """The clock strikes so many hours from now."""
    done = escalation.pass_on_overdue(now() + timedelta(hours=hours))
    town.work()
    return done


def heard(town: Town) -> tuple[int, int]:
    return len(town.api.bodies(ADA)), len(town.api.bodies(BEA))


def test_an_alert_says_nothing_of_the_report(town: Town) -> None:
    disclose(town)
    (alert,) = town.api.bodies(ADA)
    assert not any(word in alert.lower() for word in ("husband", "beat", "gbv", "violence", PHONE))


def test_alerts_of_all_categories_have_the_same_words_and_length(town: Town) -> None:
    from casework import reports
    from messaging import contacts
    from runtime import taxonomy

    for number, category in enumerate(taxonomy.sensitive_categories()):
        with transaction() as session:
            contact = contacts.find_or_make(session, "twilio", "sms", f"+2547220001{number:02d}")
            reports.open_report(session, contact, [], [category], "en")
    with reading() as session:
        bodies = session.scalars(select(Message.body).where(Message.kind == "alert")).all()
        codes = session.scalars(select(Report.reference)).all()
    assert len(bodies) == len(taxonomy.sensitive_categories())
    bare = {body.replace(code, "-----") for body in bodies for code in codes if body and code in body}
    assert len({len(body or "") for body in bodies}) == 1 and len(bare) == 1


def test_unacknowledged_it_goes_to_the_next_then_to_administrators_then_round_again(town: Town) -> None:
    with transaction() as session:
        staff.add(session, "test", "boss", "Boss", ["administrator"], phone=BOSS)
    disclose(town)
    assert pass_on(town, 0) == 0
    assert pass_on(town, 25) == 1 and heard(town) == (1, 1)
    assert pass_on(town, 50) == 1 and heard(town) == (1, 1)
    assert "nobody has taken" in town.api.bodies(BOSS)[-1]
    assert pass_on(town, 75) == 1 and heard(town) == (2, 1)


def test_nobody_is_told_twice_within_the_time_for_an_answer(town: Town) -> None:
    disclose(town)
    with transaction() as session:
        session.execute(update(Report).values(escalate_at=now()))
    for _ in range(5):
        pass_on(town, 0.001)
        with transaction() as session:
            session.execute(update(Report).values(escalate_at=now()))
    assert heard(town) == (1, 1)


def test_an_undeliverable_alert_is_passed_on_at_once(town: Town) -> None:
    town.api.behave = lambda form: "21211" if form["To"] == ADA else "ok"
    disclose(town)
    assert pass_on(town, 0) == 1
    assert len(town.api.bodies(BEA)) == 1


def test_an_alert_that_twilio_reports_lost_is_passed_on_at_once(town: Town) -> None:
    disclose(town)
    with transaction() as session:
        sent = session.scalars(select(Message).where(Message.kind == "alert")).one()
    town.post({"MessageSid": sent.provider_sid or "", "MessageStatus": "undelivered", "ErrorCode": "30003"},
              f"/webhooks/twilio/status?message={sent.id}")  # fmt: skip
    assert pass_on(town, 0) == 1
    assert len(town.api.bodies(BEA)) == 1


def test_acknowledged_it_rests(town: Town) -> None:
    disclose(town)
    assert "with you" in town.says(ADA, f"ok {code_of(town).lower()}")[0]
    assert pass_on(town, 100) == 0
    with reading() as session:
        report = session.scalars(select(Report)).one()
        assert report.taken_by == staff.find(session, "ada").id


@pytest.mark.parametrize("phone", [PHONE, "+254722000009", BOSS])
def test_who_does_not_answer_for_it_cannot_take_it(town: Town, phone: str) -> None:
    with transaction() as session:
        staff.add(session, "test", "boss", "Boss", ["administrator"], phone=BOSS)
    disclose(town)
    heard = town.says(phone, f"OK {code_of(town)}")
    assert not any("with you" in line for line in heard)
    with reading() as session:
        assert session.scalars(select(Report.taken_at)).all() == [None]


def test_the_words_leave_the_messages_at_once_and_nobody_opens_them_without_a_key(town: Town) -> None:
    disclose(town)
    with reading() as session:
        assert session.scalars(select(Message.body).where(Message.direction == "in")).all() == [None]
        sealed = b"".join(session.scalars(select(ReportEntry.sealed)).all())  # type: ignore[arg-type]
        assert b"beats" not in sealed
        assert session.scalars(select(Report.held_key)).all() != [None], "until consent is answered"
    assert focal_points.words("ada") == ["my husband beats me every night"]


def test_an_alert_may_be_answered_by_the_other_channel_of_the_same_phone(town: Town) -> None:
    disclose(town)
    assert "with you" in town.says(f"whatsapp:{ADA}", f"ok {code_of(town)}")[0]
    assert pass_on(town, 100) == 0


def test_news_for_who_has_taken_it_is_told_once_and_escalated_if_it_is_lost(town: Town) -> None:
    disclose(town)
    town.says(ADA, f"OK {code_of(town)}")
    before = len(town.api.bodies(ADA))
    town.api.behave = lambda form: "21211" if form["To"] == ADA else "ok"
    town.says(PHONE, "he came back again and shouted")
    assert len(town.api.bodies(ADA)) == before
    assert watching.pass_on_unread_news() == 1
    town.work()
    pass_on(town, 0)
    assert len(town.api.bodies(BEA)) == 1


def test_the_daily_test_reaches_everybody_once_a_day_and_finds_who_is_not_reached(town: Town) -> None:
    tomorrow = now() + timedelta(days=1)
    town.api.behave = lambda form: "21211" if form["To"] == BEA else "ok"
    assert watching.test_alerts(tomorrow) == 2
    town.work()
    assert watching.test_alerts(tomorrow + timedelta(minutes=10)) == 0
    assert "daily test" in town.api.bodies(ADA)[-1]
    with reading() as session:
        assert [person.login for person in watching.unreachable(session)] == ["bea"]
        assert session.scalars(select(Alert.kind)).all() == ["test", "test"]


def test_nobody_on_leave_is_called(town: Town) -> None:
    with transaction() as session:
        staff.set_leave(session, "test", "ada", now().date() - timedelta(days=1), now().date() + timedelta(days=2))
    disclose(town)
    assert heard(town) == (0, 1)
