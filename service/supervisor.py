"""Starts processes, restarts those that die, stops all of them."""

import ctypes
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()

STOP_SECONDS = 7.0
_PR_SET_PDEATHSIG = 1  # prctl(2): the child is told when its parent dies
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Part:
    """One process to keep alive."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    again_at: float = 0.0
    started_at: float = field(default=0.0)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Keeps its parts running until told to stop."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._parts: list[Part] = []
        self._stopping = False

    def stop_on_signals(self) -> None:
        """SIGINT and SIGTERM end `watch`."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._ask_to_stop())

    def _ask_to_stop(self) -> None:
        self._stopping = True

    @property
    def stopping(self) -> bool:
        """True once a signal asked for the end."""
        return self._stopping

    def start(self, name: str, command: list[str]) -> Part:
        """Start a part and keep it running."""
        part = Part(name, command)
        self._parts.append(part)
        self._launch(part)
        self._tell(f"  {name:<16} started, process {part.process.pid if part.process else '?'}")
        return part

    def _launch(self, part: Part) -> None:
        # A session of its own: Ctrl-C reaches only us, and we stop the parts in order.
        part.process = subprocess.Popen(  # noqa: S603 - our own command lines
            part.command, start_new_session=True, preexec_fn=_die_with_parent, stdin=subprocess.DEVNULL
        )
        part.started_at = time.monotonic()

    def check(self) -> None:
        """Restart what died: at once the first time, then with growing pauses while it keeps dying."""
        for part in self._parts:
            if part.process is not None and (code := part.process.poll()) is not None:
                lived = time.monotonic() - part.started_at
                part.deaths = part.deaths + 1 if lived < 20 else 0
                pause = min(0.1 * 2**part.deaths, 10.0)
                part.process, part.again_at = None, time.monotonic() + pause
                log.warning("part_died", part=part.name, exit_code=code, seconds=round(lived, 1))
            if part.process is None and time.monotonic() >= part.again_at:
                self._launch(part)
                self._tell(f"  {part.name:<16} restarted, process {part.process.pid if part.process else '?'}")

    def wait_for(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Keep the parts running until `holds`, a signal, or the time is over."""
        end = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < end:
            if holds():
                return True
            self.check()
            time.sleep(0.1)
        return False

    def watch(self) -> None:
        """Keep the parts running until a signal."""
        while not self._stopping:
            self.check()
            time.sleep(0.1)

    def stop(self) -> None:
        """End all parts, the youngest first; what does not listen is killed."""
        for part in reversed(self._parts):
            if part.process is not None and part.process.poll() is None:
                part.process.terminate()
                if part is not self._parts[0]:
                    continue
        end = time.monotonic() + STOP_SECONDS
        for part in self._parts:
            if part.process is None:
                continue
            try:
                part.process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait(1)
