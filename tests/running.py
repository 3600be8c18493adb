"""A whole service started with `sawti up`, with Twilio's API stood in for by a process of its own."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from tests.phones import INBOUND, ORIGIN
from tests.phones import sign as sign_form

_STARTED = re.compile(r"^\s+(\w+)(?: \d+)?\s+(?:re)?started, process (\d+)")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """`sawti up` in a folder of its own."""

    def __init__(self, folder: Path, wrapper: list[str] | None = None, workers: int = 2, **env: str) -> None:
        self.port, api_port = free_port(), free_port()
        self._accepted = folder / "accepted.jsonl"
        self.pids: dict[str, int] = {}
        self.lines: list[str] = []
        self._env = {
            **os.environ,
            "SAWTI_DATA_DIR": str(folder / "var"),
            "PORT": str(self.port),
            "TWILIO_API_URL": f"http://127.0.0.1:{api_port}",
            "PYTHONUNBUFFERED": "1",
            **env,
        }
        self._api = subprocess.Popen(
            [sys.executable, "-m", "tests.standins.twilio_api", str(api_port), str(self._accepted)]
        )
        self.process = subprocess.Popen(
            [*(wrapper or ()), sys.executable, "-m", "service", "up", "--workers", str(workers)],
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line)
            if started := _STARTED.match(line):
                self.pids[started[1]] = int(started[2])

    def wait_ready(self, seconds: float = 90) -> None:
        """Until it says so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(line.startswith("Ready after") for line in self.lines):
                return
            assert self.process.poll() is None, "".join(self.lines)
            time.sleep(0.1)
        raise AssertionError("not ready: " + "".join(self.lines[-30:]))

    def post(self, form: dict[str, str], patience: float = 30) -> int:
        """Post a signed form as Twilio would: again where the connection fails. Returns the status."""
        body, headers = urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
        headers.update(sign_form(INBOUND, form))
        end = time.monotonic() + patience
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
            try:
                connection.request("POST", INBOUND, body, headers)
                status = connection.getresponse().status
                if status < 500 or time.monotonic() > end:
                    return status
            except (OSError, http.client.HTTPException):
                if time.monotonic() > end:
                    raise
            finally:
                connection.close()
            time.sleep(0.2)

    def accepted(self) -> list[dict[str, str]]:
        """What Twilio's API took, in order."""
        if not self._accepted.exists():
            return []
        return [json.loads(line) for line in self._accepted.read_text().splitlines() if line.endswith("}")]

    def wait_accepted(self, number: int, seconds: float) -> list[dict[str, str]]:
        """Until Twilio's API took `number` messages, or the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and len(self.accepted()) < number:
            time.sleep(0.2)
        return self.accepted()

    def kill(self, part: str) -> None:
        """kill -9 of one part."""
        os.kill(self.pids[part], signal.SIGKILL)

    def stop(self) -> float:
        """SIGTERM; how many seconds the end took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(15)
        self._api.kill()
        self._api.wait()
        return time.monotonic() - began

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return Path(self._env["SAWTI_DATA_DIR"]) / "sawti.db"


__all__ = ["ORIGIN", "Running", "free_port"]
