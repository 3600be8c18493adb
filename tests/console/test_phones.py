"""A lost phone costs no report: another is set up, by who knows the password, and the key stays."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from click.testing import CliRunner

from casework import audit, credentials, sealing, staff
from console.login import enrolment, keys
from service.cli_staff import staff as commands
from store import database as store
from store.database import reading, transaction
from tests.console.conftest import PASSWORD, WORDS, Browser, Clock, Disclose, Person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Hire = Callable[..., Person]


def rows(action: str) -> list[tuple[str | None, Any]]:
    return [(entry.subject, entry.detail) for entry in audit.entries() if entry.action == action]


def secret_on(page: str) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found is not None
    return found[1].replace(" ", "")


def invite_phone(login: str) -> str:
    with transaction() as session:
        return credentials.invite_phone(session, "boss", staff.find(session, login))


def test_a_new_phone_while_one_has_the_old_one(app: Any, hire: Hire, disclose: Disclose, clock: Clock) -> None:
    dora = hire("dora")
    code = disclose()
    here, there = Browser(app).log_in(dora), Browser(app).log_in(dora)
    assert here.get("/account/phone").status_code == 303
    here.get("/account")
    for wrong in ({"old": "wrong"}, {"code": "000000"}):
        assert here.post("/account/phone", **{"old": PASSWORD, "code": dora.code(), **wrong}).status_code == 400
    assert secret_on(here.does("/account/phone", old=PASSWORD, code=dora.code()))
    fresh = secret_on(here.page)
    assert here.post("/account/phone/confirm", code="000000").status_code == 400 and secret_on(here.page) == fresh
    Browser(app).log_in(dora)  # nothing has changed yet
    assert here.post("/account/phone/confirm", code=pyotp.TOTP(fresh).at(clock.now())).status_code == 303
    assert there.get("/account").status_code == 303 and rows("phone_set") == [("dora", {"way": "console"})]
    lost = Browser(app)
    lost.password("dora", PASSWORD)
    lost.get("/code")
    assert lost.post("/code", code=dora.code()).status_code == 401
    again = Browser(app).log_in(Person("dora", fresh, clock))
    assert WORDS in again.get(f"/reports/{code}").text


def test_a_link_for_another_phone_keeps_the_key(app: Any, hire: Hire, disclose: Disclose, clock: Clock) -> None:
    dora = hire("dora")
    code = disclose()
    link = invite_phone("dora")
    browser = Browser(app)
    fresh = secret_on(browser.get(f"/phone/{link}").text)

    def given(**other: str) -> int:
        form = {"password": PASSWORD, "code": pyotp.TOTP(fresh).at(clock.now()), **other}
        return browser.post(f"/phone/{link}", **form).status_code

    assert given(password="wrong") == 400 and secret_on(browser.page) == fresh
    assert given(code="000000") == 400
    assert given() == 200
    assert browser.get(f"/phone/{link}").status_code == 404
    assert WORDS in Browser(app).log_in(Person("dora", fresh, clock)).get(f"/reports/{code}").text
    assert rows("phone_invited") == [("dora", None)] and rows("phone_set") == [("dora", {"way": "link"})]
    told = [(subject, detail["reason"]) for subject, detail in rows("link_failed") if "reason" in detail]
    assert told == [("dora", "password"), ("dora", "code")] and rows("phone_failed") == [("dora", None)]
    assert dora.secret != fresh


def test_the_two_kinds_of_link_are_kept_apart(app: Any, hire: Hire, disclose: Disclose) -> None:
    hire("dora")
    link = invite_phone("dora")
    assert Browser(app).get(f"/first/{link}").status_code == 404
    with reading() as session:
        assert credentials.invited(session, link) is None and credentials.invited_phone(session, link) is not None
        before = staff.find(session, "dora").wrapped_key
    with transaction() as session:
        edda = staff.add(session, "test", "edda", "Edda", ["viewer"])
        first = credentials.invite(session, "test", edda)
        with pytest.raises(staff.BadStaff, match="no password"):
            credentials.invite_phone(session, "test", edda)
    assert Browser(app).get(f"/phone/{first}").status_code == 404
    with reading() as session:
        assert staff.find(session, "dora").wrapped_key == before
    assert rows("link_failed") == [(None, {"count": 1})]


def test_the_command_gives_the_link(hire: Hire) -> None:
    hire("dora")
    told = CliRunner().invoke(commands, ["new-phone", "dora", "--by", "boss"])
    assert told.exit_code == 0 and "/console/phone/phone-" in told.output
    assert CliRunner().invoke(commands, ["new-phone", "nobody"]).exit_code == 1


def test_a_picture_is_of_its_link_and_its_browser(app: Any, database: str) -> None:
    with transaction() as session:
        links = [
            credentials.invite(session, "test", staff.add(session, "test", login, login.title(), ["viewer"]))
            for login in ("edda", "finn")
        ]
    one, other = Browser(app), Browser(app)
    pictures = [secret_on(browser.get(f"/first/{link}").text) for browser in (one, other) for link in links]
    assert len(set(pictures)) == 4
    assert secret_on(one.get(f"/first/{links[0]}").text) == pictures[0]
    form = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(pictures[0]).now()}
    assert one.post(f"/first/{links[1]}", **form).status_code == 400


def test_failures_of_a_first_link_are_written_down(browser: Browser, database: str) -> None:
    with transaction() as session:
        link = credentials.invite(session, "test", staff.add(session, "test", "edda", "Edda", ["viewer"]))
    browser.get(f"/first/{link}")
    browser.post(f"/first/{link}", password="short", again="short", code="000000")
    browser.post(f"/first/{link}", password=PASSWORD, again=PASSWORD, code="000000")
    assert [detail["reason"] for _, detail in rows("link_failed")] == ["short", "code"]


def test_no_transaction_waits_for_a_password(
    app: Any, hire: Hire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = hire("dora")
    with transaction() as session:
        link = credentials.invite(session, "test", staff.add(session, "test", "edda", "Edda", ["viewer"]))
    busy: list[str] = []
    for name in ("wrap", "unwrap"):
        real = getattr(sealing, name)

        def timed(*given: Any, real: Any = real, name: str = name, **more: Any) -> Any:
            busy.append(name)
            with store.transaction() as session:  # another writer: SQLite lets it in only if nobody else writes
                audit.record(session, "test", "meanwhile")
            return real(*given, **more)

        monkeypatch.setattr(keys.sealing, name, timed)
    browser = Browser(app)
    secret = secret_on(browser.get(f"/first/{link}").text)
    enrolled = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(secret).at(clock.now())}
    assert browser.post(f"/first/{link}", **enrolled).status_code == 200
    here = Browser(app).log_in(dora)
    here.get("/account")
    new = "nine blue kites over there"
    changed = here.post("/account/password", old=PASSWORD, code=dora.code(), password=new, again=new)
    assert changed.status_code == 303 and busy == ["wrap", "unwrap", "unwrap", "wrap"]


def test_a_first_link_replaced_meanwhile_sets_nothing(app: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        link = credentials.invite(session, "test", staff.add(session, "test", "edda", "Edda", ["viewer"]))
    secret = pyotp.random_base32()
    real = keys.wrap

    def slow(private: bytes, password: str) -> bytes:
        with transaction() as session:
            credentials.invite(session, "test", staff.find(session, "edda"))
        return real(private, password)

    monkeypatch.setattr(keys, "wrap", slow)
    with pytest.raises(enrolment.Refused, match="link"):
        enrolment.set_first(link, PASSWORD, PASSWORD, secret, pyotp.TOTP(secret).at(clock.now()))
    with reading() as session:
        assert staff.find(session, "edda").wrapped_key is None
