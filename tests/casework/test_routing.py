"""Who is called for a report: by hour, site and category; never who is on leave, or whom it is about."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from casework import coverage, credentials, escalation, report_keys, reports, routing, staff
from casework.readers import NotForYou
from casework.report_models import Alert, Report, ReportSeal, Staff
from casework.routing import Routing
from runtime import taxonomy
from runtime.deployment import Duty, deployment
from store.database import now, reading, transaction
from tests import focal_points
from tests.casework.conftest import Take

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""09:00 in Nairobi, where the deployment of these tests is."""
CATEGORIES = taxonomy.sensitive_categories()

Rota = Callable[..., None]


@pytest.fixture
def rota(monkeypatch: pytest.MonkeyPatch) -> Rota:
    """Sets the rota and the backups of deployment.yml."""

    def rota(*duty: Duty, backups: Sequence[str] = ()) -> None:
        escalates = deployment().escalation.model_copy(update={"duty": list(duty), "backups": list(backups)})
        changed = deployment().model_copy(update={"escalation": escalates})
        for room in (routing, escalation):
            monkeypatch.setattr(room, "deployment", lambda: changed)

    return rota


@pytest.fixture
def sites(database: str) -> None:
    """Nora works in the north, Sami in the south, Olga at no site; Boss is the administrator; Ada and Bea have left."""
    with transaction() as session:
        for login in ("ada", "bea"):
            credentials.disable(session, "test", login)
    join("nora", sites=["north"])
    join("sami", sites=["south"])
    join("olga")
    join("boss", roles=["administrator"])


def join(login: str, roles: Sequence[str] = ("focal_point",), name: str | None = None, **given: Any) -> None:
    with transaction() as session:
        number = f"+2547000001{len(staff.everybody(session)):02d}"
        staff.add(session, "test", login, name or login.title(), roles, phone=number, **given)
    focal_points.equip(login)


def called(routed: Routing, at: datetime = MONDAY) -> tuple[list[str], list[str], list[str]]:
    """Logins of those on duty, the backups and the administrators."""
    with reading() as session:
        found = routing.called(session, routed, at)
    on_duty, backups, admins = ([one.login for one in group] for group in
                                (found.on_duty, found.backups, found.administrators))  # fmt: skip
    return on_duty, backups, admins


def on_duty(routed: Routing, at: datetime = MONDAY) -> list[str]:
    return called(routed, at)[0]


def readers_of(code: str) -> list[str]:
    """Logins of those who have a seal."""
    with reading() as session:
        found = select(Staff.login).join(ReportSeal).join(Report, Report.id == ReportSeal.report_id)
        return list(session.scalars(found.where(Report.reference == code).order_by(Staff.id)))


def told() -> list[tuple[str, str]]:
    """Login and kind of every alert."""
    with reading() as session:
        found = select(Staff.login, Alert.kind).join(Alert, Alert.staff_id == Staff.id).order_by(Alert.id)
        return [(login, kind) for login, kind in session.execute(found)]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (MONDAY, ["nora"]),
        (MONDAY + timedelta(hours=22, minutes=59), ["olga"]),  # Tuesday, 07:59
        (MONDAY + timedelta(hours=23), ["nora"]),
        (MONDAY + timedelta(hours=6, minutes=59), ["nora"]),  # 15:59
        (MONDAY + timedelta(hours=7), ["olga"]),
        (MONDAY + timedelta(days=5), []),  # Saturday
        (MONDAY + timedelta(days=6), ["sami"]),
    ],
)
def test_on_duty_is_who_the_rota_names_for_the_day_and_hour(
    sites: None, rota: Rota, at: datetime, expected: list[str]
) -> None:
    rota(
        Duty(people=["nora"], hours="Mo-Fr 08:00-16:00"),
        Duty(people=["olga"], hours="Mo-Fr 16:00-08:00; Sa,Su off"),
        Duty(people=["sami"], hours="Su"),
    )
    assert on_duty(Routing(("gbv",)), at) == expected


