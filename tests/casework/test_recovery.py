"""The key on paper: it survives being typed, gives back what a lost password took, and nothing that was refused."""

import re

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from casework import audit, credentials, readers, recovery, sealing, staff
from casework.readers import NotForYou
from casework.recovery import BadKey
from casework.report_models import AuditEntry, RecoveryKey, Report, ReportSeal
from service.cli import main
from store.database import reading, transaction
from tests import focal_points
from tests.casework.conftest import Take

PRIVATE = bytes(range(32))


@pytest.fixture
def paper(database: str) -> str:
    """The recovery key of this deployment, as it was printed."""
    with transaction() as session:
        return recovery.create(session, "boss")[0]


def lose_password(*logins: str) -> None:
    """They forgot it: reset, and a new key under a new password."""
    with transaction() as session:
        for login in logins:
            credentials.invite(session, "boss", staff.find(session, login))
    focal_points.equip(*logins)


def audited(action: str) -> list[tuple[str, str | None, object]]:
    with reading() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id))
        return [(one.actor, one.subject, one.detail) for one in found]


def sawti(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["recovery", *arguments, "--by", "boss"], input=stdin)


def test_on_paper_it_is_three_lines_of_groups_of_four() -> None:
    written = recovery.on_paper(PRIVATE)
    assert [len(line.split()) for line in written.split("\n")] == [6, 6, 6]
    assert re.fullmatch(r"([0-9A-F]{4}[ \n]?){18}", written)


@pytest.mark.parametrize("typed", [str, str.lower, lambda text: text.replace(" ", "-"), lambda text: f"\n {text}.\n"])
def test_typed_from_paper_it_is_the_same_key(typed: object) -> None:
    assert recovery.from_paper(typed(recovery.on_paper(PRIVATE))) == PRIVATE  # type: ignore[operator]


@pytest.mark.parametrize("place", range(0, 72, 7))
def test_one_wrong_letter_is_noticed(place: int) -> None:
    letters = list(recovery.on_paper(PRIVATE).replace(" ", "").replace("\n", ""))
    letters[place] = "0" if letters[place] != "0" else "8"
    with pytest.raises(BadKey, match="a letter is wrong"):
        recovery.from_paper("".join(letters))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "not whole"),
        (recovery.on_paper(PRIVATE)[:-2], "not whole"),
        (recovery.on_paper(PRIVATE)[5:], "not whole"),
        (recovery.on_paper(PRIVATE)[:-1], "only the digits 0-9 and the letters A-F"),
        (recovery.on_paper(PRIVATE).replace("0", "O"), "only the digits 0-9 and the letters A-F"),
    ],
)
def test_what_is_missing_or_misread_is_said(typed: str, told: str) -> None:
    with pytest.raises(BadKey, match=told):
        recovery.from_paper(typed)


def test_the_service_keeps_only_the_public_half(paper: str) -> None:
    private = recovery.from_paper(paper)
    with reading() as session:
        stored = session.scalars(select(RecoveryKey)).one()
        assert stored.public_key == sealing.of_private(private).public
        assert private not in b"".join(session.scalars(select(RecoveryKey.public_key)))
    assert audited("recovery_created") == [("boss", None, {"key": sealing.fingerprint(stored.public_key)})]


def test_it_gives_back_exactly_what_the_person_may_read(paper: str, take: Take) -> None:
    violence, fraud = take(consent=True), take("he sells our soap", ("fraud",), phone="+254722000002")
    lose_password("ada", "bea")
    for login in ("ada", "bea"):
        with pytest.raises(NotForYou):
            focal_points.opens(login, violence)
    assert recovery.share("boss", paper, "bea") == 1
    assert focal_points.words("bea", violence) == ["he beats me"]
    with pytest.raises(NotForYou):
        focal_points.opens("bea", fraud)
    assert recovery.share("boss", paper, "ADA") == 2
    assert focal_points.words("ada", fraud) == ["he sells our soap"]
    assert audited("recovery_used") == [("boss", "bea", {"given": 1}), ("boss", "ada", {"given": 2})]
    assert recovery.share("boss", paper, "ada") == 0, "they have them all"


