"""The console in a browser: people who log in by its own forms, a clock that can be turned, reports to read."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

import pyotp
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from casework import credentials, reports, sealing, staff
from casework.report_models import Report
from console import access
from console.audit import chain
from console.login import attempts, one_time, pauses, sessions
from messaging import contacts
from messaging.models import Message
from store.database import now, transaction
from tests.phones import ORIGIN

PASSWORD = "seven green boats at noon"
PHONE = "+254722000001"
WORDS = "my husband beats me every night"
Disclose = Callable[..., str]


class Clock:
    """What time it is for logins: it stands still until it is turned. Each look at a phone's code comes a step later, for
    no code works twice."""

    def __init__(self) -> None:
        self._at = now()

    def now(self) -> datetime:
        return self._at

    def turn(self, **by: float) -> None:
        self._at += timedelta(**by)


@dataclass
class Person:
    """Somebody of the staff, and what they know."""

    login: str
    secret: str
    clock: Clock
    password: str = PASSWORD
    id: int = 0

    def code(self) -> str:
        self.clock.turn(seconds=one_time.STEP)
        return pyotp.TOTP(self.secret).at(self.clock.now())


@dataclass
class Browser:
    """A browser; forms are sent with the token of the page that was seen last."""

    app: Flask
    page: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str, **more: Any) -> TestResponse:
        answer = self.client.get(f"/console{path}", base_url=ORIGIN, **more)
        self._see(answer)
        return answer

    def post(self, path: str, **form: Any) -> TestResponse:
        answer = self.client.post(f"/console{path}", base_url=ORIGIN, data={"csrf_token": self.token, **form})
        self._see(answer)
        return answer

    def _see(self, answer: TestResponse) -> None:
        if answer.mimetype == "text/html" and answer.status_code != 303:
            self.page = answer.text
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
            self.token = found[1] if found else self.token

    def does(self, path: str, **form: Any) -> str:
        """Send a form of the page that is open, be sent back, and read that page."""
        answer = self.post(path, **form)
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["Location"].removeprefix("/console")).text

    def password(self, login: str, password: str) -> TestResponse:
        self.get("/login")
        return self.post("/login", login=login, password=password)

    def log_in(self, person: Person) -> "Browser":
        assert self.password(person.login, person.password).status_code == 303
        self.get("/code")
        assert self.post("/code", code=person.code()).status_code == 303
        return self


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of codes, pauses and sessions; Redis keeps its own time, so attempts are not counted by the minute."""
    made = Clock()
    for room in (one_time, pauses, sessions):
        monkeypatch.setattr(room, "now", made.now)
    monkeypatch.setattr(attempts, "MOST", 1000)
    monkeypatch.setattr(access, "MOST_FILES", 1000)
    chain.forget()
    return made


@cache
def _web() -> Flask:
    from service.web import create_app

    return create_app()


@pytest.fixture
def app(database: str, published: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The web process' application, made once. Keys are wrapped at the least cost that Argon2id allows."""
    monkeypatch.setattr(sealing, "wrap", partial(sealing.wrap, operations=1, memory=8192))
    return _web()


@pytest.fixture
def hire(app: Flask, clock: Clock) -> Callable[..., Person]:
    """Makes a person with roles, a password and a phone for codes."""

    def hire(login: str, roles: Sequence[str] = ("focal_point",), categories: Sequence[str] = ()) -> Person:
        person = Person(login, pyotp.random_base32(), clock)
        with transaction() as session:
            made = staff.add(session, "test", login, login.title(), roles, categories, phone="+254700000077")
            credentials.set_first_password(session, made, PASSWORD, person.secret)
            person.id = made.id
        return person

    return hire


@pytest.fixture
def enter(app: Flask, hire: Callable[..., Person]) -> Callable[..., Browser]:
    """A browser in which a new person has logged in."""

    def enter(login: str = "dora", roles: Sequence[str] = ("focal_point",), categories: Sequence[str] = ()) -> Browser:
        return Browser(app).log_in(hire(login, roles, categories))

    return enter


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser in which nobody has logged in."""
    return Browser(app)


@pytest.fixture
def disclose(database: str, published: list[tuple[str, int]]) -> Disclose:
    """Stores a report as if a phone had written it; returns its code. `consent`: what the person answered."""

    def disclose(
        text: str = WORDS, categories: Sequence[str] = ("gbv",), consent: bool | None = True, phone: str = PHONE
    ) -> str:
        with transaction() as session:
            contact = contacts.find_or_make(session, "twilio", "sms", phone)
            contact.language = contact.language or "en"
            message = Message(contact_id=contact.id, direction="in", state="done", kind="message", body=text)
            session.add(message)
            session.flush()
            made, _ = reports.open_report(session, contact, [message.id], list(categories), "en")
            if consent is not None:
                reports.settle_consent(session, made, contact, consent, "en")
            return made.reference

    return disclose


def change(reference: str, do: Callable[[Any, Report], Any]) -> None:
    """Do something to a report behind the console's back."""
    from sqlalchemy import select

    with transaction() as session:
        do(session, session.scalars(select(Report).where(Report.reference == reference)).one())


def attach(reference: str, content: bytes, content_type: str = "image/jpeg") -> int:
    """A file of a report, kept as the service keeps it; its id."""
    from casework import sealing
    from casework.models import Media

    made: list[int] = []

    def do(session: Any, report: Report) -> None:
        sealed = sealing.seal(report.public_key or b"", content)
        kept = Media(report_id=report.id, content_type=content_type, content=sealed, size=len(content), state="kept")
        session.add(kept)
        session.flush()
        made.append(kept.id)

    change(reference, do)
    return made[0]


def some_case(phone: str = "+254722000009") -> tuple[str, int]:
    """A feedback with a picture, as a phone would give it; its code and the picture's id."""
    from casework import feedback
    from casework.models import Media

    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", "sms", phone)
        message = Message(contact_id=contact.id, direction="in", state="done", kind="message", body="the tap is dry")
        session.add(message)
        session.flush()
        kept = feedback.take(session, contact, feedback.Told(message.id, "the tap is dry", ["complaint"]))
        picture = Media(message_id=message.id, content_type="image/jpeg", content=b"picture", size=7, state="kept")
        session.add(picture)
        session.flush()
        return kept.reference, picture.id
