"""A browser that counts: it logs in by the console's own forms, asks for pages as browsers do, says what they weigh."""

import http.client
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin

import brotli
import pyotp

ENCODINGS = "gzip, deflate, br"
"""What browsers offer over https; without it some leave out br."""
_DECODED: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "br": brotli.decompress,
    "gzip": lambda content: zlib.decompress(content, 31),
    "deflate": zlib.decompress,
}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_FILES = re.compile(r'<(?:link|script|img)\b[^>]*?(?:href|src)="(/[^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came: its text, and how many bytes that was on the wire, with its head."""

    status: int
    text: str
    place: str
    weight: int
    seconds: float


@dataclass
class Browser:
    """One person at a screen. `address`: the loopback address it comes from; attempts to log in are counted by it."""

    port: int
    address: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    encodings: str = ENCODINGS

    def get(self, path: str) -> Answer:
        """A page or a file."""
        return self._ask("GET", path, None)

    def send(self, path: str, **form: str) -> Answer:
        """A form of the page at the path, with its token."""
        token = _TOKEN.search(self.get(path).text)
        return self._ask("POST", path, urlencode({"csrf_token": token[1] if token else "", **form}))

    def log_in(self, login: str, password: str, secret: str) -> None:
        """By password and code, as staff do."""
        first = self.send("/console/login", login=login, password=password)
        second = self.send("/console/code", code=pyotp.TOTP(secret).now())
        if (first.status, second.status) != (303, 303) or self.get("/console/feedback").status != 200:
            raise RuntimeError(f"{login} could not log in: {first.status}, {second.status}")

    def weigh(self, path: str) -> tuple[int, int]:
        """Bytes of the page with all that it names (styles, scripts, pictures), and of the page alone.

        Raises:
            RuntimeError: there is no such page for this person.
        """
        page = self.get(path)
        if page.status != 200:
            raise RuntimeError(f"{path}: {page.status}")
        files = {urljoin(path, name).split("#")[0] for name in _FILES.findall(page.text)}
        return page.weight + sum(self.get(name).weight for name in sorted(files)), page.weight

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {
            "Accept-Encoding": self.encodings,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Language": "en",
        }
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"}
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(self.address, 0))
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        seconds = time.perf_counter() - began
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        head = 17 + sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        plain = _DECODED[answer.headers["Content-Encoding"]](content)
        place = answer.headers.get("Location", "")
        return Answer(answer.status, plain.decode(errors="replace"), place, head + len(content), seconds)


def until(ready: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while True:
        try:
            if ready():
                return
        except OSError:
            pass
        if time.monotonic() > end:
            raise RuntimeError("the web process does not answer")
        time.sleep(0.1)
