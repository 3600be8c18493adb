"""Who works with the service: how they come, get their keys, are away, leave, and what they can read then."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from casework import credentials, escalation, readers, report_keys, reports, sealing, staff
from casework.models import Feedback
from casework.readers import NotForYou, Reader
from casework.report_models import Alert, AuditEntry, Report, ReportEntry, ReportSeal, Staff
from casework.staff import BadStaff
from messaging.models import Message
from runtime import taxonomy
from runtime.deployment import FocalPoint
from store.database import now, reading, transaction
from tests import focal_points
from tests.casework.conftest import Take

PASSWORD, PHONE = "five slow rivers of the north", "+254700000005"
ALL = list(taxonomy.sensitive_categories())


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are wrapped at the least cost: these tests are not about it."""
    dear = sealing.wrap
    monkeypatch.setattr(sealing, "wrap", lambda private, password, **_: dear(private, password, 1, 8192))


@pytest.fixture
def alone(database: str) -> None:
    """The focal points of the deployment are there, but nobody has set a password yet."""
    with transaction() as session:
        session.execute(update(Staff).values(public_key=None, wrapped_key=None))


def join(login: str, categories: Sequence[str] = (), **given: Any) -> None:
    """A focal point is added and sets a first password."""
    with transaction() as session:
        staff.add(session, "boss", login, login.title(), ["focal_point"], categories, phone=PHONE, **given)
    set_password(login)


def set_password(login: str, password: str = PASSWORD) -> None:
    """The person follows the link: as the console does it."""
    with transaction() as session:
        credentials.set_first_password(session, staff.find(session, login), password, "JBSWY3DPEHPK3PXP")
        report_keys.release_held(session)


def log_in(login: str, password: str = PASSWORD) -> Reader:
    with reading() as session:
        person = staff.find(session, login)
        return Reader(person.id, login, sealing.unwrap(person.wrapped_key or b"", password))


def reads(reader: Reader, code: str) -> list[str]:
    with reading() as session:
        report = session.scalars(select(Report).where(Report.reference == code)).one()
        opened = readers.open_(session, reader, report)
        return [piece.data["text"] for piece in opened.pieces if piece.kind == "words"]


def person(login: str) -> Staff:
    with reading() as session:
        return staff.find(session, login)


