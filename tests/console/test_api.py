"""The interface for tools: only with a key that works, only what it opens, as the description says, and no trace of a
report or of a person.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import settings
from sqlalchemy import update
from werkzeug.test import TestResponse

from casework import answering, api_keys, audit, credentials, figure_keeping
from casework.models import ApiKey, Feedback
from console.exports import description, door, rows
from console.login import attempts
from runtime.redis import RedisError
from store.database import now, reading, transaction
from tests.casework import conftest as phones
from tests.casework.conftest import Give
from tests.console.conftest import WORDS, Browser, Disclose, Person
from tests.console.test_access import MAY

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
Hire = Callable[..., Person]
Ask = Callable[..., TestResponse]
give = phones.give
"""The fixture of casework's tests."""
ARABIC = "الماء مقطوع منذ أسبوع في المخيم"
ROOT = "/console/api/v1"


def made(scope: str = "words", name: str = "Power BI", days: int = 30) -> str:
    """A new key."""
    with transaction() as session:
        return api_keys.make(session, "ada", name, scope, days)[1]


@pytest.fixture
def ask(app: Flask, database: str) -> Ask:
    """Asks the interface with a key for this scope, or with this header."""
    keys: dict[str, str] = {}

    def ask(path: str, scope: str = "words", **more: Any) -> TestResponse:
        if scope not in keys:
            keys[scope] = made(scope, f"a tool for {scope}")
        headers = more.pop("headers", {"Authorization": f"Bearer {keys[scope]}"})
        return app.test_client().open(f"{ROOT}/{path}", headers=headers, **more)

    return ask


@pytest.fixture
def some(give: Give) -> list[str]:
    """Feedback of several kinds; the codes, newest first."""
    codes = [
        give(ARABIC, "+254722000001", topic="water_sanitation", language="ar", place="Riverside"),
        give("call me on 0722 000 001", "+254722000002", topic="food", language="en"),
        give("merci", "+254722000003", kind="praise", language="fr"),
        give("is it true?", "+254722000004", kind="rumour", language="sw", sensitive=True),
    ]
    answering.answer(codes[0], "The pump is mended.", "cleo")
    answering.close(codes[0], "done", "The pump was mended on Monday", "cleo")
    with transaction() as session:
        session.execute(update(Feedback).where(Feedback.reference == codes[0]).values(labels=["مضخة"], mark=5))
    figure_keeping.recount_all()
    return codes[::-1]


def test_feedback_is_told_a_page_at_a_time(ask: Ask, some: list[str]) -> None:
    found: list[str] = []
    following: str | None = ""
    while following is not None:
        answer = ask(f"feedback?limit=3{f'&before={following}' if following else ''}").get_json()
        found += [one["code"] for one in answer["feedback"]]
        following = answer["next"]
    assert found == some


def test_where_a_page_ends_tells_no_number(ask: Ask, some: list[str]) -> None:
    name = ask("feedback?limit=1").get_json()["next"]
    assert len(name) > 40 and ask(f"feedback?before={name}").status_code == 200
    assert ask(f"feedback?before={name[:-2]}").status_code == ask("feedback?before=3").status_code == 404


def test_filters_choose(ask: Ask, some: list[str]) -> None:
    today = f"{now():%Y-%m-%d}"
    for query, codes in {
        "type=praise": some[1:2],
        "topic=food": some[2:3],
        "place=Riverside": some[3:],
        "language=ar&channel=sms": some[3:],
        "label=%D9%85%D8%B6%D8%AE%D8%A9": some[3:],
        "state=closed": some[3:],
        "state=open": some[:3],
        "place=Nowhere": [],
        "until=2020-01-01": [],
        f"since={(now() - timedelta(days=2)):%Y-%m-%d}": some,
        f"until={(now() - timedelta(days=2)):%Y-%m-%d}": [],
        f"since={today}&until=2000-01-01": [],
    }.items():
        assert [one["code"] for one in ask(f"feedback?{query}").get_json()["feedback"]] == codes, query


def test_one_feedback_is_told_as_in_the_list(ask: Ask, some: list[str]) -> None:
    for one in ask("feedback?words=true").get_json()["feedback"]:
        assert ask(f"feedback/{one['code']}?words=true").get_json() == one
    assert ask("feedback/AAAA-A").status_code == 404


