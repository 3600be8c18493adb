"""Alerting drills: whatever fails, every report reaches somebody in time, and nobody is called twice within their time.

The hours pass by the clock's own argument; what leaves is what Twilio's API (stood in for) accepted.
"""

import itertools
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from casework import alerts as alerts_
from casework import escalation, staff
from casework.report_models import Alert, Report
from messaging.models import Contact, Message
from runtime.redis import redis
from runtime.words import sentence
from store.database import now, reading, transaction
from tests.phones import Town, form
from tests.running import Running

ADA, BEA, CLEO, BOSS = "+254700000001", "+254700000002", "+254700000010", "+254700000009"
DANGER = "please help our boat is sinking now we are drowning"
HOUR = timedelta(hours=1)


@dataclass
class Drill:
    """One thing that goes wrong, and after how many hours at most somebody else must have been called."""

    name: str
    fails: Callable[[Town], None]
    within: float
    after: Callable[[Town], None] = field(default=lambda town: None)


def _ada(answer: str) -> Callable[[Town], None]:
    def fails(town: Town) -> None:
        town.api.behave = lambda sent: answer if sent["To"] == ADA else "ok"

    return fails


def _reported_lost(town: Town) -> None:
    with reading() as session:
        sent = session.scalars(select(Message).where(Message.kind == "alert", Message.provider_sid.is_not(None))).all()
    for message in sent:
        status = {"MessageSid": message.provider_sid or "", "MessageStatus": "undelivered", "ErrorCode": "30003"}
        assert town.post(status, f"/webhooks/twilio/status?message={message.id}").status_code == 204


def _worker_died(town: Town) -> None:
    """What was announced is lost with the worker that was to announce it."""
    town._announced.clear()


def _redis_flushed(town: Town) -> None:
    town._announced.clear()
    redis().flushall()


DRILLS = (
    Drill("not a mobile number (21211)", _ada("21211"), 0),
    Drill("undelivered by the callback (30003)", lambda town: None, 0, _reported_lost),
    Drill("Twilio in trouble (500)", _ada("500"), 0.2),
    Drill("silence", lambda town: None, 1),
    Drill("the worker dies between sealing and alerting", lambda town: None, 1, _worker_died),
    Drill("Redis is flushed", lambda town: None, 1, _redis_flushed),
    Drill("the clock stands still for an hour", lambda town: None, 1),
)


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_drill(town: Town, drill: Drill) -> None:
    with transaction() as session:
        staff.add(session, "drill", "cleo", "Cleo", ["focal_point"], ["sea"], phone=CLEO)
        staff.add(session, "drill", "boss", "Boss", ["administrator"], phone=BOSS)
    drill.fails(town)
    began = now()
    if drill.after in (_worker_died, _redis_flushed):
        town.post(form("+254722000071", DANGER))
        _read_only(town, drill)
    else:
        town.says("+254722000071", DANGER)
        drill.after(town)
    step = 0.05 if not drill.name.startswith("the clock") else 1.0
    hours = 0.0
    while not _somebody_else_was_called(town) and hours <= drill.within + 1.5 * step:
        _strike(town, began + timedelta(hours=hours))
        hours += step
    assert _somebody_else_was_called(town), f"nobody else was called within {hours} hours"
    assert hours <= drill.within + 2.5 * step
    code = town.api.bodies(BEA)[-1].split("Code ")[1].split(".")[0]
    assert town.says(BEA, f"OK {code}") == [sentence("alert_acknowledged", "fr", reference=code)]
    _strike(town, began + timedelta(hours=30))
    _nobody_was_called_twice_within_the_time()
    with reading() as session:
        report = session.scalars(select(Report)).one()
        assert report.taken_by == staff.find(session, "bea").id
        lost = session.scalars(select(Message.id).where(Message.kind == "alert", Message.state == "queued")).all()
        assert lost == [] or drill.name.startswith("Twilio in trouble")


def _read_only(town: Town, drill: Drill) -> None:
    """The turn is committed; then what it announced is gone."""
    from bot.turn import read_mail

    for task, identifier in list(town._announced):
        if task == "conversations.read_mail":
            read_mail(identifier)
    drill.after(town)
    with reading() as session:
        assert session.scalars(select(Message.state).where(Message.kind == "alert")).all() == ["queued"]
        assert session.scalars(select(Message.body).where(Message.direction == "in")).all() == [None]


def _strike(town: Town, at: datetime) -> None:
    """What the clock does every few seconds, at a time: requeue what was left behind, escalate."""
    with transaction() as session:  # the pauses between attempts pass too
        session.execute(update(Message).where(Message.state == "queued").values(due_at=now()))
    with reading() as session:
        for contact in session.scalars(select(Contact.id)):
            town._publish("delivery.deliver", contact)
    town.work()
    escalation.pass_on_overdue(at)
    town.work()


def _somebody_else_was_called(town: Town) -> bool:
    return bool(town.api.bodies(BEA))


def _nobody_was_called_twice_within_the_time() -> None:
    with reading() as session:
        alerts = session.scalars(select(Alert).order_by(Alert.staff_id, Alert.created_at)).all()
        reached = [alert for alert in alerts if not alerts_.is_lost(session, alert, alert.created_at)]
    for one, two in itertools.pairwise(reached):
        assert one.staff_id != two.staff_id or two.created_at - one.created_at >= HOUR


def test_when_nobody_on_duty_answers_backups_then_administrators_are_called_and_it_never_ends(town: Town) -> None:
    with transaction() as session:
        staff.add(session, "drill", "boss", "Boss", ["administrator"], phone=BOSS)
    town.says("+254722000071", DANGER)
    began = now()
    for hour in range(1, 13):
        _strike(town, began + hour * HOUR + timedelta(minutes=1))
    heard = {phone: len(town.api.bodies(phone)) for phone in (ADA, BEA, BOSS)}
    assert all(count >= 4 for count in heard.values()), heard
    _nobody_was_called_twice_within_the_time()


@pytest.mark.timeout(300)
def test_every_report_is_alerted_once_although_each_part_is_killed(model: Path, tmp_path: Path) -> None:
    service = Running(tmp_path)
    chance = random.Random(11)
    try:
        service.wait_ready()
        victims = ["conversations", "delivery", "valkey", "clock", "conversations", "delivery"]

        def kill_one_by_one() -> None:
            for part in victims:
                time.sleep(chance.uniform(1.0, 2.5))
                service.kill(part)

        killer = threading.Thread(target=kill_one_by_one)
        killer.start()
        for number in range(20):
            assert service.post(form(f"+2547330001{number:02d}", DANGER)) == 200
            time.sleep(0.4)
        killer.join()
        end = time.monotonic() + 120
        while time.monotonic() < end and len(_alerts(service)) < 20:
            time.sleep(0.5)
        time.sleep(5)  # a second alert would come now
        alerts = _alerts(service)
    finally:
        service.stop()
    with sqlite3.connect(service.database) as record:
        codes = {row[0] for row in record.execute("select reference from reports")}
        bodies = record.execute("select count(*) from messages where direction='in' and body is not null").fetchone()[0]
    assert len(codes) == 20 and bodies == 0
    told = [code for alert in alerts for code in codes if f"Code {code}." in alert["body"]]
    assert sorted(told) == sorted(codes), "a report was not alerted exactly once"


def _alerts(service: Running) -> list[dict[str, str]]:
    return [message for message in service.accepted() if message["to"] == ADA]