def audited(action: str) -> list[AuditEntry]:
    with reading() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"login": "Dina!"}, "a login has 2 to 40 small letters"),
        ({"login": "d"}, "a login has 2 to 40 small letters"),
        ({"login": "ADA"}, "the login ada is taken"),
        ({"roles": []}, "a role is needed: engagement, focal_point"),
        ({"roles": ["king"]}, "unknown role 'king'; known: engagement"),
        ({"categories": ["love"]}, "unknown category 'love'; known: danger"),
        ({"language": "xx"}, "unknown language 'xx'"),
        ({"channel": "pigeon"}, "unknown channel 'pigeon'; known: sms, whatsapp, email"),
        ({"phone": "soon"}, "the phone must look like +254700000001"),
        ({"phone": "+25470"}, "the phone is no possible number"),
        ({"phone": None}, "a focal point must be reachable"),
        ({"channel": "email"}, "a focal point must be reachable"),
        ({"email": "dina at example"}, "the e-mail address must look like name@example.org"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(database: str, given: dict[str, Any], told: str) -> None:
    right = {"login": "dina", "name": "Dina", "roles": ["focal_point"], "phone": PHONE}
    with pytest.raises(BadStaff, match=f"^{told.replace('+', '[+]')}"), transaction() as session:
        staff.add(session, "boss", **{**right, **given})
    with reading() as session:
        assert [one.login for one in staff.everybody(session)] == ["ada", "bea"]


def test_who_is_added_stands_in_the_log_and_their_number_nowhere_in_the_clear(database: str) -> None:
    with transaction() as session:
        staff.add(session, "boss", "Dina", "Dina", ["focal_point", "focal_point"], phone="0700 000005")
        stored = session.connection().exec_driver_sql("select phone, email from staff").all()
    dina = person("DINA")
    assert (dina.login, dina.phone, dina.roles, dina.categories) == ("dina", PHONE, ["focal_point"], ALL)
    assert "700000005" not in repr(stored)
    (entry,) = [one for one in audited("staff_added") if one.subject == "dina"]
    assert entry.actor == "boss" and "700" not in repr(entry.detail)


def test_only_focal_points_answer_for_categories_and_must_be_reachable(database: str) -> None:
    with transaction() as session:
        assert staff.add(session, "boss", "cleo", "Cleo", ["engagement"]).categories == []


def test_an_invitation_works_once(database: str) -> None:
    with transaction() as session:
        dina = staff.add(session, "boss", "dina", "Dina", ["auditor"])
        token = credentials.invite(session, "boss", dina)
        assert credentials.invited(session, token) is dina and credentials.invited(session, token[:-1]) is None
        credentials.set_first_password(session, dina, PASSWORD, "JBSWY3DPEHPK3PXP")
        assert credentials.invited(session, token) is None
        assert token not in repr(session.connection().exec_driver_sql("select * from staff").all())


def test_an_invitation_is_over_after_three_days_and_with_the_next_one(database: str) -> None:
    with transaction() as session:
        dina = staff.add(session, "boss", "dina", "Dina", ["auditor"])
        first, second = credentials.invite(session, "boss", dina), credentials.invite(session, "boss", dina)
        assert credentials.invited(session, first) is None and credentials.invited(session, second) is dina
        assert dina.invited_until is not None and timedelta(days=2.9) < dina.invited_until - now() < timedelta(days=3)
        dina.invited_until = now()
        session.flush()
        assert credentials.invited(session, second) is None


def test_who_has_left_is_invited_no_more(database: str) -> None:
    with transaction() as session:
        dina = staff.add(session, "boss", "dina", "Dina", ["auditor"])
        token = credentials.invite(session, "boss", dina)
        credentials.disable(session, "boss", "dina")
        assert credentials.invited(session, token) is None
        with pytest.raises(BadStaff, match="dina is disabled"):
            credentials.invite(session, "boss", dina)


def test_the_first_password_makes_keys_that_only_it_opens(database: str) -> None:
    join("dina")
    dina, reader = person("dina"), log_in("dina")
    assert sealing.of_private(reader.private).public == dina.public_key
    assert reader.private not in (dina.wrapped_key or b"")
    with pytest.raises(sealing.Unopened):
        log_in("dina", "another password")
    (entry,) = audited("password_set")
    assert entry.detail == {"key": sealing.fingerprint(dina.public_key or b"")}


def test_a_report_that_nobody_had_a_key_for_is_sealed_to_who_sets_the_first_password(alone: None, take: Take) -> None:
    code = take(consent=True)
    with reading() as session:
        assert session.scalars(select(ReportSeal)).all() == []
        assert b"beats" not in b"".join(entry.sealed or b"" for entry in session.scalars(select(ReportEntry)))
        assert session.scalars(select(Report.held_key)).one() is not None
    set_password("bea")
    assert reads(log_in("bea"), code) == ["he beats me"]
    with reading() as session:
        assert session.scalars(select(Report.held_key)).one() is None, "nothing can take it back any more"


def test_a_held_report_is_nobodys_whose_category_it_is_not(alone: None, take: Take) -> None:
    code = take("he takes money for the free soap", ("fraud",))
    set_password("bea")  # danger, child, gbv
    with pytest.raises(NotForYou):
        reads(log_in("bea"), code)
    set_password("ada")
    assert reads(log_in("ada"), code) == ["he takes money for the free soap"]


def test_a_held_report_never_shows_itself_to_those_who_answer_feedback(alone: None, take: Take) -> None:
    code = take()
    with transaction() as session:
        staff.add(session, "boss", "cleo", "Cleo", ["engagement", "viewer", "editor", "administrator", "auditor"])
    set_password("cleo")
    with reading() as session:
        assert readers.of_person(session, person("cleo").id) == []
        assert session.scalars(select(Feedback)).all() == []
        assert session.scalars(select(Message.body).where(Message.direction == "in")).all() == [None]
    with pytest.raises(NotForYou):
        reads(log_in("cleo"), code)


def test_a_new_password_after_a_reset_opens_nothing_of_before(take: Take) -> None:
    join("dina")
    code, before = take(), person("dina").session_generation
    with transaction() as session:
        credentials.invite(session, "boss", staff.find(session, "dina"))
    assert person("dina").public_key is None and person("dina").session_generation > before
    assert audited("staff_invited")[-1].detail == {"seals_lost": 1}
    with transaction() as session:  # consent was given, and the service has no key of its own left
        session.execute(update(Report).values(held_key=None))
    set_password("dina", "another password")
    with pytest.raises(NotForYou, match="not sealed to your key"):
        reads(log_in("dina", "another password"), code)
    with transaction() as session:
        assert readers.give_all(session, focal_points.reader("ada")) == 1
    assert reads(log_in("dina", "another password"), code) == ["he beats me"]


def test_a_changed_password_opens_everything_and_ends_all_sessions(take: Take) -> None:
    join("dina")
    code, before = take(), person("dina").session_generation
    with transaction() as session:
        credentials.set_wrapped(
            session, staff.find(session, "dina"), sealing.wrap(log_in("dina").private, "another password")
        )
    assert reads(log_in("dina", "another password"), code) == ["he beats me"]
    assert person("dina").session_generation == before + 1
    with pytest.raises(sealing.Unopened):
        log_in("dina")


def test_who_leaves_reads_nothing_more_and_what_they_had_taken_is_escalated_again(take: Take) -> None:
    code, ada = take(), focal_points.reader("ada")
    with transaction() as session:
        report = session.scalars(select(Report)).one()
        assert escalation.acknowledge(session, report, staff.find(session, "ada"), "console")
    assert escalation.pass_on_overdue(now() + timedelta(days=3)) == 0
    with transaction() as session:
        credentials.disable(session, "boss", "ada")
    with pytest.raises(NotForYou):
        reads(ada, code)
    entry = audited("staff_disabled")[-1]
    assert entry.detail == {"seals_lost": 1, "freed": [code]}
    assert escalation.pass_on_overdue() == 1
    with reading() as session:
        told = session.scalars(select(Alert.staff_id).order_by(Alert.id.desc())).first()
        seals = session.scalars(select(ReportSeal.staff_id)).all()
        assert (told, list(seals)) == (person("bea").id, [person("bea").id])


def test_a_closed_report_stays_with_who_had_taken_it_although_they_left(take: Take) -> None:
    take()
    with transaction() as session:
        report = session.scalars(select(Report)).one()
        escalation.acknowledge(session, report, staff.find(session, "ada"), "console")
        report.state = "closed"
        credentials.disable(session, "boss", "ada")
    with reading() as session:
        assert session.scalars(select(Report.taken_by)).one() == person("ada").id
    assert escalation.pass_on_overdue() == 0


def test_leave_begins_and_ends_with_its_days(database: str) -> None:
    today = now().date()
    with transaction() as session:
        ada = staff.set_leave(session, "boss", "ada", today, today + timedelta(days=1))
    away = [staff.is_away(ada, today + timedelta(days=days)) for days in (-1, 0, 1, 2)]
    assert away == [False, True, True, False]
    with transaction() as session:
        assert staff.is_away(staff.set_leave(session, "boss", "ada", today, None), today + timedelta(days=999))
        assert not staff.is_away(staff.set_leave(session, "boss", "ada", None, None), today)


def test_leave_that_ends_before_it_begins_is_refused(database: str) -> None:
    with pytest.raises(BadStaff, match="before the first"), transaction() as session:
        staff.set_leave(session, "boss", "ada", now().date(), now().date() - timedelta(days=1))


@pytest.mark.parametrize("act", [credentials.disable, lambda *given: staff.set_leave(*given, None, None)])
def test_an_unknown_login_is_said_to_be_unknown(database: str, act: Any) -> None:
    with pytest.raises(BadStaff, match="nobody has the login nina"), transaction() as session:
        act(session, "boss", "nina")


def test_the_deployments_focal_points_are_taken_in_once_and_never_changed_back(database: str) -> None:
    with transaction() as session:
        credentials.disable(session, "boss", "bea")
        staff.find(session, "ada").phone = PHONE
    assert staff.take_in() == 0
    assert person("ada").phone == PHONE and person("bea").disabled_at is not None


def test_focal_points_get_logins_from_their_names(database: str) -> None:
    names = {"Ada Lovelace": "ada.lovelace", "Zoë O'Brien-Ng": "zoe.o.brien.ng", "7 Oaks": "", "አበበ": ""}
    assert staff.take_in([FocalPoint(name=name, phone=PHONE) for name in names]) == len(names)
    with reading() as session:
        logins = {one.name: one.login for one in staff.everybody(session)}
    for name, login in names.items():
        assert logins[name] == login or (not login and logins[name].startswith("person."))
    assert staff.take_in([FocalPoint(name="Ada Lovelace", phone=PHONE)]) == 0


def test_a_colleague_who_joined_later_is_given_what_they_may_read(take: Take) -> None:
    code = take(consent=True)
    join("dina")
    with pytest.raises(NotForYou, match="somebody who reads it can give it to you"):
        reads(log_in("dina"), code)
    with transaction() as session:
        report = readers.find(session, staff.find(session, "ada"), code)
        assert [one.login for one in readers.without_seal(session, report)] == ["dina"]
        assert readers.give(session, focal_points.reader("ada"), report) == ["dina"]
        assert readers.give(session, focal_points.reader("ada"), report) == []
    assert reads(log_in("dina"), code) == ["he beats me"]
    assert [(one.actor, one.subject, one.detail) for one in audited("seal_given")] == [("ada", code, {"to": ["dina"]})]


def test_a_colleague_of_another_category_is_given_nothing(take: Take) -> None:
    code, fraud = take(consent=True), take("he sells our soap", ("fraud",), phone="+254722000002")
    join("dina", ["fraud"])
    with transaction() as session:
        assert readers.give_all(session, focal_points.reader("ada")) == 1
        assert [report.reference for report in readers.of_person(session, person("dina").id)] == [fraud]
        with pytest.raises(NotForYou, match="no report with this code"):
            readers.find(session, staff.find(session, "dina"), code)
    with pytest.raises(NotForYou):
        reads(log_in("dina"), code)


def test_nobody_gives_what_they_cannot_read(take: Take) -> None:
    take("he sells our soap", ("fraud",))
    join("dina", ["fraud"])
    with transaction() as session:
        assert readers.give_all(session, focal_points.reader("bea")) == 0
        report = session.scalars(select(Report)).one()
        with pytest.raises(NotForYou):
            readers.give(session, focal_points.reader("bea"), report)


def test_a_stolen_seal_is_no_use_without_the_key_it_was_made_for(take: Take) -> None:
    code = take()
    ada = focal_points.reader("ada")
    with pytest.raises(NotForYou):
        reads(Reader(ada.staff_id, "ada", focal_points.keys("bea").private), code)


def test_words_taken_back_by_a_no_are_closed_until_the_person_says_otherwise(take: Take) -> None:
    from messaging import contacts

    code = take(consent=False)
    with pytest.raises(NotForYou, match="the person said no"):
        focal_points.opens("ada", code)
    focal_points.equip()
    with pytest.raises(NotForYou, match="the person said no"):
        focal_points.opens("ada", code)
    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", "sms", "+254722000001")
        report = session.scalars(select(Report)).one()
        reports.told_more(session, report, ["detention"], contact)
    with pytest.raises(NotForYou, match="the person said no"):
        focal_points.opens("ada", code)
    with transaction() as session:
        contact = contacts.find_or_make(session, "twilio", "sms", "+254722000001")
        reports.settle_consent(session, session.scalars(select(Report)).one(), contact, True, "en")
    assert focal_points.words("ada", code) == ["he beats me"]