def test_it_does_not_open_what_the_person_refused(paper: str, take: Take) -> None:
    refused = take(consent=False)
    reported = take("he sells our soap", ("fraud",), consent=False, phone="+254722000002")
    lose_password("ada")
    assert recovery.share("boss", paper, "ada") == 1
    with pytest.raises(NotForYou):
        focal_points.opens("ada", refused)
    assert focal_points.words("ada", reported) == ["he sells our soap"], "which staff must report"


def test_it_gives_nobody_a_report_that_concerns_them(paper: str, take: Take) -> None:
    code = take("bea beats me", ("gbv",), consent=True)
    assert recovery.share("boss", paper, "bea") == 0
    with pytest.raises(NotForYou):
        focal_points.opens("bea", code)


def test_it_gives_nothing_of_what_was_forgotten(paper: str, take: Take) -> None:
    from store.database import now

    take(consent=True)
    lose_password("ada")
    with transaction() as session:
        session.execute(update(Report).values(forgotten_at=now()))
    assert recovery.share("boss", paper, "ada") == 0


def test_a_key_of_somebody_else_is_refused_and_that_it_was_tried_is_kept(paper: str, take: Take) -> None:
    take(consent=True)
    lose_password("ada")
    with pytest.raises(BadKey, match="not a recovery key of this deployment"):
        recovery.share("boss", recovery.on_paper(PRIVATE), "ada")
    assert audited("recovery_refused") == [("boss", "ada", None)]
    assert audited("recovery_used") == [] and audit.verify().broken_at is None


def test_who_has_no_password_yet_must_set_one_first(paper: str) -> None:
    with transaction() as session:
        credentials.invite(session, "boss", staff.find(session, "ada"))
    for login, told in (("ada", "ada has set no password yet"), ("nina", "nobody has the login nina")):
        with pytest.raises(staff.BadStaff, match=told):
            recovery.share("boss", paper, login)


def test_a_new_key_is_for_new_reports_and_the_old_one_opens_the_old(paper: str, take: Take) -> None:
    old = take(consent=True)
    with transaction() as session:
        second, _ = recovery.create(session, "boss")
    new = take("it happened again", consent=True, phone="+254722000002")
    lose_password("ada", "bea")
    assert recovery.share("boss", second, "ada") == 1
    assert focal_points.words("ada", new) == ["it happened again"]
    assert recovery.share("boss", paper, "ada") == 1
    assert focal_points.words("ada", old) == ["he beats me"]


def test_reports_from_before_the_key_are_sealed_to_it_when_a_reader_gives_them(database: str, take: Take) -> None:
    code = take(consent=True)
    with transaction() as session:
        paper, _ = recovery.create(session, "boss")
    for _ in range(2):
        with transaction() as session:
            readers.give_all(session, focal_points.reader("ada"))
    with reading() as session:
        assert len(session.scalars(select(ReportSeal).where(ReportSeal.recovery_id.is_not(None))).all()) == 1
    lose_password("ada", "bea")
    assert recovery.share("boss", paper, "ada") == 1
    assert focal_points.words("ada", code) == ["he beats me"]


def test_the_command_prints_the_key_once_and_takes_it_back(database: str, take: Take) -> None:
    done = sawti("create")
    printed = "\n".join(line for line in done.output.splitlines() if line.startswith("    "))
    assert done.exit_code == 0 and len(recovery.from_paper(printed)) == 32
    assert sealing.fingerprint(sealing.of_private(recovery.from_paper(printed)).public) in done.output
    code = take(consent=True)
    lose_password("ada")
    done = sawti("share", "ada", stdin=printed)
    assert (done.exit_code, done.output) == (0, "1 reports given to ada\n")
    assert focal_points.words("ada", code) == ["he beats me"]


@pytest.mark.parametrize(
    ("login", "typed", "told"),
    [
        ("ada", recovery.on_paper(PRIVATE), "this is not a recovery key of this deployment"),
        ("ada", "what key?", "only the digits 0-9"),
        ("nina", recovery.on_paper(PRIVATE), "nobody has the login nina"),
    ],
)
def test_the_command_says_what_is_wrong(paper: str, login: str, typed: str, told: str) -> None:
    done = sawti("share", login, stdin=typed)
    assert done.exit_code == 1 and told in done.output and "Traceback" not in done.output
