"""A demonstration as a newcomer starts it, and the system's Chromium to use it with."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from console.login import attempts
from tests.running import free_port

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {1280: 900, 390: 844}
"""Width and height of a desk's screen and of a phone's."""
Window = tuple[str, int]
"""Language and width."""
WINDOWS: list[Window] = [("en", 1280), ("ar", 1280), ("en", 390), ("ar", 390)]
"""In which each role does what it comes for."""
PATIENCE = 20_000
"""Milliseconds."""
LOGINS = attempts.MOST // 2
"""How many may log in within a minute: the password and the code are one attempt each."""
OURS = re.compile(r"^(SAWTI|TWILIO|DATABASE_URL|REDIS_URL|PUBLIC_URL|SMTP_URL|PORT)")


class Demonstration:
    """`sawti up` in an empty folder, with what it printed."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder, self.lines = free_port(), folder / "var", list[str]()
        kept = {name: value for name, value in os.environ.items() if not OURS.match(name)}
        own = {"SAWTI_DATA_DIR": str(self.folder), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service", "up", "--workers", "1"],
            env={**kept, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=lambda: self.lines.extend(self.process.stdout or ()), daemon=True).start()

    def wait_ready(self, seconds: float = 180) -> None:
        end = time.monotonic() + seconds
        while not any(line.startswith("Ready after") for line in self.lines):
            assert self.process.poll() is None and time.monotonic() < end, "".join(self.lines[-30:])
            time.sleep(0.2)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def account(self, login: str) -> dict[str, str]:
        known = yaml.safe_load((self.folder / "demonstration-accounts.yml").read_text())
        return dict(known[login])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="package")
def demonstration(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """One for all tests of this folder: they leave its data usable for each other."""
    running = Demonstration(tmp_path_factory.mktemp("demonstration"))
    try:
        running.wait_ready()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's browser. Of this folder only: Playwright keeps an event loop running in the thread of the tests."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine: `apt-get install chromium` lets the browser tests run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Desk:
    """Logged-in people. Each logs in once, for no one-time code works twice; then their cookies are used again."""

    demonstration: Demonstration
    chromium: Browser
    states: dict[str, object] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    logins: list[float] = field(default_factory=list)

    def page(self, login: str, language: str, width: int, scripts: bool = True) -> Page:
        """In a window of this width, of somebody who is logged in and reads this language; with or without scripts.

        The page is kept, not closed: Chromium does not always answer who closes a page that is still loading.
        """
        if login not in self.states:
            self.states[login] = self._log_in(login)
        page = self._window(width, self.states[login], scripts).new_page()
        page.goto(f"{self.demonstration.origin}/console/account")
        page.locator(f"footer button[lang={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        return page

    def fresh_code(self, login: str) -> str:
        """A one-time code that was not used yet; each counts once, and the next comes after up to 30 seconds."""
        made = pyotp.TOTP(self.demonstration.account(login)["secret"])
        end = time.monotonic() + 40
        while (code := made.now()) == self.used.get(login) and time.monotonic() < end:
            time.sleep(0.5)
        self.used[login] = code
        return code

    def _window(self, width: int, state: object = None, scripts: bool = True) -> BrowserContext:
        size = {"width": width, "height": WIDTHS[width]}
        # without transitions: a button between two colours has a contrast that it never keeps
        opened = self.chromium.new_context(
            viewport=size,
            storage_state=state,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        opened.set_default_timeout(PATIENCE)
        return opened

    def _pause(self) -> None:
        """Wait until the console lets one more stranger in from this address."""
        if len(self.logins) >= LOGINS:
            time.sleep(max(0.0, self.logins[-LOGINS] + attempts.MINUTE + 1 - time.monotonic()))

    def _log_in(self, login: str) -> object:
        self._pause()
        account, opened = self.demonstration.account(login), self._window(1280)
        page = opened.new_page()
        page.goto(f"{self.demonstration.origin}/console/login")
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password").fill(account["password"])
        page.locator("main form button").click()
        page.locator("[name=code]").fill(self.fresh_code(login))
        page.locator("main form button").click()
        page.locator("a.leave").wait_for()
        self.logins.append(time.monotonic())
        state = opened.storage_state()
        opened.close()
        return state


@pytest.fixture(scope="package")
def desk(demonstration: Demonstration, chromium: Browser) -> Desk:
    """Staff at work."""
    return Desk(demonstration, chromium)


Opens = Callable[..., Page]


@pytest.fixture
def sit_down(desk: Desk) -> Iterator[Opens]:
    """Opens a page of the console as somebody, in a language, at a width."""
    opened: list[Page] = []

    def sit_down(login: str, path: str = "/", language: str = "en", width: int = 1280, scripts: bool = True) -> Page:
        page = desk.page(login, language, width, scripts)
        opened.append(page)
        page.goto(f"{desk.demonstration.origin}/console{path}")
        return page

    yield sit_down
    for page in opened:
        page.goto("about:blank")
        page.context.close()