def test_words_need_a_key_for_words_and_to_be_asked_for(ask: Ask, some: list[str]) -> None:
    told = {one["code"]: one["words"] for one in ask("feedback?words=true").get_json()["feedback"]}
    assert told == dict(zip(some, [None, "merci", "call me on …", ARABIC], strict=True))
    for path in ("feedback", f"feedback/{some[1]}"):
        assert "words" not in ask(path).text and "merci" not in ask(path, "feedback").text
        refused = ask(f"{path}?words=true", "feedback")
        assert refused.status_code == 403 and "insufficient_scope" in refused.headers["WWW-Authenticate"]


def test_nothing_of_a_person_or_of_staff_is_told(ask: Ask, some: list[str]) -> None:
    answering.assign(some[0], "cleo", "ada")
    told = "".join(ask(path).text for path in ("feedback?words=true", "figures", f"feedback/{some[0]}"))
    assert not any(trace in told for trace in ("722", "cleo", "ada", "contact", "assignee", '"id"', "sensitive"))


def test_a_report_leaves_no_trace(ask: Ask, some: list[str], give: Give, disclose: Disclose) -> None:
    paths = [
        "feedback",
        "feedback?limit=500&words=true",
        *(f"figures?of={of}&by=day" for of in ("all", "type", "state")),
    ]

    def told() -> list[Any]:
        figure_keeping.recount_all()
        found = [ask(path).get_json() for path in paths]
        return [{name: value for name, value in one.items() if name != "counted_at"} for one in found]

    before = told()
    passed_on = give("he wants money for the list", phone="+254722000009", topic="food")
    assert told() != before
    answering.pass_on(passed_on, ["fraud"], "cleo")
    code = disclose()
    assert told() == before
    assert not any(trace in json.dumps(told()) for trace in (code, passed_on, WORDS, "money"))
    unknown = ask("feedback/AAAA-A")
    for one in (code, passed_on):
        assert ask(f"feedback/{one}").data == unknown.data and ask(f"feedback/{one}").status_code == 404


def test_figures_are_those_of_the_dashboards(ask: Ask, some: list[str]) -> None:
    month = f"{now() + timedelta(hours=3):%Y-%m}"
    assert ask("figures").get_json()["figures"] == [{"period": month, "value": None, "count": 4}]
    by_type = ask("figures?of=type&by=day").get_json()
    assert {row["value"]: row["count"] for row in by_type["figures"]} == {"complaint": 2, "praise": 1, "rumour": 1}
    assert ask("figures?of=place").get_json()["figures"][1]["value"] == "Riverside"
    assert len(ask("figures?of=place&place=Riverside").get_json()["figures"]) == 1
    assert ask("figures?of=topic&place=Riverside").get_json()["figures"][0]["value"] == "water_sanitation"
    long = ask("figures?by=day&since=2020-01-01").get_json()
    assert long["since"] > "2020-01-01" and ask("figures?since=2199-01-01").get_json()["figures"] == []


def test_a_key_for_figures_sees_no_small_number(ask: Ask, some: list[str], give: Give) -> None:
    for number in range(5):
        give("a", phone=f"+25472200008{number}", kind="praise")
    came = now() - timedelta(days=35)
    with transaction() as session:
        session.execute(update(Feedback).values(created_at=came))
    give("b", phone="+254722000090", kind="suggestion")
    figure_keeping.recount_all()

    def told(query: str) -> dict[str, int]:
        return {row["value"]: row["count"] for row in ask(f"figures?of=type{query}", "figures").get_json()["figures"]}

    assert told("&by=day&since=2020-01-01") == told("") == {"praise": 5}  # rounded, and without today
    one_day = ask(f"figures?since={came:%Y-%m-%d}&until={came:%Y-%m-%d}", "figures").get_json()
    assert one_day["since"] == f"{came:%Y-%m}-01" and one_day["until"][-2:] in ("28", "29", "30", "31")
    assert ask("feedback", "figures").status_code == ask(f"feedback/{some[0]}", "figures").status_code == 403


