"""Files from strangers: fetched with our credentials from Twilio alone, known by their first bytes, kept encrypted."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import undefer

from casework import media, reports
from casework.models import Feedback, Media
from console.inbox import desk
from messaging.inbound import Extras
from messaging.models import Contact, Message
from store.database import engine, now, reading, transaction
from tests.casework.conftest import Give
from tests.standins.twilio_api import TwilioAPI


def want(give: Give, *sources: tuple[str, str]) -> tuple[str, int]:
    code = give()
    with transaction() as session:
        number = session.scalars(select(Feedback.message_id).where(Feedback.reference == code)).one()
        assert number is not None
        media.want(session, number, Extras(len(sources), sources=sources))
        media.want(session, number, Extras(len(sources), sources=sources))
    return code, number


def states() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Media.state).order_by(Media.id)))


@pytest.mark.parametrize(
    ("name", "claimed", "state"),
    [
        ("voice", "audio/ogg", "kept"),
        ("picture", "image/jpeg", "kept"),
        ("moved", "audio/ogg", "kept"),
        ("program", "image/jpeg", "refused"),  # whatever it is called
        ("page", "application/pdf", "refused"),
        ("big", "image/jpeg", "refused"),
        ("nothing", "image/jpeg", "gone"),
    ],
)
def test_each_file(twilio_api: TwilioAPI, give: Give, name: str, claimed: str, state: str) -> None:
    want(give, (f"{twilio_api.url}/media/{name}", claimed))
    (number,) = media.waiting()
    assert media.fetch(number) == (state == "kept")
    assert media.fetch(number) is False  # a second hand finds nothing to do
    assert states() == [state]
    with reading() as session:
        told = session.scalars(select(Message.kind).where(Message.direction == "out")).all()
    assert told == ([] if state == "kept" else ["notice"])


def test_nothing_is_fetched_from_elsewhere(twilio_api: TwilioAPI, give: Give) -> None:
    for url in ("http://169.254.169.254/latest", "https://api.twilio.com.evil.example/x", "file:///etc/passwd"):
        want(give, (url, "image/jpeg"))
    for number in media.waiting():
        assert media.fetch(number) is False
    assert set(states()) == {"gone"}


def test_content_is_ciphertext_and_staff_open_only_their_case(twilio_api: TwilioAPI, give: Give) -> None:
    code, _ = want(give, (f"{twilio_api.url}/media/picture", "image/jpeg"))
    other = give("another", phone="+254722000002")
    (number,) = media.waiting()
    media.fetch(number)
    with engine().connect() as connection:
        assert b"JFIF" not in bytes(connection.execute(text("select content from media")).scalar_one())
    found = desk.file_of(code, number)
    assert found is not None and found[0] == "image/jpeg" and b"JFIF" in found[1]
    assert desk.file_of(other, number) is None


def test_twilio_in_trouble_is_asked_again_later(
    twilio_api: TwilioAPI, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    from messaging.providers import Throttled

    want(give, (f"{twilio_api.url}/media/picture", "image/jpeg"))
    (number,) = media.waiting()

    def fails(source: str, limit: int) -> bytes:
        raise Throttled("503")

    monkeypatch.setattr(media, "media_of", fails)
    assert media.fetch(number) is False
    assert states() == ["waiting"] and media.waiting() == []
    monkeypatch.undo()
    monkeypatch.setattr(media, "now", lambda: now() + timedelta(hours=1))
    assert media.fetch(number) is True


def test_files_of_a_private_report_lead_from_no_message(twilio_api: TwilioAPI, give: Give) -> None:
    code, number = want(give, (f"{twilio_api.url}/media/picture", "image/jpeg"))
    media.fetch(media.waiting()[0])
    with transaction() as session:
        contact = session.scalars(select(Contact)).one()
        reports.open_report(session, contact, [number], ["sea"], "en")
    with reading() as session:
        (kept,) = session.scalars(select(Media).options(undefer(Media.content))).all()
    assert kept.message_id is None and kept.report_id is not None and kept.content is not None
    assert desk.file_of(code, kept.id) is None


def test_a_private_file_that_is_refused_is_not_spoken_of(twilio_api: TwilioAPI, give: Give) -> None:
    _, number = want(give, (f"{twilio_api.url}/media/program", "image/jpeg"))
    with transaction() as session:
        reports.open_report(session, session.scalars(select(Contact)).one(), [number], ["sea"], "en")
        session.execute(update(Message).where(Message.direction == "out").values(state="sent"))
    media.fetch(media.waiting()[0])
    assert states() == ["refused"]
    with reading() as session:
        assert session.scalars(select(Message.kind).where(Message.direction == "out")).all() == ["alert"]
