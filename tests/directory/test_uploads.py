"""A file waits for a second person on both databases, and does what was shown or nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from directory import importing, search, uploads
from directory.models import DirectoryUpload
from store.database import now, reading, transaction

FILE = b"code,organisation,service,topic,place\nc1,Aid,Clinic,health,Riverside\n"


def keep(content: bytes = FILE, author: str = "ed") -> int:
    with transaction() as session:
        return uploads.keep(session, "a.csv", content, False, author).id


def confirm(number: int, shown: str | None = None) -> None:
    with transaction() as session:
        plan = uploads.plan(session, uploads.find(session, number))
        uploads.confirm(session, number, "fin", shown or uploads.fingerprint(plan))
    search.forget()


def test_it_comes_in_once(database: str) -> None:
    number = keep()
    assert importing.is_empty()
    confirm(number)
    assert [row["code"] for row in importing.all_rows()] == ["c1"]
    with pytest.raises(uploads.NotWaiting):
        confirm(number)
    with reading() as session:
        assert uploads.waiting(session) == []


def test_what_was_not_shown_is_not_done(database: str) -> None:
    with pytest.raises(uploads.Changed):
        confirm(keep(), "another plan")
    assert importing.is_empty()


def test_who_waits_longer_than_a_day_waits_in_vain(database: str) -> None:
    number = keep()
    assert uploads.forget_old() == 0
    with transaction() as session:
        session.execute(update(DirectoryUpload).values(created_at=now() - uploads.KEPT - timedelta(seconds=1)))
    with pytest.raises(uploads.NotWaiting), transaction() as session:
        uploads.decline(session, number, "fin")
    assert uploads.forget_old() == 1
    with reading() as session:
        kept = session.get(DirectoryUpload, number)
        assert kept is not None and (kept.content, kept.state) == (None, "expired")