@pytest.mark.parametrize("scope", api_keys.SCOPES)
def test_a_key_opens_what_the_table_says_and_no_page(app: Flask, some: list[str], scope: str) -> None:
    key, client = made(scope), app.test_client()
    for method, rule in sorted(MAY):
        path = re.sub(r"<[^>]+>", "1", rule.replace("<code>", some[0]))
        answer = client.open(path, method=method, headers={"Authorization": f"Bearer {key}"})
        if f"key_{scope}" in MAY[method, rule]:
            assert answer.status_code == 200, rule
        elif rule.startswith(ROOT) and "nobody" not in MAY[method, rule]:
            assert answer.status_code == 403, rule
        elif "nobody" not in MAY[method, rule]:
            assert answer.status_code in (303, 401), rule


def test_a_session_is_no_key(enter: Enter, some: list[str]) -> None:
    browser = enter("cleo", ["engagement"])
    answer = browser.get("/api/v1/feedback")
    assert answer.status_code == 401 and answer.mimetype == "application/problem+json"


def test_without_a_key_that_works_nothing_opens(ask: Ask) -> None:
    for header in (
        "",
        "Bearer",
        "Bearer x",
        "Basic YTpi",
        "sawti_",
        f"Bearer sawti_{'A' * 43}",
        "Bearer é",
        "x" * 9000,
    ):
        answer = ask("feedback", headers={"Authorization": header})
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer"), header
        assert "Set-Cookie" not in answer.headers
    attempts.write_counted()
    failed = [entry for entry in audit.entries() if entry.action == "key_failed"]
    assert sum((entry.detail or {})["count"] for entry in failed) == 8 and len(failed) == 2


