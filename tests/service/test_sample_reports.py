"""The demonstration's invented reports: sealed as real ones, marked, made once, and nobody is called about old ones."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework import readers
from casework.report_models import Alert, Report
from directory import importing
from messaging.models import Message
from runtime.settings import ROOT
from service import sample_reports
from store.database import now, reading
from tests.focal_points import opens, reader

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ABLE = "ada"
"""Of tests/deployment.yml, for all sites and categories."""


@pytest.fixture
def made(database: str) -> list[Report]:
    """The samples, oldest first."""
    assert sample_reports.prepare() is None  # these are not the places that they speak of
    importing.apply("sample.csv", importing.plan(importing.open_file(ROOT / "data" / "directory" / "sample.csv")))
    assert sample_reports.prepare() is not None
    with reading() as session:
        return list(session.scalars(select(Report).order_by(Report.id)))


def test_one_waits_two_are_in_work_two_are_closed(made: list[Report]) -> None:
    assert [report.state for report in made] == ["closed", "closed", "open", "open", "open"]
    assert [report.taken_at is None for report in made] == [False, False, False, False, True]
    assert made[0].created_at < now() - timedelta(days=20) and made[-1].created_at > now() - timedelta(hours=1)


def test_each_says_that_it_is_a_sample_to_who_opens_it(made: list[Report]) -> None:
    with reading() as session:
        able = {report.reference for report in readers.of_person(session, reader(ABLE).staff_id)}
    assert able
    for reference in able:
        notes = [piece.data["text"] for piece in opens(ABLE, reference).pieces if piece.kind == "note"]
        assert notes[0].startswith("Sample:")


def test_the_words_stand_nowhere_but_in_the_seal(made: list[Report]) -> None:
    with reading() as session:
        heard = session.scalars(select(Message).where(Message.direction == "in")).all()
    assert len(heard) == len(made) and not [message for message in heard if message.body or message.extras]


def test_only_the_one_that_waits_calls_anybody(made: list[Report]) -> None:
    with reading() as session:
        pending = session.scalars(
            select(Alert.report_id).join(Message, Message.id == Alert.message_id).where(Message.state != "delivered")
        ).all()
    assert set(pending) == {made[-1].id} and [report.escalate_at is None for report in made[:-1]] == [True] * 4


def test_they_are_made_once(made: list[Report]) -> None:
    assert sample_reports.prepare() is None
