"""Who may come where: every page with every role, and no trace of a report for those who are no focal points."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from casework import audit, staff
from console import access
from console.audit import chain
from tests.console.conftest import WORDS, Browser, Disclose, attach, change, some_case

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]

EVERYBODY = {"engagement", "focal_point", "viewer", "editor", "administrator", "auditor"}
KEYS = {"key_figures", "key_feedback", "key_words"}
MAY = {
    ("GET", "/console/static/<path:filename>"): EVERYBODY | {"nobody"},
    ("GET", "/console/login"): EVERYBODY | {"nobody"},
    ("POST", "/console/login"): EVERYBODY | {"nobody"},
    ("GET", "/console/code"): EVERYBODY | {"nobody"},
    ("POST", "/console/code"): EVERYBODY | {"nobody"},
    ("GET", "/console/first/<token>"): EVERYBODY | {"nobody"},
    ("POST", "/console/first/<token>"): EVERYBODY | {"nobody"},
    ("GET", "/console/phone/<token>"): EVERYBODY | {"nobody"},
    ("POST", "/console/phone/<token>"): EVERYBODY | {"nobody"},
    ("GET", "/console/logout"): EVERYBODY | {"nobody"},
    ("POST", "/console/language"): EVERYBODY | {"nobody"},
    ("GET", "/console/"): EVERYBODY,
    ("GET", "/console/alive"): EVERYBODY,
    ("GET", "/console/account"): EVERYBODY,
    ("POST", "/console/account/language"): EVERYBODY,
    ("GET", "/console/account/phone"): EVERYBODY,
    ("POST", "/console/account/phone"): EVERYBODY,
    ("POST", "/console/account/phone/confirm"): EVERYBODY,
    ("POST", "/console/account/codes"): EVERYBODY,
    ("POST", "/console/account/password"): EVERYBODY,
    ("POST", "/console/account/leave"): EVERYBODY,
    ("GET", "/console/reports"): {"focal_point"},
    ("GET", "/console/reports/live"): {"focal_point"},
    ("POST", "/console/reports/access"): {"focal_point"},
    ("GET", "/console/reports/<reference>"): {"focal_point"},
    ("GET", "/console/reports/<reference>/here"): {"focal_point"},
    ("GET", "/console/reports/<reference>/files/<int:media_id>"): {"focal_point"},
    ("GET", "/console/reports/<reference>/refer"): {"focal_point"},
    ("POST", "/console/reports/<reference>/number"): {"focal_point"},
    ("POST", "/console/reports/<reference>/acknowledge"): {"focal_point"},
    ("POST", "/console/reports/<reference>/write"): {"focal_point"},
    ("POST", "/console/reports/<reference>/safe-hours"): {"focal_point"},
    ("POST", "/console/reports/<reference>/note"): {"focal_point"},
    ("POST", "/console/reports/<reference>/concerning"): {"focal_point"},
    ("POST", "/console/reports/<reference>/not-concerning"): {"focal_point"},
    ("POST", "/console/reports/<reference>/hand-back"): {"focal_point"},
    ("POST", "/console/reports/<reference>/close"): {"focal_point"},
    ("POST", "/console/reports/<reference>/reopen"): {"focal_point"},
    ("POST", "/console/reports/<reference>/refer/check"): {"focal_point"},
    ("POST", "/console/reports/<reference>/refer"): {"focal_point"},
    ("POST", "/console/reports/<reference>/referrals/<int:referral_id>"): {"focal_point"},
    ("GET", "/console/feedback"): {"engagement"},
    ("GET", "/console/feedback/live"): {"engagement"},
    ("GET", "/console/feedback/groups"): {"engagement"},
    ("POST", "/console/feedback/bulk"): {"engagement"},
    ("POST", "/console/feedback/views"): {"engagement"},
    ("POST", "/console/feedback/views/<int:number>/remove"): {"engagement"},
    ("GET", "/console/feedback/<code>"): {"engagement"},
    ("GET", "/console/feedback/<code>/here"): {"engagement"},
    ("GET", "/console/feedback/<code>/files/<int:file_id>"): {"engagement"},
    ("GET", "/console/feedback/<code>/pass-on"): {"engagement"},
    ("POST", "/console/feedback/<code>/pass-on"): {"engagement"},
    ("POST", "/console/feedback/<code>/acknowledge"): {"engagement"},
    ("POST", "/console/feedback/<code>/assign"): {"engagement"},
    ("POST", "/console/feedback/<code>/start"): {"engagement"},
    ("POST", "/console/feedback/<code>/note"): {"engagement"},
    ("POST", "/console/feedback/<code>/reopen"): {"engagement"},
    ("POST", "/console/feedback/<code>/link"): {"engagement"},
    ("POST", "/console/feedback/<code>/apart"): {"engagement"},
    ("POST", "/console/feedback/<code>/correct"): {"engagement"},
    ("POST", "/console/feedback/<code>/label"): {"engagement"},
    ("POST", "/console/feedback/<code>/reply"): {"engagement"},
    ("POST", "/console/feedback/<code>/close"): {"engagement"},
    ("GET", "/console/canned"): {"engagement"},
    ("POST", "/console/canned"): {"engagement"},
    ("POST", "/console/canned/first"): {"engagement"},
    ("POST", "/console/canned/<int:number>/remove"): {"engagement"},
    ("GET", "/console/exports"): {"engagement", "viewer", "administrator"},
    ("POST", "/console/exports/feedback"): {"engagement"},
    ("POST", "/console/exports/figures"): {"engagement", "viewer", "administrator"},
    ("GET", "/console/keys"): {"administrator"},
    ("POST", "/console/keys"): {"administrator"},
    ("POST", "/console/keys/<int:number>/revoke"): {"administrator"},
    ("GET", "/console/api/v1/feedback"): {"key_feedback", "key_words"},
    ("GET", "/console/api/v1/feedback/<code>"): {"key_feedback", "key_words"},
    ("GET", "/console/api/v1/figures"): {"key_figures", "key_feedback", "key_words"},
    ("GET", "/console/api/v1/openapi.json"): EVERYBODY | {"nobody"},
    ("GET", "/console/answers"): {"editor"},
    ("GET", "/console/answers/waiting"): {"editor"},
    ("POST", "/console/answers/waiting/approve"): {"editor"},
    ("POST", "/console/answers/waiting/decline"): {"editor"},
    ("POST", "/console/answers/waiting/take-back"): {"editor"},
    ("GET", "/console/answers/sentences"): {"editor"},
    ("GET", "/console/answers/texts/<language>"): {"editor"},
    ("POST", "/console/answers/texts/<language>"): {"editor"},
    ("GET", "/console/answers/<topic>/<language>"): {"editor"},
    ("POST", "/console/answers/<topic>/<language>"): {"editor"},
    ("POST", "/console/answers/<topic>/<language>/doubt"): {"editor"},
    ("POST", "/console/answers/<topic>/<language>/checked"): {"editor"},
    ("GET", "/console/directory"): {"editor", "administrator"},
    ("GET", "/console/directory/services/<int:number>"): {"editor", "administrator"},
    ("GET", "/console/directory/file"): {"editor"},
    ("POST", "/console/directory/uploads"): {"editor"},
    ("GET", "/console/directory/uploads/<int:number>"): {"editor", "administrator"},
    ("POST", "/console/directory/uploads/<int:number>/confirm"): {"editor", "administrator"},
    ("POST", "/console/directory/uploads/<int:number>/decline"): {"editor", "administrator"},
    ("GET", "/console/figures"): {"engagement", "viewer", "administrator"},
    ("GET", "/console/figures/answers"): {"engagement", "viewer", "administrator"},
    ("GET", "/console/figures/topics"): {"engagement", "viewer", "administrator"},
    ("GET", "/console/figures/languages"): {"engagement", "viewer", "administrator"},
    ("GET", "/console/figures/deliveries"): {"engagement", "viewer", "administrator"},
    ("GET", "/console/figures/months"): {"engagement", "viewer", "administrator"},
    ("GET", "/console/figures/month/<month>"): {"engagement", "viewer", "administrator"},
    ("GET", "/console/audit"): {"auditor"},
    ("GET", "/console/people"): {"administrator"},
    ("GET", "/console/people/new"): {"administrator"},
    ("POST", "/console/people/new"): {"administrator"},
    ("GET", "/console/people/<int:number>"): {"administrator"},
    ("POST", "/console/people/<int:number>"): {"administrator"},
    ("POST", "/console/people/<int:number>/leave"): {"administrator"},
    ("POST", "/console/people/<int:number>/unlock"): {"administrator"},
    ("POST", "/console/people/<int:number>/sign-out"): {"administrator"},
    ("POST", "/console/people/<int:number>/disable"): {"administrator"},
    ("POST", "/console/people/<int:number>/enable"): {"administrator"},
    ("POST", "/console/people/<int:number>/link"): {"administrator"},
    ("POST", "/console/people/<int:number>/phone-link"): {"administrator"},
    ("GET", "/console/duty"): {"administrator"},
    ("GET", "/console/duty/rota"): {"administrator"},
    ("POST", "/console/duty/rota"): {"administrator"},
    ("GET", "/console/service"): {"administrator"},
    ("POST", "/console/audit/export"): {"auditor"},
}


def rules(app: Flask) -> set[tuple[str, str]]:
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console")]
    return {
        (method, rule.rule) for rule in found for method in (rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}
    }


def address(rule: str, code: str, media: int, case: tuple[str, int]) -> str:
    known = {
        "reference": code,
        "int:media_id": str(media),
        "int:referral_id": "1",
        "code": case[0],
        "int:file_id": str(case[1]),
        "token": "x",
        "month": "2026-10",
        "int:number": "1",
        "topic": "food",
        "language": "en",
        "name": "x",
        "path:filename": "console.css",
    }
    return re.sub(r"<([^>]+)>", lambda found: known[found[1]], rule).removeprefix("/console")


def test_every_page_is_in_this_table(app: Flask) -> None:
    assert rules(app) == set(MAY) and set(staff.ROLES) == EVERYBODY


QUIET = (
    "/console/alive",
    "/console/feedback/live",
    "/console/feedback/<code>/here",
    "/console/reports/live",
    "/console/reports/<reference>/here",
)
"""Asked by an open page by itself: no page to come back to."""
OF_ONE = ("/console/directory/services/<int:number>", "/console/directory/uploads/<int:number>")
"""There is none here: whoever may see one is told so on the page of the directory."""


@pytest.mark.parametrize("role", ["nobody", *sorted(EVERYBODY)])
def test_who_may_come_where(app: Flask, enter: Enter, disclose: Disclose, role: str) -> None:
    browser = Browser(app) if role == "nobody" else enter("dora", [role])
    code = disclose()
    media, case = attach(code, b"picture"), some_case()
    for method, rule in sorted(MAY, key=lambda item: (item[1] == "/console/logout", item)):
        path = address(rule, code, media, case)
        answer = browser.get(path) if method == "GET" else browser.post(path, csrf_token="")
        where = (role, method, rule)
        if MAY[method, rule] <= KEYS:
            assert answer.status_code == 401 and answer.mimetype == "application/problem+json", where
        elif role in MAY[method, rule]:
            public = "nobody" in MAY[method, rule]
            expected = {400} if method == "POST" else {200, 303, 404} if public else {200, 303}
            if rule in QUIET:
                expected = {200, 204}
            if rule in OF_ONE and method == "GET":
                expected = {404}
                assert "There is no such page" not in answer.text, where
            assert answer.status_code in expected, where
            assert public or answer.headers.get("Location") != "/console/login", where
        elif role != "nobody":
            assert answer.status_code == 404, where
        elif method == "POST" or rule in QUIET:
            assert answer.status_code == 401, where
        else:
            assert answer.status_code == 303 and answer.headers["Location"].startswith("/console/login"), where
        assert role == "focal_point" or WORDS not in answer.text, where


def test_a_page_without_an_entry_stops_the_service(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(access.TABLE, "people")
    with pytest.raises(access.Incomplete, match="people"):
        access.check(app)
    monkeypatch.setitem(access.TABLE, "people", access.ADMINISTRATOR)
    monkeypatch.setitem(access.TABLE, "forgotten", access.PUBLIC)
    with pytest.raises(access.Incomplete, match="forgotten"):
        access.check(app)


def test_what_is_refused_is_written_down(enter: Enter, disclose: Disclose) -> None:
    code = disclose()
    browser = enter("ed", ["editor"])
    for path in (f"/reports/{code}", "/reports/none", "/people"):
        assert browser.get(path).status_code == 404
    refused = [(e.actor, e.subject, (e.detail or {}).get("page")) for e in audit.entries() if e.action == "refused"]
    assert refused == [("ed", code, "report"), ("ed", None, "report"), ("ed", None, "people")]


def without_token(page: str) -> str:
    """The page without what differs from one look to the next."""
    return re.sub(r'value="[\w.-]{22,}"', "", page)


def reachable(browser: Browser) -> dict[str, str]:
    """Every page that links lead to."""
    found: dict[str, str] = {}
    left = ["/"]
    while left:
        path = left.pop()
        if path in found or path.startswith(("/logout", "/static")) or len(found) > 60:
            continue
        answer = browser.get(path)
        assert answer.status_code in (200, 303), path
        if answer.mimetype != "text/html":
            continue  # a file
        found[path] = without_token(answer.text)
        targets = [*re.findall(r'href="/console([^"#]+)"', answer.text), answer.headers.get("Location", "")[8:]]
        left += [target.replace("&amp;", "&") for target in targets if target]
    return found


@pytest.mark.parametrize("role", sorted(EVERYBODY - {"focal_point"}))
def test_others_find_no_trace_of_a_report(enter: Enter, disclose: Disclose, role: str) -> None:
    browser = enter("other", [role])
    before = reachable(browser)
    code = disclose()
    codes = [code, disclose("he takes money for the list", ["fraud"], phone="+254722000002")]
    change(code, lambda session, report: audit.record(session, "ada", "staff_disabled", "bea", freed=[code]))
    after = reachable(browser)
    for path, page in after.items():
        assert not any(one in page for one in (*codes, WORDS, "husband", "takes money", "+254722")), path
    for path in {path for path in before if not path.startswith("/audit")}:
        assert after[path] == before[path], path  # so there is no count of them either
    for one in (*codes, "AAAA-A"):
        answers = {without_token(browser.get(f"/reports/{one}{rest}").text) for rest in ("", "/refer", "/files/1")}
        assert len(answers) == 1 and "There is no such page" in answers.pop()


def test_an_auditor_follows_one_case_without_its_code(enter: Enter, disclose: Disclose) -> None:
    code, other = disclose(), disclose("he takes money", ["fraud"], phone="+254722000002")
    browser = enter("aud", ["auditor"])
    names = set(re.findall(r"subject=(case[^\"&]+)", browser.get("/audit").text))
    assert len(names) == 2
    told = browser.get(f"/audit?subject={code.lower()}").text
    (name,) = set(re.findall(r"subject=(case[^\"&]+)", told))
    assert name in names and code not in told and other not in told
    assert set(re.findall(r"subject=(case[^\"&]+)", browser.get(f"/audit?subject={name}").text)) == {name}


def test_the_audit_page_turns_and_tells_whether_the_chain_holds(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = enter("aud", ["auditor"])
    for number in range(230):
        audit.note("ada", "counted", None, number=number)
    page = browser.get("/audit").text
    assert "The chain holds" in page and "number: 229" in page and "number: 129<" not in page
    older = re.findall(r'href="/console(/audit\?before=\d+)', page)[0]
    assert "number: 129<" in browser.get(older).text and "The chain" not in browser.page
    assert "number: 0<" not in browser.get("/audit?actor=aud").text
    for odd in ("before=0", "before=x", "before=99999999999999999999999", "subject=%00", "before=-1"):
        assert browser.get(f"/audit?{odd}").status_code == 400
    assert browser.get("/audit?actor='--").status_code == 200
    monkeypatch.setattr(audit, "verify", lambda: audit.Verdict(9, "0" * 64, 7))
    assert "The chain holds" in browser.get("/audit").text, "it was looked at a moment ago"
    later = chain.now() + chain.EVERY
    monkeypatch.setattr(chain, "now", lambda: later)
    assert "broken at row 7" in browser.get("/audit").text


def test_administrators_see_who_can_be_told_and_no_numbers(enter: Enter) -> None:
    page = enter("boss", ["administrator"]).get("/people").text
    assert "Ada" in page and "focal point" in page and "+254700000001" not in page and "… 01" in page
    assert "somebody with an address is on duty" in page