def test_a_key_ends_when_it_is_taken_back_or_its_time_is_over(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    key, client = made(), app.test_client()

    def status() -> int:
        return client.get(f"{ROOT}/feedback", headers={"Authorization": f"Bearer {key}"}).status_code

    assert status() == 200
    with monkeypatch.context() as later:
        later.setattr(api_keys, "now", lambda: now() + timedelta(days=31))
        assert status() == 401
    assert status() == 200
    with transaction() as session:
        assert api_keys.revoke(session, "ada", 1)
        assert not api_keys.revoke(session, "ada", 1)
    assert status() == 401


def test_a_key_that_asks_too_often_is_told_when_to_come_again(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST", 3)
    assert [ask("figures").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert 1 <= int(ask("figures").headers["Retry-After"]) <= 60
    assert ask("figures", "figures").status_code == 200


def test_without_redis_it_is_not_ready(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise RedisError

    monkeypatch.setattr(door, "redis", away)
    answer = ask("figures")
    assert answer.status_code == 503 and answer.get_json()["status"] == 503


def test_what_fails_is_told_without_a_word_of_it(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> None:
        raise ValueError("0722000001")

    monkeypatch.setattr(rows, "some", fail)
    answer = ask("feedback")
    assert answer.status_code == 500 and answer.mimetype == "application/problem+json" and "0722" not in answer.text


def test_an_unknown_address_is_told_in_json(ask: Ask) -> None:
    for path in ("", "feedback/", "feedback/K7Q4-X/words", "users", "../v2"):
        answer = ask(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path


def test_nothing_can_be_written(ask: Ask) -> None:
    for path in ("feedback", "feedback/K7Q4-X", "figures", "openapi.json"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = ask(path, method=method)
            assert (answer.status_code, answer.mimetype) == (405, "application/problem+json"), path
            assert "GET" in answer.headers["Allow"]


def test_what_a_key_reads_is_written_down_once_an_hour(ask: Ask, some: list[str]) -> None:
    for _ in range(3):
        ask("feedback?words=true")
        ask("figures")
    found = [entry for entry in audit.entries() if entry.action == "key_read"]
    assert [(entry.actor, entry.subject, (entry.detail or {})["what"]) for entry in found] == [
        ("key 1", "a tool for words", "feedback"),
        ("key 1", "a tool for words", "words"),
        ("key 1", "a tool for words", "figures"),
    ]


def test_an_administrator_makes_a_key_which_is_shown_once_and_takes_it_back(app: Flask, hire: Hire) -> None:
    adam = hire("adam", ["administrator"])
    browser = Browser(app).log_in(adam)
    browser.get("/keys")
    assert "one-time code is not right" in browser.does(
        "/keys", name="Power BI", scope="feedback", days="365", once="a"
    )
    page = browser.post("/keys", name="Power BI", scope="feedback", days="365", once="a", code=adam.code()).text
    (key,) = set(re.findall(r"sawti_[\w-]{43}", page))
    assert "made already" in browser.does("/keys", name="Power BI 2", scope="feedback", days="365", once="a")
    assert key not in browser.get("/keys").text and "Power BI" in browser.page and "never" in browser.page
    with reading() as session:
        (kept,) = api_keys.everyone(session)
    assert key not in repr(vars(kept)) and 364 <= (kept.expires_at - now()).days <= 365
    client = app.test_client()
    given = {"Authorization": f"Bearer {key}"}
    assert client.get(f"{ROOT}/feedback", headers=given).status_code == 200
    assert "never" not in browser.get("/keys").text
    assert "opens nothing any more" in browser.does(f"/keys/{kept.id}/revoke")
    assert client.get(f"{ROOT}/feedback", headers=given).status_code == 401
    assert "There is no such key" in browser.does("/keys/99999999999999999999/revoke")
    told = [(entry.actor, entry.action, entry.subject) for entry in audit.entries() if entry.action.startswith("key_")]
    assert told == [
        ("adam", "key_made", "key 1"),
        ("key 1", "key_read", "Power BI"),
        ("adam", "key_revoked", "key 1"),
        ("unknown", "key_failed", None),
    ]


def test_keys_end_with_the_account_of_who_made_them(app: Flask, hire: Hire) -> None:
    hire("boss", ["administrator"])
    hire("adam", ["administrator"])
    with transaction() as session:
        theirs = api_keys.make(session, "adam", "kept by adam", "words", 30)[1]
        other = api_keys.make(session, "boss", "another", "words", 30)[1]
        credentials.disable(session, "boss", "adam")
    with reading() as session:
        assert api_keys.find(session, theirs) is None and api_keys.find(session, other) is not None
    assert [entry.actor for entry in audit.entries() if entry.action == "key_revoked"] == ["boss"]


def test_a_key_that_makes_no_sense_is_not_made(app: Flask, hire: Hire) -> None:
    made(name="taken")
    adam = hire("adam", ["administrator"])
    browser = Browser(app).log_in(adam)
    browser.get("/keys")
    odd = [{"name": name} for name in ("x", "x" * 41, "a\x00b", "taken")]
    for form in [*odd, {"scope": "all"}, *({"days": days} for days in ("0", "31", "4000", "x"))]:
        page = browser.does("/keys", **{"name": "Power BI", "scope": "figures", "days": "30", **form}, code=adam.code())
        assert "alert-warning" in page and "one-time code is not right" not in page, form
    with reading() as session:
        assert [key.name for key in api_keys.everyone(session)] == ["taken"]


def test_a_key_is_kept_as_a_hash_only(database: str) -> None:
    key = made()
    with reading() as session:
        kept = session.get_one(ApiKey, 1)
        assert api_keys.find(session, key) is kept and api_keys.find(session, key[:-1] + "!") is None
    assert len(kept.key_hash) == 64 and kept.key_hash not in key


def test_the_description_names_every_address_and_column(app: Flask, database: str) -> None:
    told = app.test_client().get(f"{ROOT}/openapi.json").get_json()
    ours = {rule.rule.replace("<code>", "{code}") for rule in app.url_map.iter_rules() if rule.rule.startswith(ROOT)}
    assert set(told["paths"]) == ours - {f"{ROOT}/openapi.json"} and told["openapi"].startswith("3.1")
    columns = [column.name for column in (*rows.COLUMNS, rows.WORDS)]
    assert list(told["components"]["schemas"]["Feedback"]["properties"]) == columns
    assert told == description.made()


KEY: dict[str, str] = {}
"""The headers, with a key once there is one; the client of the tests unpacks nothing."""


@pytest.fixture
def described(app: Flask, some: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(door, "MOST", 1_000_000)
    KEY.update({"Authorization": f"Bearer {made()}", "Accept-Encoding": "identity"})
    return schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", app)


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_the_interface_does_what_its_description_says(case: schemathesis.Case) -> None:
    case.call_and_validate(headers=KEY)
