"""Coming in: what is refused, how long, and what a session is."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from redis import RedisError
from sqlalchemy import select

from casework import audit, credentials, staff
from casework.report_models import Staff
from console.login import keys, one_time, pauses, sessions
from runtime.redis import redis
from store.database import reading, transaction
from tests.console.conftest import PASSWORD, Browser, Clock, Person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Hire = Callable[..., Person]


def actions(subject: str | None = None) -> list[str]:
    return [entry.action for entry in audit.entries() if subject is None or entry.subject == subject]


def cookie(browser: Browser) -> Any:
    return browser.client.get_cookie("sawti_console", domain="sawti.example.org", path="/console")


def is_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def test_password_and_code_let_a_person_in(browser: Browser, hire: Hire) -> None:
    assert browser.get("/").headers["Location"] == "/console/login"
    browser.log_in(hire("dora"))
    assert browser.get("/").headers["Location"] == "/console/reports" and is_in(browser)
    assert actions("dora")[-1] == "login"


def test_every_refusal_is_the_same(browser: Browser, hire: Hire) -> None:
    hire("dora")
    with transaction() as session:
        hire_gone = staff.add(session, "test", "gone", "Gone", ["viewer"])
        hire_gone.wrapped_key, hire_gone.disabled_at = staff.find(session, "dora").wrapped_key, pauses.now()
        staff.add(session, "test", "fresh", "Fresh", ["viewer"])
    tried = [
        ("dora", "wrong"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("fresh", PASSWORD),
        ("a\x00b", "x"),
        ("", ""),
    ]
    answers = []
    for login, password in tried:
        answer = browser.password(login, password)
        answers.append((answer.status_code, re.sub(r'value="[^"]+"', "", answer.text)))
    assert set(answers) == {(401, answers[0][1])}
    assert [entry.subject for entry in audit.entries() if entry.action == "login_failed"] == [
        "dora",
        None,
        "gone",
        "fresh",
    ], "those of nobody whom we know are counted, in one row a minute"


def test_a_stranger_costs_as_much_as_a_member(browser: Browser, hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    hire("dora")
    tried: list[bytes] = []
    monkeypatch.setattr(keys, "unwrap", lambda wrapped, password: tried.append(wrapped))
    for login in ("dora", "nobody", "a\x00b"):
        browser.password(login, "wrong")
    assert len(tried) == 3 and all(len(wrapped) == len(tried[0]) for wrapped in tried)


def test_pauses_grow(browser: Browser, hire: Hire, clock: Clock) -> None:
    dora = hire("dora")
    for _ in range(pauses.FREE):
        browser.password("dora", "wrong")
    assert "locked" not in actions()
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        browser.password("dora", "wrong")
        assert [e.detail for e in audit.entries() if e.action == "locked"][-1] == {"minutes": minutes}
        assert browser.password("dora", PASSWORD).status_code == 401
        clock.turn(minutes=minutes - 0.5)
        assert browser.password("dora", PASSWORD).status_code == 401
        clock.turn(minutes=0.6)
    browser.log_in(dora)
    with reading() as session:
        assert staff.find(session, "dora").failures == 0


def test_failures_during_a_pause_do_not_prolong_it(browser: Browser, hire: Hire, clock: Clock) -> None:
    dora = hire("dora")
    for _ in range(20):
        browser.password("dora", "wrong")
    clock.turn(minutes=1.1)
    browser.log_in(dora)


def test_codes_count_too_and_the_right_password_forgets_nothing(browser: Browser, hire: Hire, clock: Clock) -> None:
    dora = hire("dora")
    for _ in range(pauses.FREE + 1):
        assert browser.password("dora", PASSWORD).status_code == 303
        browser.get("/code")
        assert browser.post("/code", code="000000").status_code == 401
    assert browser.post("/code", code=dora.code()).status_code == 401
    assert browser.password("dora", PASSWORD).status_code == 401
    assert actions("dora").count("code_failed") == pauses.FREE + 2


def test_a_code_works_once(app: Any, hire: Hire, clock: Clock) -> None:
    dora = hire("dora")
    first, second = Browser(app), Browser(app)
    for browser in (first, second):
        browser.password("dora", PASSWORD)
        browser.get("/code")
    code = dora.code()
    assert first.post("/code", code=code).status_code == 303
    assert second.post("/code", code=code).status_code == 401
    early = pyotp.TOTP(dora.secret).at(clock.now() - timedelta(seconds=one_time.STEP))
    assert second.post("/code", code=early).status_code == 401
    assert second.post("/code", code=dora.code()).status_code == 303


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
def test_a_clock_may_be_a_step_wrong(browser: Browser, hire: Hire, clock: Clock, steps: int, status: int) -> None:
    dora = hire("dora")
    browser.password("dora", PASSWORD)
    browser.get("/code")
    assert (
        browser.post(
            "/code", code=pyotp.TOTP(dora.secret).at(clock.now() + steps * timedelta(seconds=one_time.STEP))
        ).status_code
        == status
    )


def test_half_a_login_sees_no_page_and_is_short(browser: Browser, hire: Hire, clock: Clock) -> None:
    dora = hire("dora")
    browser.password("dora", PASSWORD)
    for page in ("/", "/reports", "/account"):
        assert browser.get(page).headers["Location"].startswith("/console/login")
    browser.password("dora", PASSWORD)
    browser.get("/code")
    clock.turn(minutes=5)
    assert browser.post("/code", code=dora.code()).headers["Location"] == "/console/login"
    assert not is_in(browser)


def test_each_step_has_a_new_token(browser: Browser, hire: Hire) -> None:
    dora = hire("dora")
    seen = []
    browser.password("dora", PASSWORD)
    for step in ("code", "open"):
        with browser.client.session_transaction(base_url="https://sawti.example.org/console/") as held:
            seen.append(held["token"])
        if step == "code":
            browser.get("/code")
            browser.post("/code", code=dora.code())
    assert len(set(seen)) == 2 and sessions.resume(seen[0]) is None and sessions.awaited(seen[0]) is None
    assert sessions.resume(seen[1]) is not None


def test_a_copy_of_redis_opens_nothing(browser: Browser, hire: Hire) -> None:
    browser.log_in(hire("dora"))
    (name,) = redis().keys("login:*")
    held = redis().get(name)
    with browser.client.session_transaction(base_url="https://sawti.example.org/console/") as cookies:
        token = cookies["token"]
    who = sessions.resume(token)
    assert who is not None and who.private not in held and b"dora" not in held
    assert token.encode() not in name and 0 < redis().ttl(name) <= 15 * 60
    redis().set(name, held[:-1] + bytes([held[-1] ^ 1]))
    assert not is_in(browser)


def test_a_session_ends_unused_after_a_quarter_of_an_hour(browser: Browser, hire: Hire, clock: Clock) -> None:
    browser.log_in(hire("dora"))
    for _ in range(3):
        clock.turn(minutes=14)
        assert is_in(browser)
    clock.turn(minutes=15.1)
    assert not is_in(browser) and not redis().keys("login:*")


def test_a_page_that_is_left_open_covers_itself(browser: Browser, hire: Hire) -> None:
    browser.log_in(hire("dora"))
    page = browser.get("/reports").text
    assert '<noscript><meta http-equiv="refresh" content="900;url=/console/login?next=/console/reports">' in page
    assert 'data-left="900"' in page and "/console/static/stay.js" in page
    assert "http-equiv" not in browser.get("/login").text


def test_a_session_ends_after_eight_hours_though_used(browser: Browser, hire: Hire, clock: Clock) -> None:
    browser.log_in(hire("dora"))
    for _ in range(8 * 6 - 1):
        clock.turn(minutes=10)
        assert is_in(browser)
    clock.turn(minutes=10.5)
    assert not is_in(browser)


def test_logging_out_is_final(browser: Browser, hire: Hire) -> None:
    browser.log_in(hire("dora"))
    old = cookie(browser).value
    browser.get("/logout")
    browser.client.set_cookie("sawti_console", old, domain="sawti.example.org", path="/console")
    assert not is_in(browser) and actions("dora")[-1] == "logout"


def test_logging_out_everywhere(app: Any, hire: Hire) -> None:
    dora = hire("dora")
    here, there = Browser(app).log_in(dora), Browser(app).log_in(dora)
    here.get("/account")
    assert here.post("/account/leave", sure="yes").status_code == 303
    assert not is_in(here) and not is_in(there)


def test_who_is_disabled_is_out_at_once(browser: Browser, hire: Hire) -> None:
    browser.log_in(hire("dora"))
    with transaction() as session:
        credentials.disable(session, "test", "dora")
    assert not is_in(browser)


def test_changing_the_password(app: Any, hire: Hire, clock: Clock) -> None:
    dora = hire("dora")
    here, there = Browser(app).log_in(dora), Browser(app).log_in(dora)
    new = "nine blue kites over there"
    here.get("/account")
    given = {"old": PASSWORD, "password": new, "again": new}
    for wrong in (
        {"old": "wrong"},
        {"code": "000000"},
        {"again": "another long one"},
        {"password": "short", "again": "short"},
    ):
        assert here.post("/account/password", **{**given, "code": dora.code(), **wrong}).status_code == 400
    assert "has a password" not in here.page and is_in(there)
    clock.turn(minutes=2)
    here.get("/account")
    assert here.post("/account/password", **given, code=dora.code()).status_code == 303
    assert not is_in(here) and not is_in(there)
    assert Browser(app).password("dora", PASSWORD).status_code == 401
    Browser(app).log_in(Person("dora", dora.secret, clock, new))


def invite(login: str = "edda") -> str:
    with transaction() as session:
        person = staff.add(session, "test", login, "Edda", ["focal_point"], phone="+254700000078")
        return credentials.invite(session, "test", person)


def secret_on(page: str) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found is not None
    return found[1].replace(" ", "")


def set_first(browser: Browser, link: str, clock: Clock, password: str = PASSWORD, **other: str) -> int:
    secret = secret_on(browser.page)
    form = {"password": password, "again": password, "code": pyotp.TOTP(secret).at(clock.now()), **other}
    return browser.post(f"/first/{link}", **form).status_code


def test_the_first_link_works_once(browser: Browser, clock: Clock, app: Any) -> None:
    link = invite()
    page = browser.get(f"/first/{link}").text
    assert "data:image/svg+xml" in page and "edda" in page
    secret = secret_on(page)
    assert set_first(browser, link, clock) == 200
    assert browser.get(f"/first/{link}").status_code == 404
    Browser(app).log_in(Person("edda", secret, clock))
    assert "password_set" in actions("edda")


def test_strangers_keep_nobody_out_who_has_just_begun(browser: Browser, clock: Clock, app: Any) -> None:
    link = invite()
    browser.get(f"/first/{link}")
    secret = secret_on(browser.page)
    assert set_first(browser, link, clock) == 200
    for _ in range(pauses.FREE + 1):
        Browser(app).password("edda", "wrong")
    assert Browser(app).password("edda", PASSWORD).status_code == 401, "a pause for strangers"
    browser.log_in(Person("edda", secret, clock))


def test_the_first_link_expires_and_is_nobody_elses(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    link = invite()
    assert browser.get(f"/first/{link[:-1]}").status_code == 404
    late = credentials.now() + credentials.INVITED_FOR
    monkeypatch.setattr(credentials, "now", lambda: late)
    assert browser.get(f"/first/{link}").status_code == 404


@pytest.mark.parametrize(
    ("password", "other"),
    [("short one", {}), ("i am edda and long", {}), ("password1234", {}), ("aaaaaaaaaaaaaa", {}), ("x" * 300, {}),
     (PASSWORD, {"again": PASSWORD + "x"}), (PASSWORD, {"code": "000000"})],
)  # fmt: skip
def test_a_first_password_that_will_not_do(
    browser: Browser, clock: Clock, password: str, other: dict[str, str]
) -> None:
    link = invite()
    browser.get(f"/first/{link}")
    secret = secret_on(browser.page)
    assert set_first(browser, link, clock, password, **other) == 400
    assert secret_on(browser.page) == secret  # what was scanned stays
    with reading() as session:
        assert session.scalars(select(Staff.wrapped_key).where(Staff.login == "edda")).one() is None
    assert set_first(browser, link, clock) == 200


def test_a_first_code_does_not_log_in_again(browser: Browser, clock: Clock) -> None:
    link = invite()
    browser.get(f"/first/{link}")
    code = pyotp.TOTP(secret_on(browser.page)).at(clock.now())
    assert set_first(browser, link, clock, code=code) == 200
    browser.password("edda", PASSWORD)
    browser.get("/code")
    assert browser.post("/code", code=code).status_code == 401


def test_cookies_and_headers(browser: Browser, hire: Hire) -> None:
    browser.get("/login")
    answer = browser.post("/login", login="x", password="y")
    assert answer.status_code == 401
    browser.log_in(hire("dora"))
    answer = browser.get("/login")
    set_cookie = browser.client.get("/console/login", base_url="https://sawti.example.org").headers
    held = cookie(browser)
    assert held.secure and held.http_only and held.same_site == "Strict" and held.path == "/console"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert set_cookie["Cache-Control"] == "no-store" and set_cookie["Referrer-Policy"] == "no-referrer"
    assert (
        "<script" not in answer.text and "style=" not in answer.text and "http" not in answer.text.split("</head>")[0]
    )


def test_a_form_without_its_token_does_nothing(browser: Browser, hire: Hire) -> None:
    hire("dora")
    browser.get("/login")
    assert browser.post("/login", login="dora", password=PASSWORD, csrf_token="").status_code == 400
    assert browser.post("/login", login="dora", password=PASSWORD, csrf_token="made-up").status_code == 400
    assert "login_failed" not in actions()


def test_webhooks_and_the_simulator_need_no_token(browser: Browser) -> None:
    sent = {"phone": "+12025550111", "channel": "sms", "text": "hello"}
    assert browser.client.post("/simulator/send", json=sent).status_code == 200
    assert browser.client.post("/webhooks/twilio/inbound", data={}).status_code == 403  # of its signature


def test_without_redis_nobody_comes_in_and_nothing_breaks(
    browser: Browser, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = hire("dora")
    browser.log_in(dora)

    def away() -> Any:
        raise RedisError("away")

    monkeypatch.setattr(sessions, "redis", away)
    answer = browser.get("/account")
    assert answer.status_code == 503 and "Try again" in answer.text and "Redis" not in answer.text
    fresh = Browser(browser.app)
    assert fresh.password("dora", PASSWORD).status_code == 503
