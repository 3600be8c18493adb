"""Sessions: bounded, encrypted, expiring, one read and one write a turn, and free to vanish."""

import pytest

from tests.phones import Town

PHONE = "+254722000001"


def raw(town: Town) -> dict[bytes, bytes]:
    from runtime.redis import redis

    return {key: redis().get(key) for key in redis().keys("session:*")}


def test_a_session_does_not_grow_with_the_conversation(town: Town) -> None:
    sizes = []
    for _ in range(12):
        town.says(PHONE, "where is the clinic")
        sizes.append(len(next(iter(raw(town).values()))))
    assert max(sizes[4:]) <= 1.1 * min(sizes[4:])


def test_a_turn_reads_once_and_writes_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from runtime.redis import redis

    town.says(PHONE, "hello")
    calls: list[str] = []
    for name in ("get", "set"):
        original = getattr(redis(), name)

        def counted(key: str, *args: object, _original=original, _name=name, **kwargs: object) -> object:  # type: ignore[no-untyped-def]
            if str(key).startswith("session:"):
                calls.append(_name)
            return _original(key, *args, **kwargs)

        monkeypatch.setattr(redis(), name, counted)
    town.says(PHONE, "2")
    assert calls == ["get", "set"]


def test_the_words_of_forms_are_not_kept(town: Town) -> None:
    from bot.sessions import _dump
    from bot.turn import assistant

    for words in (
        "my husband beats me every night",
        "1",
        "only mornings, call my sister",
        "I want to complain",
        "dirty toilets",
    ):
        town.says(PHONE, words)
        (key,) = raw(town)
        kept = _dump(assistant().sessions.open(key.decode().split("{")[1].rstrip("}"))).decode()
        assert not any(word in kept for word in ("mornings", "sister", "toilets", "husband"))


def test_a_session_holds_no_words_and_expires(town: Town) -> None:
    from runtime.redis import redis

    town.says(PHONE, "I want to complain")
    ((key, value),) = raw(town).items()
    assert b"complain" not in value
    assert 0 < redis().ttl(key) <= 24 * 3600
    from bot.turn import assistant

    tracker = assistant().sessions.open(key.decode().split("{")[1].rstrip("}"))
    assert "complain" not in str([event.as_dict() for event in tracker.events])


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x01" * 200])
def test_a_damaged_session_is_as_none(town: Town, damage: bytes) -> None:
    from runtime.redis import redis

    town.says(PHONE, "hello")
    redis().set(next(iter(raw(town))), damage)
    assert "nearest hospital" in town.says(PHONE, "where is the clinic")[0]


def test_without_redis_the_turn_is_answered(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import sessions
    from runtime.redis import RedisError

    class Away:
        def __getattr__(self, name: str) -> object:
            def fail(*_: object, **__: object) -> None:
                raise RedisError

            return fail

    monkeypatch.setattr(sessions, "redis", Away)
    assert "nearest hospital" in town.says(PHONE, "where is the clinic")[0]


def test_a_crash_in_an_action_rolls_everything_back_and_is_tried_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import func, select

    from actions import feedback
    from casework.models import Feedback
    from messaging.models import Message
    from store.database import reading

    original = feedback.keep
    failures = iter([True, True, False])

    def keep(*args: object) -> object:
        kept = original(*args)  # type: ignore[arg-type]
        if next(failures):
            raise RuntimeError("after the feedback was stored")
        return kept

    monkeypatch.setattr(feedback, "keep", keep)
    monkeypatch.setattr("bot.turn.PAUSES", (0,))
    town.says(PHONE, "the water truck came three days late")
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Feedback)) == 0
        assert session.scalars(select(Message.state)).all() == ["received"]
    from bot.turn import read_mail

    read_mail(1)
    read_mail(1)
    town.work()
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Feedback)) == 1
    assert len(town.api.bodies(PHONE)) == 2  # the answer, and the notice on data


def test_a_message_that_always_fails_reaches_people_and_blocks_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import select

    from bot import turn
    from messaging.models import Message
    from store.database import reading

    original = turn.hear

    def hear(helper, tracker, message, spoken):  # type: ignore[no-untyped-def]
        if "poison" in spoken.text:
            raise ValueError("cannot be read")
        return original(helper, tracker, message, spoken)

    monkeypatch.setattr(turn, "hear", hear)
    monkeypatch.setattr(turn, "PAUSES", (0,))
    from tests.phones import form

    town.post(form(PHONE, "poison"))
    town.post(form(PHONE, "where is the clinic"))
    for _ in range(turn.MOST_ATTEMPTS + 1):
        turn.read_mail(1)
        town.work()
    assert "wrong on our side" in town.api.bodies(PHONE)[0] and "nearest hospital" in town.api.bodies(PHONE)[1]
    with reading() as session:
        assert session.scalars(select(Message.state).where(Message.direction == "in").order_by(Message.id)).all() == [
            "failed",
            "done",
        ]