def test_without_a_rota_all_who_answer_for_the_category_are_on_duty(database: str) -> None:
    assert called(Routing(("gbv",))) == (["ada", "bea"], [], [])
    assert called(Routing(("detention",)))[0] == ["ada"]


def test_of_several_categories_any_is_enough_and_of_none_it_is_misconduct(database: str) -> None:
    assert on_duty(Routing(("detention", "child"))) == ["ada", "bea"]
    assert on_duty(Routing()) == ["ada"]


def test_the_order_of_the_rota_is_the_order_of_calling(sites: None, rota: Rota) -> None:
    rota(Duty(people=["sami", "nora"]), Duty(people=["olga", "sami"]))
    assert on_duty(Routing(("gbv",))) == ["sami", "nora", "olga"]


def test_a_shift_is_for_its_categories(sites: None, rota: Rota) -> None:
    rota(Duty(people=["nora"], categories=["fraud"]), Duty(people=["sami"], categories=["gbv", "child"]))
    assert on_duty(Routing(("gbv",))) == ["sami"] and on_duty(Routing(("danger",))) == []


def test_a_shift_of_the_site_comes_before_those_of_all_sites(sites: None, rota: Rota) -> None:
    rota(Duty(people=["olga"]), Duty(people=["nora"], site="north"), Duty(people=["sami"], site="south"))
    assert on_duty(Routing(("gbv",), "north")) == ["nora", "olga"]
    assert on_duty(Routing(("gbv",))) == ["olga"]


def test_a_rota_that_names_somebody_of_another_category_does_not_make_them_a_reader(database: str, rota: Rota) -> None:
    rota(Duty(people=["bea", "nobody"]))
    assert called(Routing(("fraud",))) == ([], ["ada"], [])


def test_people_of_the_site_come_first(sites: None) -> None:
    assert on_duty(Routing(("gbv",), "south")) == ["sami", "olga", "nora"]


@pytest.mark.parametrize("category", ["sea", "fraud", "misconduct"])
def test_about_our_own_people_those_of_elsewhere_come_first(sites: None, rota: Rota, category: str) -> None:
    assert on_duty(Routing((category,), "south")) == ["olga", "nora", "sami"]
    rota(Duty(people=["sami"], site="south"), Duty(people=["nora", "olga"]))
    assert on_duty(Routing((category,), "south")) == ["olga", "nora", "sami"]


def test_backups_are_all_others_who_answer_for_it_or_those_who_are_named(sites: None, rota: Rota) -> None:
    rota(Duty(people=["olga"]))
    assert called(Routing(("gbv",), "south")) == (["olga"], ["sami", "nora"], ["boss"])
    rota(Duty(people=["olga"]), backups=["nora", "olga", "boss"])
    assert called(Routing(("gbv",), "south")) == (["olga"], ["nora"], ["boss"])


def test_nobody_on_leave_is_called_neither_on_duty_nor_behind(sites: None, rota: Rota) -> None:
    rota(Duty(people=["olga", "nora"]))
    with transaction() as session:
        for login in ("olga", "sami", "boss"):
            staff.set_leave(session, "test", login, date(2026, 11, 23), date(2026, 11, 23))
    assert called(Routing(("gbv",))) == (["nora"], [], [])
    # the day of leave ends at midnight in Nairobi, three hours before it ends in UTC
    assert on_duty(Routing(("gbv",)), datetime(2026, 11, 23, 20, 59, tzinfo=UTC)) == ["nora"]
    assert on_duty(Routing(("gbv",)), datetime(2026, 11, 23, 21, 0, tzinfo=UTC)) == ["olga", "nora"]


