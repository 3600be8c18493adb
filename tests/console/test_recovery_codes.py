"""Recovery codes stand in for a lost phone: each once, shown once, kept as hashes only."""

import re
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pyotp
import pytest
from sqlalchemy import text

from casework import audit, credentials, staff
from console.login import accounts, enrolment, pauses, spare_codes
from console.login.accounts import Passed
from store.database import reading, transaction
from tests.console.conftest import PASSWORD, Browser, Clock, Person

Hire = Callable[..., Person]
SHOWN = re.compile(r"<code>([0-9a-z]{5}-[0-9a-z]{5})</code>")
pytestmark = pytest.mark.usefixtures("app")


def rows(action: str) -> list[Any]:
    return [entry.detail for entry in audit.entries() if entry.action == action and entry.subject == "dora"]


def left(login: str = "dora") -> int:
    with reading() as session:
        return spare_codes.left(staff.find(session, login))


def equip(login: str = "dora") -> list[str]:
    with transaction() as session:
        return spare_codes.renew(session, staff.find(session, login))


def secret_on(page: str) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found is not None
    return found[1].replace(" ", "")


def tries(app: Any, code: str) -> int:
    browser = Browser(app)
    browser.password("dora", PASSWORD)
    browser.get("/code")
    return browser.post("/code", code=code).status_code


def test_each_is_good_once(app: Any, hire: Hire) -> None:
    hire("dora")
    codes = equip()
    assert len(set(codes)) == 10
    for code in codes:
        assert tries(app, code) == 303
        assert tries(app, code) == 401
    assert rows("recovery_code_used") == [{"left": many} for many in range(9, -1, -1)]
    assert left() == 0 and tries(app, "") == 401


def test_they_may_be_written_in_other_ways(app: Any, hire: Hire) -> None:
    hire("dora")
    one, two, three, *_ = equip()
    assert tries(app, one.replace("-", "")) == 303
    assert tries(app, f" {two.upper().replace('-', ' ')} ") == 303
    assert tries(app, three.replace("0", "O").replace("1", "l")) == 303


def test_the_page_takes_them(browser: Browser, hire: Hire) -> None:
    hire("dora")
    browser.password("dora", PASSWORD)
    page = browser.get("/code").text
    (field,) = re.findall(r'<input[^>]+name="code"[^>]*>', page)
    assert "numeric" not in field and 'maxlength="20"' in field and "or a recovery code" in page


def test_a_wrong_one_counts_as_a_wrong_code(app: Any, hire: Hire) -> None:
    hire("dora")
    codes = equip()
    for _ in range(pauses.FREE + 1):
        assert tries(app, "00000-00000") == 401
    assert len(rows("code_failed")) == pauses.FREE + 1 and rows("locked") == [{"minutes": 1}]
    with reading() as session:
        passed = Passed(staff.find(session, "dora").id, "dora", staff.find(session, "dora").session_generation, b"")
    assert not accounts.check_code(passed, codes[0]), "not during the pause"
    assert left() == 10


def test_the_first_password_brings_them_once(browser: Browser, app: Any, clock: Clock) -> None:
    with transaction() as session:
        link = credentials.invite(session, "test", staff.add(session, "test", "dora", "Dora", ["viewer"]))
    secret = secret_on(browser.get(f"/first/{link}").text)
    form = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(secret).at(clock.now())}
    answer = browser.post(f"/first/{link}", **form)
    codes = SHOWN.findall(answer.text)
    assert answer.status_code == 200 and len(set(codes)) == 10 and 'href="/console/login"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    for again in (browser.get(f"/first/{link}"), browser.post(f"/first/{link}", **form)):
        assert again.status_code == 404 and not SHOWN.search(again.text)
    assert tries(app, codes[0]) == 303


def test_new_ones_from_the_account_end_the_old(app: Any, hire: Hire) -> None:
    dora = hire("dora")
    old = equip()
    here = Browser(app).log_in(dora)
    here.get("/account")
    for wrong in ({"old": "wrong"}, {"code": "00000-00000"}):
        answer = here.post("/account/codes", **{"old": PASSWORD, "code": dora.code(), **wrong})
        assert answer.status_code == 400 and not SHOWN.search(answer.text)
    form = {"old": PASSWORD, "code": dora.code()}
    answer = here.post("/account/codes", **form)
    codes = SHOWN.findall(answer.text)
    assert answer.status_code == 200 and len(set(codes)) == 10 and not set(codes) & set(old)
    assert answer.headers["Cache-Control"] == "no-store" and rows("recovery_codes_made") == [None, None]
    for again in (here.post("/account/codes", **form), here.get("/account")):
        assert not SHOWN.search(again.text)
    assert tries(app, old[0]) == 401 and tries(app, codes[0]) == 303


