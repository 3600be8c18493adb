"""Charts: sketched here, drawn by a process of their own (pen.py), kept for as long as the numbers are the same."""

import atexit
import json
import os
import select
import subprocess
import sys
from collections import OrderedDict
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock

import structlog

from runtime.logging import failure
from runtime.redis import RedisError, redis
from runtime.settings import ROOT

log = structlog.get_logger()

PATIENCE, TURN = 10.0, 2.0
"""Seconds for one chart, the start of the process among them, and for others' charts; without it a page has tables."""
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH")
"""What the process may know of ours: no keys."""
KEPT, DAY = 500, 86_400
"""Charts in memory; seconds in Redis, where other processes find them."""


@dataclass(frozen=True)
class Sketch:
    """What is drawn: `bars`, one below the other, or `columns` over time. Words and numbers are the reader's.

    `values` has None for what is not shown. `shown`: of bars, the number as text. Of columns, `ticks` are positions
    with words, `steps` heights with words. `rtl`: it begins at the right.
    """

    kind: str
    values: tuple[int | None, ...]
    labels: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    ticks: tuple[tuple[int, str], ...] = ()
    steps: tuple[tuple[int, str], ...] = ()
    rtl: bool = False


_kept: OrderedDict[str, str] = OrderedDict()
_pen: subprocess.Popen[str] | None = None
_turn = Lock()


def picture(sketch: Sketch) -> str | None:
    """Its SVG; None if it could not be drawn now."""
    asked = json.dumps(asdict(sketch), sort_keys=True)
    name = f"chart:{sha256((_style() + asked).encode()).hexdigest()}"
    found = _kept.get(name) or _of_others(name)
    if found is None:
        if not _turn.acquire(timeout=TURN):
            return None
        try:
            found = _kept.get(name) or _draw(asked)  # who waited for the same chart finds it
            if found is not None:
                _give_others(name, found)
                _keep(name, found)
        finally:
            _turn.release()
    if found is not None:
        _keep(name, found)
    return found


@lru_cache(maxsize=1)
def _style() -> str:
    """What differs when the same sketch is drawn in another way: Redis outlives a new version."""
    here = Path(__file__).parent
    return "".join(here.joinpath(file).read_text(encoding="utf-8") for file in ("pen.py", "tidying.py"))


def _keep(name: str, svg: str) -> None:
    _kept[name] = svg
    while len(_kept) > KEPT:
        _kept.popitem(last=False)


def _draw(asked: str) -> str | None:
    """Ask the process; one that ended, as it does without work, is started anew, once."""
    for _ in range(2):
        try:
            pen = _started()
            if pen.stdin is None or pen.stdout is None:
                return None
            pen.stdin.write(asked + "\n")
            pen.stdin.flush()
            if not select.select([pen.stdout], [], [], PATIENCE)[0]:
                _drop()
                log.warning("chart_not_drawn", error="late")
                return None
            line = pen.stdout.readline()
            if line:
                answer = json.loads(line)
                if "error" in answer:
                    log.warning("chart_not_drawn", error=answer["error"])
                svg = answer.get("svg")
                return str(svg) if svg else None
        except (OSError, ValueError) as error:
            log.warning("chart_not_drawn", **failure(error))
        _drop()
    return None


def _started() -> subprocess.Popen[str]:
    global _pen
    if _pen is None:
        _pen = subprocess.Popen(
            [sys.executable, "-m", "console.dashboards.pen"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        )
        atexit.register(_drop)
    return _pen


def _drop() -> None:
    global _pen
    if _pen is not None:
        _pen.kill()
        _pen.wait()
        for pipe in (_pen.stdin, _pen.stdout):
            if pipe is not None:
                with suppress(OSError):  # what it was not told any more
                    pipe.close()
        _pen = None


def _of_others(name: str) -> str | None:
    try:
        found = redis().get(name)
    except RedisError:
        return None
    return found.decode() if isinstance(found, bytes) else None


def _give_others(name: str, svg: str) -> None:
    try:
        redis().set(name, svg, ex=DAY)
    except RedisError:
        log.warning("chart_not_kept")