@pytest.mark.parametrize(("site", "left"), [("south", ["nora", "olga"]), ("east", ["nora", "sami", "olga"]), (None, ["olga"])])  # fmt: skip
def test_not_the_people_who_work_here_leaves_those_of_elsewhere(sites: None, site: str | None, left: list[str]) -> None:
    # where nobody knows the site, everybody who works at one might be meant
    with reading() as session:
        assert [one.login for one in routing.readers(session, Routing(("gbv",), site, outside=True))] == left


def test_when_they_say_so_the_people_of_the_site_lose_their_seals(sites: None, take: Take) -> None:
    code = take(site="south", consent=True)
    assert readers_of(code) == ["nora", "sami", "olga"]
    with transaction() as session:
        reports.respect(session, session.scalars(select(Report)).one(), True, None)
    assert readers_of(code) == ["nora", "olga"]
    with pytest.raises(NotForYou):
        focal_points.opens("sami", code)
    assert told() == [("sami", "report"), ("olga", "report")], "and somebody else is called at once"


@pytest.mark.parametrize("category", ["gbv", "fraud", "danger"])
def test_kept_from_all_who_could_read_it_it_waits_for_somebody_of_elsewhere(
    sites: None, take: Take, category: str
) -> None:
    with transaction() as session:
        for login in ("nora", "olga"):
            credentials.disable(session, "test", login)
    code = take(categories=(category,), site="south", consent=True)
    with transaction() as session:
        reports.respect(session, session.scalars(select(Report)).one(), True, None)
    assert readers_of(code) == [] and told()[-1] == ("boss", "unanswered")
    join("pia")
    assert focal_points.words("pia", code) == ["he beats me"]


def test_the_service_does_not_keep_its_own_copy_of_the_key_for_ever(sites: None, take: Take) -> None:
    with transaction() as session:
        for login in ("nora", "olga"):
            credentials.disable(session, "test", login)
    take(site="south", consent=True)
    with transaction() as session:
        session.execute(update(Report).values(created_at=now() - report_keys.UNSETTLED - timedelta(minutes=1)))
    assert (report_keys.settle_late(), report_keys.settle_late()) == (1, 0)
    with reading() as session:
        assert session.scalars(select(Report.held_key)).all() == [None]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Nina Okello", "nina asked me for money"),
        ("Nina Okello", "it was OKELLO's doing"),
        ("Zoë Ng", "Zoe, she asked me for money"),
        ("Anne-Marie D'Souza", "anne-marie asked me for money"),
        ("Anne-Marie D'Souza", "it is madame d’souza"),
        ("Fatima Al-Sayed", "mr al sayed takes money"),
        ("ሓና", "ሃና ገንዘብ ጠየቀች"),
        ("أحمد", "طلب احمد مالا"),
    ],
)
def test_a_focal_point_named_in_the_words_gets_neither_seal_nor_alert(
    database: str, take: Take, name: str, words: str
) -> None:
    join("named", name=name)
    code = take(words, ("fraud",))
    for days in (2, 4, 6):
        escalation.pass_on_overdue(now() + timedelta(days=days))
    assert "named" not in [*readers_of(code), *(login for login, _ in told())] and told() != []
    with pytest.raises(NotForYou):
        focal_points.opens("named", code)


@pytest.mark.parametrize("words", ["the adamant guard hit me", "no name at all", "al asked me", "aday"])
def test_a_name_inside_another_word_or_too_short_for_a_name_keeps_nobody_away(
    database: str, take: Take, words: str
) -> None:
    join("al", name="Al")
    assert {"ada", "al"} <= set(readers_of(take(words, ("fraud",))))


def test_a_report_against_the_only_focal_point_of_the_site_goes_elsewhere(sites: None, take: Take) -> None:
    code = take("sami wants to be paid for the soap", ("fraud",), site="south")
    assert readers_of(code) == ["nora", "olga"] and told() == [("olga", "report")]
    for days in (2, 4, 6, 8):
        escalation.pass_on_overdue(now() + timedelta(days=days))
    assert {login for login, _ in told()} == {"olga", "nora", "boss"}


