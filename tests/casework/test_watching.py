"""What the clock sees to: news that nobody looked at, reports left alone, reports of before they were sealed."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from casework import audit, escalation, report_keys, reports, staff, watching
from casework.report_models import Alert, Report, ReportEntry
from messaging import contacts
from messaging.models import Message
from store.database import now, reading, transaction
from store.encryption import keyring
from tests import focal_points

PHONE = "+254722000001"


def taken(by: str = "ada") -> str:
    """A report that somebody has taken; its code."""
    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", "sms", PHONE)
        report, _ = reports.open_report(session, contact, [], ["gbv"], "en")
        session.execute(update(Message).values(state="delivered"))
        assert escalation.acknowledge(session, report, staff.find(session, by), "sms")
        return report.reference


def writes_again(code: str) -> list[int]:
    with transaction() as session:
        report = session.scalars(select(Report).where(Report.reference == code)).one()
        told = watching.tell_of_more(session, report)
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
        return told


def get(code: str) -> Report:
    with reading() as session:
        return session.scalars(select(Report).where(Report.reference == code)).one()


def looks(code: str, login: str = "ada") -> None:
    audit.note(login, "viewed", code)


def test_news_is_told_again_only_after_a_look(database: str) -> None:
    code = taken()
    assert writes_again(code) != []
    assert writes_again(code) == [], "told, and not looked at yet"
    looks(code)
    assert writes_again(code) != []


def test_news_that_nobody_looks_at_in_time_calls_everybody(database: str) -> None:
    code = taken()
    writes_again(code)
    assert watching.pass_on_unread_news(now() + timedelta(hours=23)) == 0
    assert watching.pass_on_unread_news(now() + timedelta(hours=25)) == 1
    assert get(code).taken_at is None


def test_news_that_was_looked_at_stays_with_who_has_it(database: str) -> None:
    code = taken()
    writes_again(code)
    looks(code)
    assert watching.pass_on_unread_news(now() + timedelta(hours=25)) == 0
    assert get(code).taken_at is not None


def test_news_for_somebody_on_leave_goes_to_the_others(database: str) -> None:
    code = taken()
    with transaction() as session:
        staff.set_leave(session, "test", "ada", now().date(), now().date() + timedelta(days=5))
    assert writes_again(code) != []
    assert get(code).taken_at is None
    with reading() as session:
        last = session.scalars(select(Alert).order_by(Alert.id.desc()).limit(1)).one()
        assert last.staff_id == staff.find(session, "bea").id


def test_a_report_left_alone_is_told_to_its_holder_and_the_administrators_once_in_the_time(database: str) -> None:
    with transaction() as session:
        staff.add(session, "test", "boss", "Boss", ["administrator"], phone="+254700000009")
    code = taken()
    assert watching.remind_of_quiet(now() + timedelta(days=6)) == 0
    assert watching.remind_of_quiet(now() + timedelta(days=8)) == 1
    assert watching.remind_of_quiet(now() + timedelta(days=9)) == 0
    with reading() as session:
        told = session.scalars(select(Alert.staff_id).where(Alert.kind == "unanswered")).all()
        assert set(told) == {staff.find(session, login).id for login in ("ada", "boss")}
    assert get(code).taken_at is not None


def test_a_note_shows_that_somebody_works_on_it(database: str) -> None:
    code = taken()
    with transaction() as session:
        reports.write(session, session.get_one(Report, get(code).id), "note", text="called the clinic", by="ada")
    assert watching.remind_of_quiet(now() + timedelta(days=6, hours=23)) == 0


def test_a_report_of_before_sealing_is_sealed_to_its_readers_and_called_for(database: str) -> None:
    pieces = [
        {"kind": "head", "contact": 1, "categories": ["child"], "language": "en"},
        {"kind": "words", "text": "he beats him", "extras": None},
    ]
    with transaction() as session:
        old = Report(reference="K7Q4-X", reporter_hash="0" * 64, urgent=True)
        session.add(old)
        session.flush()
        for piece in pieces:
            body = keyring().encrypt("report_entries.body", json.dumps(piece).encode())
            session.add(ReportEntry(report_id=old.id, kind="old", sealed=body))
    assert report_keys.bring_up_to_date() == 1
    assert focal_points.words("bea", "K7Q4-X") == ["he beats him"]
    with reading() as session:
        assert session.scalars(select(Alert)).all()
    assert report_keys.bring_up_to_date() == 0


@pytest.mark.parametrize("way", ["sms", "console"])
def test_an_ok_takes_nothing_from_a_colleague_but_the_console_does(database: str, way: str) -> None:
    code = taken()
    with transaction() as session:
        report = session.get_one(Report, get(code).id)
        assert escalation.acknowledge(session, report, staff.find(session, "bea"), way) is (way == "console")


def test_somebody_without_a_seal_does_not_stop_the_calling_while_others_could_open_it(database: str) -> None:
    from casework.report_models import ReportSeal

    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", "sms", PHONE)
        report, _ = reports.open_report(session, contact, [], ["gbv"], "en")
        bea = staff.find(session, "bea")
        seals = session.scalars(select(ReportSeal).where(ReportSeal.staff_id == bea.id)).all()
        for seal in seals:
            session.delete(seal)
        session.flush()
        assert not escalation.acknowledge(session, report, bea, "sms")
        assert report.escalate_at is not None
