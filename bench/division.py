"""How the CPU time of one message divides: the whole path in one process, with a clock at every door."""

import os
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from runtime.logging import configure
from tests.phones import Town, form
from tests.standins.twilio_api import TwilioAPI

clock = time.thread_time


class Stopwatch:
    """CPU seconds per name; what an inner name takes is not counted in the outer one."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._stack: list[list[Any]] = []

    def around(self, name: str, function: Any) -> Any:
        """The function with a clock around it."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._enter(name)
            try:
                return function(*args, **kwargs)
            finally:
                self._leave()

        async def timed_async(*args: Any, **kwargs: Any) -> Any:
            self._enter(name)
            try:
                return await function(*args, **kwargs)
            finally:
                self._leave()

        return timed_async if _is_async(function) else timed

    def _enter(self, name: str) -> None:
        self._stack.append([name, clock(), 0.0])

    def _leave(self) -> None:
        name, began, inner = self._stack.pop()
        took = clock() - began
        self.spent[name] += took - inner
        if self._stack:
            self._stack[-1][2] += took


def _is_async(function: Any) -> bool:
    import inspect

    return inspect.iscoroutinefunction(function)


def divide(messages: int) -> dict[str, float]:
    """CPU ms per message and part, over `messages` questions of as many new contacts."""
    from bench.path import phone, text

    configure("bench")
    patch = pytest.MonkeyPatch()
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder, TwilioAPI() as api:
        valkey = _valkey()
        patch.setenv("TWILIO_API_URL", api.url)
        patch.setenv("DATABASE_URL", f"sqlite:///{folder}/bench.db")
        from runtime import tasks
        from store import migrate
        from tests.conftest import forget_settings

        forget_settings()
        migrate.upgrade()
        tasks.configure()
        publish = tasks.publish
        town = Town(api, patch)
        _put_clocks(watch, patch, town)
        for n in range(20):
            town.says(phone(n), text(n))
        watch.spent.clear()
        for n in range(messages):
            data = form(phone(9000 + n), text(n))
            town.post(data)
            watch._enter("turn: the rest")
            town.work()
            watch._leave()
        found = {name: 1000 * seconds / messages for name, seconds in watch.spent.items()}
        found["queue"] = _queue_cost(publish)
        valkey.kill()
        valkey.wait()
    patch.undo()
    return dict(sorted(found.items()))


def _put_clocks(watch: Stopwatch, patch: pytest.MonkeyPatch, town: Town) -> None:
    from actions import turn as turns  # noqa: F401 - actions are loaded with the assistant
    from bot import listening, turn
    from messaging import inbox, outbox
    from messaging.providers import twilio

    helper = turn.assistant()
    processor = helper._processor
    for owner, attribute, name in (
        (twilio, "is_genuine", "signature and form"),
        (twilio, "parse", "signature and form"),
        (inbox, "receive", "store"),
        (inbox, "waiting", "store"),
        (turn, "_claim", "store"),
        (listening, "identify", "language"),
        (helper.understanding, "read", "understanding"),
        (processor, "_predict_next_with_tracker", "policies"),
        (processor, "handle_message", "policies"),
        (processor.action_endpoint, "request", "actions"),
        (helper.sessions, "open", "session"),
        (helper.sessions, "commit", "session"),
        (outbox, "queue", "outbox"),
        (outbox, "_due", "outbox"),
        (outbox, "_deliver_one", "outbox"),
    ):
        patch.setattr(owner, attribute, watch.around(name, getattr(owner, attribute)))
    patch.setattr(town.client, "post", watch.around("web server's rest", town.client.post))


def _valkey() -> "subprocess.Popen[bytes]":
    from runtime.redis import redis
    from runtime.settings import settings
    from service.parts import valkey_command

    process = subprocess.Popen(valkey_command(settings()))
    for _ in range(100):
        try:
            redis().ping()
            break
        except Exception:
            time.sleep(0.05)
    return process


def _queue_cost(publish: Any, tasks_sent: int = 400) -> float:
    """CPU ms of Celery for the two tasks of one message: publishing here, taking and acknowledging in a worker."""
    from runtime import tasks
    from service.parts import command

    worker = subprocess.Popen(command("worker", "--only", "delivery"), env={**os.environ})
    from runtime import heartbeat

    while not heartbeat.lives("delivery"):
        time.sleep(0.2)
    time.sleep(3)
    publish(tasks.DELIVER, 0)
    time.sleep(1)
    before, began = _cpu(worker.pid), clock()
    for _ in range(tasks_sent):
        publish(tasks.DELIVER, 0)
    published = clock() - began
    from runtime.redis import redis

    while redis().llen("delivery"):
        time.sleep(0.1)
    time.sleep(0.5)
    taken = _cpu(worker.pid) - before
    worker.terminate()
    worker.wait()
    from messaging.outbox import deliver

    began = clock()
    for _ in range(tasks_sent):
        deliver(0)  # what the task itself does when nothing is due; the outbox's, not the queue's
    return 2 * 1000 * (published + taken - (clock() - began)) / tasks_sent


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