def test_if_there_is_nobody_else_the_key_is_held_the_administrators_are_told_and_who_comes_later_reads_it(
    sites: None, take: Take
) -> None:
    with transaction() as session:
        for login in ("nora", "olga"):
            credentials.disable(session, "test", login)
    code = take("sami wants to be paid for the soap", ("fraud",), site="south", consent=True)
    assert readers_of(code) == [] and told() == [("boss", "unanswered")]
    with reading() as session:
        assert session.scalars(select(Report.held_key)).one() is not None
    focal_points.equip("sami")  # a new password does not help the one whom it is about
    assert readers_of(code) == []
    join("pia")
    assert readers_of(code) == ["pia"]
    assert focal_points.words("pia", code) == ["sami wants to be paid for the soap"]
    with reading() as session:
        assert session.scalars(select(Report.held_key)).one() is None


def test_an_administrator_who_is_named_is_not_told_either(sites: None, take: Take) -> None:
    with transaction() as session:
        for login in ("nora", "olga", "sami"):
            credentials.disable(session, "test", login)
    join("chief", roles=["administrator", "focal_point"])
    take("the chief wants money", ("fraud",))
    assert told() == [("boss", "unanswered")]


def test_all_is_covered_by_people_who_can_be_reached_at_every_hour(database: str, rota: Rota) -> None:
    with reading() as session:
        assert coverage.uncovered(session) == {}
        rota(Duty(people=["ada"], hours="Mo-Su 06:00-18:00"), Duty(people=["ada"], hours="18:00-06:00"))
        assert coverage.uncovered(session) == {}


def test_uncovered_hours_are_found_to_the_half_hour(database: str, rota: Rota) -> None:
    rota(
        Duty(people=["ada"], hours="Mo-Su 00:00-12:00,13:30-24:00"),
        Duty(people=["bea"], hours="Mo-Sa 12:00-13:30"),
    )
    with reading() as session:
        gaps = coverage.uncovered(session, MONDAY)
    noon = datetime(2026, 11, 23, 12, 0)
    half_hours = [noon + timedelta(minutes=30 * number) for number in range(3)]
    assert gaps["gbv"] == [at + timedelta(days=6) for at in half_hours], "Sunday"
    assert gaps["fraud"] == [at + timedelta(days=day) for day in range(7) for at in half_hours], "not Bea's category"
    assert set(gaps) == set(CATEGORIES)


def test_a_shift_of_one_site_covers_nobody_elsewhere(sites: None, rota: Rota) -> None:
    rota(Duty(people=["nora"], site="north"))
    with reading() as session:
        assert {name: len(times) for name, times in coverage.uncovered(session).items()} == dict.fromkeys(
            CATEGORIES, 336
        )


def test_leave_leaves_its_days_uncovered(database: str) -> None:
    with transaction() as session:
        staff.set_leave(session, "test", "ada", date(2026, 11, 24), date(2026, 11, 25))
    with reading() as session:
        gaps = coverage.uncovered(session, MONDAY)
    first = datetime(2026, 11, 24)
    assert gaps["fraud"] == [first + timedelta(minutes=30 * number) for number in range(96)]
    assert "gbv" not in gaps, "Bea is there"


def test_who_has_no_address_that_this_deployment_serves_covers_nothing(database: str) -> None:
    with transaction() as session:
        credentials.disable(session, "test", "bea")
        ada = staff.find(session, "ada")
        ada.channel = "whatsapp"  # there is no WhatsApp sender in these tests
    assert routing.reachable_by(ada) == ()
    with reading() as session:
        assert set(coverage.uncovered(session)) == set(CATEGORIES)


def test_what_decides_the_routing_survives_the_reports_column() -> None:
    routed = Routing(("gbv", "child"), "north", "am", True, (3, 4), "woman")
    assert Routing.of(Report(routing=routed.text())) == routed and Routing.of(Report()) == Routing()
