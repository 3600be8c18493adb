"""What administrators change of people: each change is done, written down, and kept from doing harm."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from casework import audit, credentials, readers, staff
from casework.report_models import Report, ReportSeal, Staff
from store.database import now, reading, transaction
from tests.console.conftest import Browser, Disclose, Person, change
from tests.phones import ORIGIN

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Enter = Callable[..., Browser]
Hire = Callable[..., Person]


@pytest.fixture
def boss(hire: Hire) -> Person:
    """An administrator."""
    return hire("boss", ["administrator"])


@pytest.fixture
def office(app: Flask, boss: Person) -> Browser:
    """A browser in which the administrator has logged in."""
    opened = Browser(app).log_in(boss)
    opened.get("/account")
    return opened


def of(login: str) -> Staff:
    with reading() as session:
        return staff.find(session, login)


def page_of(login: str) -> str:
    return f"/people/{of(login).id}"


def form(login: str, **other: Any) -> dict[str, Any]:
    """The form of a person as it stands, with something else in it."""
    person = of(login)
    present = {
        "name": person.name,
        "role": person.roles,
        "category": person.categories,
        "site": person.sites,
        "channel": person.channel,
        "language": person.language,
    }
    return {**present, **other}


def rows(action: str) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    for entry in audit.entries():
        if entry.action == action:
            yield entry.actor, entry.subject, entry.detail or {}


NEW = {
    "login": "nina",
    "name": "Nina نينا",
    "role": ["focal_point"],
    "category": ["gbv"],
    "phone": "+254700000005",
    "channel": "sms",
    "language": "fr",
}


def link_on(page: str) -> str:
    found = re.search(r"<code[^>]*>(http[^<]+)</code>", page)
    assert found is not None, page
    return found[1]


def test_a_person_is_added_and_their_link_is_shown_once(office: Browser, boss: Person, browser: Browser) -> None:
    page = office.get("/people/new").text
    once = re.findall(r'name="once" value="([^"]+)"', page)[0]
    answer = office.post("/people/new", **NEW, once=once, code=boss.code())
    link = link_on(answer.text)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    again = office.post("/people/new", **NEW, once=once, code=boss.code())
    assert again.status_code == 303 and "shown once" in office.get("/people").text
    nina = of("nina")
    assert (nina.name, nina.roles, nina.categories, nina.language) == ("Nina نينا", ["focal_point"], ["gbv"], "fr")
    assert nina.phone == "+254700000005" and nina.public_key is None
    assert ("boss", "nina") in [(by, whom) for by, whom, _ in rows("staff_added")]
    token = link.rpartition("/")[2]
    assert all(token not in repr((e.action, e.subject, e.detail)) for e in audit.entries())
    for path in (page_of("nina"), "/people"):
        assert token not in office.get(path).text
    assert "Nina" in browser.get(f"/first/{token}").text


def test_what_is_wrong_is_said_and_what_was_typed_stays(office: Browser, boss: Person) -> None:
    for wrong, told in (
        ({"login": "N!"}, "A login has 2 to 40"),
        ({"login": "ada"}, "The login ada is taken"),
        ({"role": []}, "A role is needed"),
        ({"role": ["king"]}, "Unknown role"),
        ({"category": ["love"]}, "Unknown category"),
        ({"phone": "soon"}, "The phone must look like"),
        ({"phone": ""}, "must be reachable"),
        ({"email": "x"}, "must look like name@example.org"),
        ({"channel": "pigeon"}, "Unknown channel"),
        ({"language": "xx"}, "Unknown language"),
        ({"name": ""}, "A name has 1 to 80 letters"),
        ({"name": "a\x00b"}, "A name has 1 to 80 letters"),
        ({"name": "x" * 81}, "A name has 1 to 80 letters"),
    ):
        answer = office.post("/people/new", **{**NEW, **wrong}, code=boss.code())
        assert answer.status_code == 400 and told in answer.text, (wrong, answer.text)
        assert "Nina" in answer.text or "name" in wrong
    assert "nina" not in [person.login for person in _everybody()]


def test_a_code_is_asked_for_and_counts_only_for_what_is_done(office: Browser, boss: Person) -> None:
    for code in ("", "000000", "x"):
        answer = office.post("/people/new", **NEW, code=code)
        assert answer.status_code == 400 and "one-time code is not right" in answer.text
    code = boss.code()
    assert office.post("/people/new", **{**NEW, "phone": "soon"}, code=code).status_code == 400
    assert office.post("/people/new", **NEW, code=code).status_code == 200, "nothing was done with it before"
    answer = office.post("/people/new", **{**NEW, "login": "olga"}, code=code)
    assert answer.status_code == 400 and "used already" in answer.text
    assert [person.login for person in _everybody()].count("nina") == 1 and len(list(rows("code_failed"))) == 4


def test_details_change_and_numbers_are_not_shown(office: Browser, boss: Person) -> None:
    page = office.get(page_of("ada")).text
    assert "+254700000001" not in page and "… 01" in page
    wanted = form("ada", name="Ada أدا", phone="+254700000009", language="ar")
    told = office.does(page_of("ada"), **wanted, code=boss.code())
    assert "It was changed." in told and "+254700000009" not in told
    ada = of("ada")
    assert (ada.name, ada.phone, ada.language) == ("Ada أدا", "+254700000009", "ar")
    said = {"fields": ["name", "phone", "language"], "name": "Ada أدا", "name_before": "Ada"}
    assert list(rows("staff_changed")) == [("boss", "ada", said)]
    assert "Nothing was changed" in office.does(page_of("ada"), **form("ada"))
    assert of("ada").phone == "+254700000009", "what is left empty stays"
    answer = office.post(page_of("ada"), **form("ada", no_phone="yes"), code=boss.code())
    assert answer.status_code == 400 and "must be reachable" in answer.text and of("ada").phone is not None


def test_other_roles_end_the_sessions_and_need_a_code(app: Flask, office: Browser, boss: Person, hire: Hire) -> None:
    eve = Browser(app).log_in(hire("eve", ["viewer"]))
    wanted = form("eve", role=["viewer", "auditor"])
    assert office.post(page_of("eve"), **wanted).status_code == 400 and of("eve").roles == ["viewer"]
    assert eve.get("/account").status_code == 200
    assert "their sessions have ended" in office.does(page_of("eve"), **wanted, code=boss.code())
    assert of("eve").roles == ["viewer", "auditor"] and eve.get("/account").status_code == 303
    assert list(rows("staff_changed"))[-1][2] == {"fields": ["roles"], "roles": ["viewer", "auditor"]}


def test_who_may_not_read_any_more_loses_seals_and_what_they_took(
    app: Flask, office: Browser, boss: Person, hire: Hire, disclose: Disclose
) -> None:
    dora, cleo = Browser(app).log_in(hire("dora")), hire("cleo")
    code = disclose()
    dora.get(f"/reports/{code}")
    assert "It is with you now" in dora.does(f"/reports/{code}/acknowledge")
    office.does(page_of("dora"), **form("dora", category=["fraud"]), code=boss.code())
    with reading() as session:
        report = session.scalars(select(Report).where(Report.reference == code)).one()
        assert report.taken_by is None and report.escalate_at is not None
        assert not readers.has_seal(session, report, of("dora").id) and readers.has_seal(session, report, cleo.id)
    assert dora.get(f"/reports/{code}").status_code == 404
    assert [(by, whom) for by, whom, _ in rows("seals_dropped")] == [("boss", "dora")]
    assert code not in office.get(page_of("dora")).text


def test_the_only_seal_stays_though_its_owner_may_not_read_any_more(
    office: Browser, boss: Person, hire: Hire, disclose: Disclose
) -> None:
    hire("dora")
    code = disclose()
    change(code, lambda session, report: setattr(report, "held_key", None))
    with transaction() as session:
        session.execute(ReportSeal.__table__.delete().where(ReportSeal.staff_id != of("dora").id))  # type: ignore[attr-defined]
    office.does(page_of("dora"), **form("dora", category=["fraud"]), code=boss.code())
    with reading() as session:
        assert session.scalars(select(ReportSeal.staff_id)).all() == [of("dora").id], "else the words were lost"


def test_nobody_changes_what_they_may_do_themselves(office: Browser, boss: Person, hire: Hire) -> None:
    hire("boss.two", ["administrator"])
    for role in (["viewer"], ["administrator", "focal_point"]):
        answer = office.post(page_of("boss"), **form("boss", role=role), code=boss.code())
        assert answer.status_code == 400 and "nobody changes what they may do themselves" in answer.text
    assert "nobody changes" in office.does(f"{page_of('boss')}/disable", sure="yes", code=boss.code())
    assert "under Account" in office.does(f"{page_of('boss')}/link", sure="yes", code=boss.code())
    me = of("boss")
    assert me.roles == ["administrator"] and me.disabled_at is None and me.wrapped_key is not None
    answer = office.post(page_of("boss"), **form("boss", name="Another"), code=boss.code())
    assert answer.status_code == 400 and of("boss").name == "Boss", "reports that name them would reach them"
    assert "It was changed" in office.does(page_of("boss"), **form("boss", phone="+254700000008"), code=boss.code())


@pytest.mark.parametrize(
    "other",
    [{"name": "the food help"}, {"phone": "+254700000008"}, {"email": "ada@example.org"}, {"channel": "whatsapp"}],
)
def test_who_is_called_and_whose_name_counts_changes_only_with_a_code(
    office: Browser, boss: Person, other: dict[str, str]
) -> None:
    before = form("ada")
    assert office.post(page_of("ada"), **form("ada", **other)).status_code == 400 and form("ada") == before
    assert office.post(page_of("ada"), **form("ada", **other), code=boss.code()).status_code == 303
    assert "It was changed" in office.does(page_of("ada"), **form("ada", language="fr")), "a language needs none"


def test_the_last_administrator_who_can_log_in_stays(hire: Hire) -> None:
    hire("boss", ["administrator"])
    with transaction() as session:
        staff.add(session, "test", "invited", "Invited", ["administrator"])
    for do in (
        lambda session: credentials.disable(session, "root", "boss"),
        lambda session: credentials.change(session, "root", "boss", roles=["viewer"]),
    ):
        with pytest.raises(staff.BadStaff, match="last administrator"), transaction() as session:
            do(session)
    assert of("boss").roles == ["administrator"] and of("boss").disabled_at is None
    hire("boss.two", ["administrator"])
    with transaction() as session:
        credentials.change(session, "root", "boss", roles=["viewer"])
    with pytest.raises(staff.BadStaff, match=r"boss\.two is the last"), transaction() as session:
        credentials.disable(session, "root", "boss.two")


def test_a_new_link_takes_the_old_password_and_says_so_before(
    app: Flask, office: Browser, boss: Person, hire: Hire, browser: Browser
) -> None:
    hire("dora", categories=["gbv"])
    with transaction() as session:
        session.execute(update(Staff).where(Staff.login.in_(("ada", "bea"))).values(public_key=None))
    page = office.get(page_of("dora")).text
    assert "become unreadable" in page and "Nobody else with a password answers for this" in page
    assert "There is no recovery key" in page and "violence at home" in page
    assert "you have read what happens" in office.does(f"{page_of('dora')}/link", code=boss.code())
    assert of("dora").wrapped_key is not None
    assert "one-time code is not right" in office.does(f"{page_of('dora')}/link", sure="yes", code="1")
    answer = office.post(f"{page_of('dora')}/link", sure="yes", code=boss.code())
    token = link_on(answer.text).rpartition("/")[2]
    assert of("dora").wrapped_key is None and "Dora" in browser.get(f"/first/{token}").text
    assert [(by, whom) for by, whom, _ in rows("staff_invited")] == [("boss", "dora")]


def test_that_somebody_else_reads_the_category_is_not_warned_of(office: Browser, hire: Hire) -> None:
    hire("dora"), hire("cleo")
    assert "Nobody else with a password" not in office.get(page_of("dora")).text


def test_a_link_for_another_phone_leaves_the_key(office: Browser, boss: Person, hire: Hire, browser: Browser) -> None:
    hire("dora")
    key = of("dora").wrapped_key
    page = office.get(page_of("dora")).text
    once = re.findall(r'name="once" value="([^"]+)"', page)[-1]
    answer = office.post(f"{page_of('dora')}/phone-link", once=once, code=boss.code())
    token = link_on(answer.text).rpartition("/")[2]
    assert of("dora").wrapped_key == key and "Present password" in browser.get(f"/phone/{token}").text
    again = office.post(f"{page_of('dora')}/phone-link", once=once, code=boss.code())
    assert again.status_code == 303 and "shown already" in office.get(page_of("dora")).text
    with transaction() as session:
        staff.add(session, "test", "fay", "Fay", ["viewer"])
    assert "no password" in office.does(f"{page_of('fay')}/phone-link", code=boss.code())
    assert [whom for _, whom, _ in rows("phone_invited")] == ["dora"]


def test_leaving_and_coming_back(app: Flask, office: Browser, boss: Person, hire: Hire) -> None:
    dora = Browser(app).log_in(hire("dora"))
    where = page_of("dora")
    assert "you have read what happens" in office.does(f"{where}/disable", code=boss.code())
    assert "one-time code" in office.does(f"{where}/disable", sure="yes", code="")
    assert of("dora").disabled_at is None and dora.get("/account").status_code == 200
    assert "They are disabled" in office.does(f"{where}/disable", sure="yes", code=boss.code())
    assert dora.get("/account").status_code == 303 and of("dora").wrapped_key is None
    assert "is disabled" in office.does(f"{where}/link", code=boss.code())
    assert "Make a link" in office.does(f"{where}/enable")
    assert of("dora").disabled_at is None and [w for _, w, _ in rows("staff_enabled")] == ["dora"]
    assert link_on(office.post(f"{where}/link", code=boss.code()).text)


def test_leave_pause_and_sessions(app: Flask, office: Browser, hire: Hire) -> None:
    dora = Browser(app).log_in(hire("dora"))
    where = page_of("dora")
    assert "The leave was set" in office.does(f"{where}/leave", first="2026-12-24", last="2027-01-02")
    assert str(of("dora").away_until) == "2027-01-02"
    for days in ({"first": "2026-12-24", "last": "2026-12-01"}, {"last": "2026-12-24"}, {"first": "soon"}):
        assert "alert-warning" in office.does(f"{where}/leave", **days)
    assert "The leave is over" in office.does(f"{where}/leave") and of("dora").away_from is None
    with transaction() as session:
        session.execute(
            update(Staff).where(Staff.login == "dora").values(failures=9, locked_until=now() + timedelta(hours=1))
        )
    assert "Let them try again" in office.get(where).text
    assert "They may try again" in office.does(f"{where}/unlock") and of("dora").failures == 0
    assert dora.get("/account").status_code == 200
    assert "logged out everywhere" in office.does(f"{where}/sign-out")
    assert dora.get("/account").status_code == 303
    done = [e.action for e in audit.entries() if e.actor == "boss" and e.subject == "dora"]
    assert [action for action in done if action != "person_viewed"] == [
        "staff_away",
        "staff_away",
        "unlocked",
        "logout_everywhere",
    ]


def test_odd_input_is_never_an_error_of_ours(office: Browser, boss: Person) -> None:
    for number in ("0", "99999", "9223372036854775808", "99999999999999999999999", "x", "-1"):
        assert office.get(f"/people/{number}").status_code == 404, number
        assert office.post(f"/people/{number}/disable", sure="yes", code=boss.code()).status_code == 404
    odd = ("\x00", "%00", "x" * 5000, "\u202e", "'; drop table staff", "🦊" * 200)
    for text in odd:
        for step in ("", "/leave", "/unlock", "/sign-out", "/disable", "/link", "/phone-link"):
            given = dict.fromkeys(("name", "role", "category", "site", "phone", "email", "channel"), text)
            more = dict.fromkeys(("language", "first", "last", "sure", "code", "once"), text)
            answer = office.post(f"{page_of('bea')}{step}", **given, **more)
            assert answer.status_code in (303, 400, 413), (step, text)
        assert office.post("/people/new", **dict.fromkeys(NEW, text), code=boss.code()).status_code in (400, 413)
    assert of("bea").name == "Bea" and of("bea").disabled_at is None


def test_a_form_from_elsewhere_changes_nothing(office: Browser, boss: Person) -> None:
    office.get(page_of("bea"))
    for step in ("", "/leave", "/unlock", "/sign-out", "/disable", "/enable", "/link", "/phone-link"):
        answer = office.client.post(
            f"/console{page_of('bea')}{step}",
            base_url=ORIGIN,
            data={"csrf_token": "x", "sure": "yes", "code": boss.code()},
        )
        assert answer.status_code == 400, step
    assert of("bea").disabled_at is None and not list(rows("staff_invited"))


def _everybody() -> list[Staff]:
    with reading() as session:
        return list(staff.everybody(session))
