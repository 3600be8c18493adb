"""Planted numbers and words are searched for in everything that a running service leaves behind."""

import base64
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.phones import form
from tests.running import Running

NUMBER = "254733918273"
ORDINARY, PRIVATE, SAFE = "zebrafood", "zebrahusband", "zebramorning"


@pytest.mark.timeout(240)
def test_nothing_personal_is_left_in_the_clear(model: Path, tmp_path: Path) -> None:
    service = Running(tmp_path)
    try:
        service.wait_ready()
        monitor = _monitor(tmp_path)
        for number, text in enumerate(
            [
                f"the {ORDINARY} queue takes five hours every week",
                f"my husband {PRIVATE} beats me every night",
                "1",
                f"only in the {SAFE} hours, call my sister",
            ],
            1,
        ):
            assert service.post(form(f"+{NUMBER}", text)) == 200
            service.wait_accepted(number, 30)
            time.sleep(0.5)
        assert len(service.accepted()) >= 5, "four answers and an alert"
        time.sleep(1.5)
        commands = _stop_monitor(monitor, tmp_path)
    finally:
        service.stop()
    words = [word.encode() for word in (NUMBER, ORDINARY, PRIVATE, SAFE)]
    places = {
        **{str(path): path.read_bytes() for path in (tmp_path / "var").rglob("*") if path.is_file()},
        "log": "".join(service.lines).encode(),
        "redis commands, Celery's messages among them": commands,
    }
    assert len(commands) > 1000 and b"conversations.read_mail" in commands, "the monitor saw nothing"
    assert any(name.endswith("sawti.db") for name in places) and any(".aof" in name for name in places)
    assert _found(places, words) == []
    control = {"plain": b"x" + words[1] + b"x", "wrapped": base64.b64encode(b"a longer body with " + words[2])}
    assert _found(control, words) == [("plain", words[1]), ("wrapped", words[2])], "the search itself finds nothing"


def _found(places: dict[str, bytes], words: list[bytes]) -> list[tuple[str, bytes]]:
    """Where a word stands, in the clear or wrapped in base64."""
    seen = {name: content + _unwrapped(content) for name, content in places.items()}
    return [(name, word) for name, content in seen.items() for word in words if word in content]


def _monitor(folder: Path) -> subprocess.Popen[bytes]:
    """Valkey's own MONITOR: every command with its arguments."""
    code = (
        "import sys, redis\n"
        "with redis.Redis.from_url(sys.argv[1]).monitor() as m, open(sys.argv[2], 'ab', 0) as out:\n"
        "    for command in m.listen():\n"
        "        out.write(command['command'].encode('utf-8', 'replace') + b'\\n')\n"
    )
    import sys

    process = subprocess.Popen(
        [sys.executable, "-c", code, f"unix://{folder / 'var' / 'valkey.sock'}", str(folder / "monitor.log")]
    )
    time.sleep(1)
    return process


def _stop_monitor(process: subprocess.Popen[bytes], folder: Path) -> bytes:
    process.kill()
    process.wait()
    return (folder / "monitor.log").read_bytes()


def _unwrapped(content: bytes) -> bytes:
    """Base64 parts (Celery wraps its bodies) in the clear."""
    parts = re.findall(rb"[A-Za-z0-9+/]{16,}={0,2}", content)
    clear = []
    for part in parts:
        try:
            clear.append(base64.b64decode(part, validate=True))
        except ValueError:
            continue
    return b"\n".join(clear)
