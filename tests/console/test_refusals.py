"""Strangers at the door: they fill neither memory nor log, keep nobody out, and disturb no session."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import RedisError

from casework import audit, staff
from console import asked, cookies
from console.login import attempts, keys, passwords, pauses
from runtime.redis import redis
from store.database import reading
from tests.console.conftest import PASSWORD, Browser, Clock, Person
from tests.phones import ORIGIN

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Hire = Callable[..., Person]


def rows(action: str) -> list[Any]:
    return [entry for entry in audit.entries() if entry.action == action]


def is_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def test_an_endless_password_costs_nothing(browser: Browser, hire: Hire) -> None:
    hire("dora")
    endless = "\u0323\u0301" * 300_000
    begun = time.perf_counter()
    assert passwords.problem(endless, "dora") == "long"
    with pytest.raises(passwords.TooLong):
        passwords.plain(endless)
    assert time.perf_counter() - begun < 0.5
    answer = browser.password("dora", "x" * 20_000)
    assert answer.status_code == 413 and "That is too long" in answer.text
    assert browser.password("dora", "x" * 2_000).status_code == 401


def test_a_crowd_at_the_login_is_sent_away_at_once(
    browser: Browser, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire("dora")
    monkeypatch.setattr(keys, "PATIENCE", 0.05)
    with keys._turn(), keys._turn():
        answer = browser.password("dora", PASSWORD)
    assert answer.status_code == 503 and "Try again in a moment" in answer.text
    assert browser.password("dora", PASSWORD).status_code == 303


def test_an_address_may_try_ten_times_a_minute(app: Any, hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    dora = hire("dora")
    known, stranger = Browser(app).log_in(dora), Browser(app)
    known.get("/logout")
    redis().flushall()
    monkeypatch.setattr(attempts, "MOST", 10)
    tried: list[str] = []
    monkeypatch.setattr(keys, "unwrap", lambda wrapped, password: tried.append(password))
    answers = [stranger.password("nobody", "wrong").status_code for _ in range(13)]
    assert answers == [401] * 10 + [429] * 3 and len(tried) == 10 and "Wait a minute" in stranger.page
    assert (
        not any(b"127.0.0.1" in name for name in redis().keys("*")) and redis().ttl(redis().keys("attempts:*")[0]) > 0
    )
    assert [entry.detail for entry in rows("attempts_refused")] == [{"count": 1}]
    assert known.password("dora", "wrong").status_code == 401, "a known browser is counted for itself"


def test_a_stranger_keeps_nobody_out(app: Any, hire: Hire, clock: Clock) -> None:
    dora = hire("dora")
    home, stranger = Browser(app).log_in(dora), Browser(app)
    home.get("/logout")
    for _ in range(pauses.FREE + 2):
        stranger.password("dora", "wrong")
    assert Browser(app).password("dora", PASSWORD).status_code == 401, "a browser that nobody knows waits"
    assert is_in(home.log_in(dora))
    with reading() as session:
        assert staff.find(session, "dora").failures == pauses.FREE + 1, "what strangers did is not forgotten"


def test_a_known_browser_has_pauses_of_its_own(app: Any, hire: Hire, clock: Clock) -> None:
    dora = hire("dora")
    home = Browser(app).log_in(dora)
    home.get("/logout")
    for _ in range(pauses.FREE + 1):
        home.password("dora", "wrong")
    assert home.password("dora", PASSWORD).status_code == 401
    with reading() as session:
        assert staff.find(session, "dora").failures == 0
    Browser(app).log_in(dora)
    clock.turn(minutes=1.1)
    assert is_in(home.log_in(dora))


def test_a_device_cookie_is_of_one_person_and_cannot_be_made_up(app: Any, hire: Hire) -> None:
    hire("eve")
    browser = Browser(app).log_in(hire("dora"))
    held = browser.client.get_cookie(cookies.DEVICE, domain="sawti.example.org", path="/console")
    assert held is not None and held.http_only and held.secure and held.same_site == "Strict" and held.max_age
    assert "dora" not in held.value
    for value, login, known in (
        (held.value, "dora", True),
        (held.value, " DORA ", True),
        (held.value, "eve", False),
        (held.value[:-2], "dora", False),
        ("", "dora", False),
    ):
        with app.test_request_context("/console/login", headers={"Cookie": f"{cookies.DEVICE}={value}"}):
            assert (cookies.device_of(login) is not None) == known


def test_without_redis_a_known_browser_is_refused_clearly(
    app: Any, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = hire("dora")
    home = Browser(app).log_in(dora)

    def away() -> Any:
        raise RedisError("away")

    for room in (attempts, pauses):
        monkeypatch.setattr(room, "redis", away)
        answer = home.password("dora", PASSWORD)
        assert answer.status_code == 503 and "Try again in a moment" in answer.text
        monkeypatch.undo()
        monkeypatch.setattr(attempts, "MOST", 1000)


def test_unknown_logins_make_one_row_a_minute(app: Any, browser: Browser, hire: Hire) -> None:
    for number in range(5):
        browser.password(f"nobody{number}", "wrong")
    assert [(entry.subject, entry.detail) for entry in rows("login_failed")] == [(None, {"count": 1})]
    Browser(app).log_in(hire("aud", ["auditor"])).get("/audit")
    assert [entry.detail for entry in rows("login_failed")] == [{"count": 1}, {"count": 4}]


def test_a_link_from_elsewhere_leaves_the_session_alone(app: Any, hire: Hire) -> None:
    browser = Browser(app).log_in(hire("dora"))
    away = app.test_client()  # the same browser as another site sends it: without the cookie of the session
    for path in ("/console/", "/console/reports", "/console/login", "/console/logout", "/console/first/x"):
        for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
            answer = away.get(path, base_url=ORIGIN, headers=headers)
            assert not any(one.startswith("sawti_console=") for one in answer.headers.getlist("Set-Cookie")), path
    assert is_in(browser)
    answer = away.get("/console/reports?state=closed", base_url=ORIGIN, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200 and 'content="0;url=/console/reports?state=closed"' in answer.text
    answer = away.get("/console/reports", base_url=ORIGIN, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303, "the second time the cookie would have come"


def test_after_the_login_one_is_where_one_wanted_to_be(browser: Browser, hire: Hire) -> None:
    dora = hire("dora")
    wanted = browser.get("/reports?state=closed").headers["Location"]
    path = wanted.removeprefix("/console")
    browser.get(path)
    onward = browser.post(path, login="dora", password=PASSWORD).headers["Location"]
    browser.get(onward.removeprefix("/console"))
    end = browser.post(onward.removeprefix("/console"), code=dora.code()).headers["Location"]
    assert end == "/console/reports?state=closed"


def test_nobody_is_led_elsewhere_after_the_login(app: Any) -> None:
    for odd in (
        "https://evil.example", "//evil.example", "/console//evil.example", "/console/../simulator", "/simulator",
        "/console/%2e%2e/x", "/console/\\evil.example", "/consolex", "/console/reports\n", "javascript:alert(1)", "",
        "/console/?q=%zz", "/console/?q=a b", "/console/?q=<b>", "/console/?q=" + "a" * 500,
    ):  # fmt: skip
        with app.test_request_context("/console/login", query_string={"next": odd}):
            assert asked.wanted_page() is None, odd
    for ours in ("/console/reports/K7Q4-X", "/console/inbox?q=%D9%85%D8%A7%D8%A1+x&place=Riverside"):
        with app.test_request_context("/console/login", query_string={"next": ours}):
            assert asked.wanted_page() == ours


def test_a_form_is_of_the_browser_that_was_given_it(app: Any, hire: Hire) -> None:
    hire("dora")
    here, there = Browser(app), Browser(app)
    here.get("/login")
    there.get("/login")
    assert there.post("/login", login="dora", password=PASSWORD, csrf_token=here.token).status_code == 400
    there.client.delete_cookie(cookies.FORM, domain="sawti.example.org", path="/console")
    assert there.post("/login", login="dora", password=PASSWORD, csrf_token=there.token).status_code == 400


def test_what_a_password_must_not_hold(database: str) -> None:
    for password, wrong in (
        ("dora has a boat", "login"), ("the hopper family", "login"), ("first aid for all", None),
        ("sawti is our voice", "login"), ("test of the boats", "login"), ("iloveyou 123456", "common"),
        ("Bismillah 1234", "common"), ("seven green boats", None), ("e\u0301" * 6 + "abcdefg", None),
    ):  # fmt: skip
        assert passwords.problem(password, "dora.h", "Dora Hopper", "Test Aid") == wrong, password


def test_the_common_ones_are_long_enough_to_matter(database: str) -> None:
    lines = passwords.COMMON_FILE.read_text(encoding="utf-8").split()
    assert len(lines) == len(set(lines)) > 500
    assert all(len(line) >= passwords.SHORTEST and line == line.casefold() for line in lines)


def test_the_page_says_when_it_ends_and_stays_while_somebody_types(browser: Browser, hire: Hire, clock: Clock) -> None:
    browser.log_in(hire("dora"))
    clock.turn(minutes=10)
    assert browser.get("/alive").json == {"left": 900}
    clock.turn(minutes=10)
    assert is_in(browser), "the page asked in between"
    for _ in range(45):
        clock.turn(minutes=10)
        browser.get("/alive")
    assert 0 < browser.get("/alive").json["left"] <= 900
    clock.turn(minutes=15)
    assert browser.get("/alive").status_code == 401
    script = browser.get("/static/stay.js").text
    assert "fetch(alive" in script and not re.search(r"https?:", script)
