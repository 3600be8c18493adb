"""When and where something was measured."""

import os
import platform
import time
from datetime import UTC, datetime


def additions() -> float:
    """CPU seconds for a loop of ten million additions: how fast this machine is just now."""
    began, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - began


def line() -> str:
    """The date, the machine and its present speed, to stand above figures."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}; ten million additions take {additions():.2f} s"
    )