def test_the_account_tells_how_many_are_left(app: Any, hire: Hire) -> None:
    here = Browser(app).log_in(hire("dora"))
    warning = "Make new ones now"
    assert "Codes left: 0." in here.get("/account").text and warning in here.page
    codes = equip()
    assert "Codes left: 10." in here.get("/account").text and warning not in here.page
    for code in codes[:6]:
        assert tries(app, code) == 303
    assert "Codes left: 4." in here.get("/account").text and warning not in here.page
    assert tries(app, codes[6]) == 303
    assert "Codes left: 3." in here.get("/account").text and warning in here.page


def test_who_lost_the_phone_sets_up_another(app: Any, hire: Hire, clock: Clock) -> None:
    hire("dora")
    codes = equip()
    here = Browser(app)
    here.password("dora", PASSWORD)
    here.get("/code")
    assert here.post("/code", code=codes[0]).status_code == 303
    here.get("/account")
    fresh = secret_on(here.does("/account/phone", old=PASSWORD, code=codes[1]))
    assert here.post("/account/phone/confirm", code=pyotp.TOTP(fresh).at(clock.now())).status_code == 303
    Browser(app).log_in(Person("dora", fresh, clock))
    assert left() == 8 and tries(app, codes[1]) == 401 and tries(app, codes[2]) == 303


def test_a_phone_by_a_link_brings_new_ones(app: Any, browser: Browser, hire: Hire, clock: Clock) -> None:
    hire("dora")
    old = equip()
    with transaction() as session:
        link = credentials.invite_phone(session, "boss", staff.find(session, "dora"))
    secret = secret_on(browser.get(f"/phone/{link}").text)
    form = {"password": PASSWORD, "code": pyotp.TOTP(secret).at(clock.now())}
    assert browser.post(f"/phone/{link}", **{**form, "code": "000000"}).status_code == 400 and left() == 10
    codes = SHOWN.findall(browser.post(f"/phone/{link}", **form).text)
    assert len(set(codes)) == 10 and tries(app, old[0]) == 401 and tries(app, codes[0]) == 303


@pytest.mark.parametrize("way", ["invite", "disable"])
def test_they_go_with_the_key(hire: Hire, way: str) -> None:
    hire("dora")
    hire("anna", ["administrator"])
    equip()
    with transaction() as session:
        if way == "invite":
            credentials.invite(session, "anna", staff.find(session, "dora"))
        else:
            credentials.disable(session, "anna", "dora")
    assert left() == 0


def test_none_stands_in_clear(app: Any, hire: Hire) -> None:
    hire("dora")
    codes = equip()
    assert tries(app, codes[0]) == 303
    with reading() as session:
        kept = session.scalar(text("select spare_codes from staff where login = 'dora'"))
        hashes = staff.find(session, "dora").spare_codes or ""
    told = str([(entry.action, entry.subject, entry.detail) for entry in audit.entries()])
    for code in codes:
        for clear in (code, code.replace("-", "")):
            assert clear.encode() not in bytes(kept) and clear not in hashes and clear not in told
    assert re.fullmatch(r"([0-9a-f]{64} ){8}[0-9a-f]{64}", hashes) and hashes[:64].encode() not in bytes(kept)


def test_two_at_once_use_one_once(hire: Hire) -> None:
    dora = hire("dora")
    codes = equip()
    with reading() as session:
        passed = Passed(dora.id, "dora", staff.find(session, "dora").session_generation, b"")
    start, right = Barrier(4), []

    def come() -> None:
        start.wait()
        right.append(accounts.check_code(passed, codes[0]))

    threads = [Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(right) == [False, False, False, True] and left() == 9


def test_a_password_changed_meanwhile_makes_none(hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    dora = hire("dora")
    with reading() as session:
        person = staff.find(session, "dora")
    real = accounts.check_both

    def slow(*given: Any) -> Passed:
        passed = real(*given)
        with transaction() as session:
            credentials.end_sessions(session, "dora", staff.find(session, "dora"))
        return passed

    monkeypatch.setattr(accounts, "check_both", slow)
    with pytest.raises(accounts.Refused, match="old"):
        enrolment.renew_codes(person, PASSWORD, dora.code(), None)
    assert left() == 0
