"""A phone of the simulator, and patience with what takes its time."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable

from tests.browser.conftest import Demonstration


def wait_for(found: Callable[[], object], seconds: float = 30) -> object:
    end = time.monotonic() + seconds
    while not (told := found()):
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.3)
    return told


class Phone:
    """A phone of the simulator, used over its own addresses."""

    def __init__(self, demonstration: Demonstration, number: str, channel: str = "sms") -> None:
        self.origin, self.number, self.channel = demonstration.origin, number, channel

    def writes(self, text: str) -> str:
        """Send a text; the answer to it."""
        before = len(self.read())
        self.sends(text)
        return str(wait_for(lambda: "\n".join(self.read()[before:])))

    def sends(self, text: str) -> None:
        """Send a text to which there may be no answer."""
        body = json.dumps({"phone": self.number, "channel": self.channel, "text": text}).encode()
        asked = urllib.request.Request(f"{self.origin}/simulator/send", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(asked).close()

    def read(self) -> list[str]:
        """The texts that came to it."""
        where = urllib.parse.urlencode({"phone": self.number, "channel": self.channel})
        with urllib.request.urlopen(f"{self.origin}/simulator/thread?{where}") as answer:
            return [line["text"] or "" for line in json.load(answer) if line["out"]]
