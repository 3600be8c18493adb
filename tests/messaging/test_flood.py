"""Very many messages from one number: slowed, none lost, told once; never while anything grave waits among them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot import turn
from messaging import flood
from messaging.models import Message
from runtime.deployment import deployment
from runtime.promises import Flood
from runtime.words import sentence
from store.database import now, reading, transaction
from tests.phones import Town, form

PHONE = "+254722000001"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three messages in ten minutes."""
    promises = deployment().promises.model_copy(update={"flood": Flood(messages=3)})
    changed = deployment().model_copy(update={"promises": promises})
    for place in (flood, turn):
        monkeypatch.setattr(place, "deployment", lambda: changed)
    yield


def waiting() -> int:
    with reading() as session:
        query = select(func.count()).where(Message.direction == "in", Message.state == "received")
        return session.scalar(query) or 0


def time_passes(town: Town) -> None:
    from runtime import tasks

    with transaction() as session:
        session.execute(update(Message).where(Message.state == "received").values(due_at=now() - timedelta(seconds=1)))
        contact_id = session.scalars(select(Message.contact_id).limit(1)).one()
    tasks.publish(tasks.READ_MAIL, contact_id)
    town.work()


def test_it_is_slowed_and_told_once_and_nothing_is_lost(town: Town) -> None:
    for number in range(8):
        town.post(form(PHONE, f"where is the food distribution {number}"))
    town.work()
    assert waiting() == 5
    assert sum(sentence("slowed", "en") in body for body in town.api.bodies(PHONE)) == 1
    for left in (4, 3, 2, 1, 0):
        time_passes(town)
        assert waiting() == left
    assert sum(sentence("slowed", "en") in body for body in town.api.bodies(PHONE)) == 1


def test_a_cry_for_help_among_them_waits_for_nothing(town: Town) -> None:
    for text in ("hello", "hello?", "are you there", "answer me", "please", "my husband beats me every night"):
        town.post(form(PHONE, text))
    town.work()
    assert waiting() == 0
    assert any(sentence("private_sorry", "en") in body for body in town.api.bodies(PHONE))


def test_other_people_are_not_slowed(town: Town) -> None:
    for number in range(5):
        town.post(form(PHONE, f"where is food {number}"))
    town.work()
    assert town.says("+254722000002", "hello")


def test_without_redis_nothing_waits(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from runtime.redis import RedisError

    def gone() -> None:
        raise RedisError

    monkeypatch.setattr(flood, "redis", gone)
    assert [flood.waits(1, number) for number in range(9)] == [(False, False)] * 9
