"""What went wrong, or nearly did, with cases: private files, numbers that are no marks, STOP with people, rescue."""

import pytest
from sqlalchemy import select

from casework import answering, reference
from casework.models import Media
from casework.report_models import Report
from messaging.models import Contact, Message
from runtime.words import sentence
from store.database import reading
from tests.phones import Town
from tests.talk import feedback

PHONE = "+254722000001"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def hears(town: Town, text: str, **form: str) -> str:
    return "\n".join(town.says(PHONE, text, **form))


def asked_softly(town: Town, **form: str) -> None:
    """The phone says something of which the present model is not sure whether it is private."""
    from bot.turn import assistant

    doubtful = (
        "something happened with the nurse, I cannot say",
        "he comes to my tent at night",
        "someone told me not to speak about it",
        "I do not feel safe at home",
    )
    text = next(text for text in doubtful if assistant().understanding.read(text)["ask_softly"])
    assert sentence("ask_private", "en") in hears(town, text, **form)


def picture(town: Town) -> dict[str, str]:
    return {"NumMedia": "1", "MediaUrl0": f"{town.api.url}/media/picture", "MediaContentType0": "image/jpeg"}


def test_pictures_of_a_private_talk_are_the_reports(town: Town) -> None:
    hears(town, "my husband beats me every night")
    hears(town, "1", **picture(town))
    hears(town, "where is the police station?", **picture(town))
    assert feedback() == []
    with reading() as session:
        report = session.scalars(select(Report)).one()
        assert [(one.message_id, one.report_id) for one in session.scalars(select(Media))] == [(None, report.id)] * 2
        assert "where is the police station?" not in session.scalars(select(Message.body)).all()


def test_a_picture_with_doubtful_words_waits_for_the_answer(town: Town) -> None:
    asked_softly(town, **picture(town))
    assert feedback() == []
    hears(town, "1")
    assert feedback() == []
    with reading() as session:
        assert [one.message_id for one in session.scalars(select(Media))] == [None]


def closed(town: Town) -> str:
    code = reference.find(hears(town, "the water truck came three days late"))
    assert code is not None
    answering.close(code, "done", "The tank was cleaned on Monday", "Ada")
    town.work()
    return code


@pytest.mark.parametrize("text", ["3 days without water in block B", "2 children are sick, where is a doctor?"])
def test_words_that_begin_with_a_number_are_no_mark_later(town: Town, text: str) -> None:
    closed(town)
    hears(town, "hello")
    hears(town, text)
    assert feedback()[0].mark is None and feedback()[0].state == "closed"


def test_a_number_for_people_is_theirs(town: Town) -> None:
    closed(town)
    assert reference.find(hears(town, "I want to talk to a person"))
    assert hears(town, "2") == ""
    assert feedback()[0].mark is None


def test_a_mark_for_a_case_that_is_open_again_is_no_new_complaint(town: Town) -> None:
    code = closed(town)
    answering.reopen(code, "it broke again", "Ada")
    hears(town, "1")
    assert [(one.mark, one.state) for one in feedback()] == [(1, "reopened")]


def test_who_said_stop_and_asks_for_a_person_gets_the_answer(town: Town) -> None:
    hears(town, "STOP")
    code = reference.find(hears(town, "I want to talk to a person"))
    assert code is not None
    assert answering.answer(code, "Good morning, this is Ada.", "Ada") is None
    town.work()
    assert town.api.bodies(PHONE)[-1] == "Good morning, this is Ada."


def test_stop_ends_the_talk_with_people_and_what_was_allowed(town: Town) -> None:
    code = reference.find(hears(town, "I want to talk to a person"))
    assert code is not None
    hears(town, "STOP")
    assert hears(town, "where is the clinic") != ""
    assert answering.answer(code, "Good morning, this is Ada.", "Ada") is not None


def test_closing_gives_the_talk_back(town: Town) -> None:
    code = reference.find(hears(town, "I want to talk to a person"))
    assert code is not None
    answering.close(code, "done", "The card was replaced today", "Ada")
    town.work()
    assert hears(town, "where is the clinic") != ""


def test_what_is_said_after_pass_on_is_heard_by_the_assistant(town: Town) -> None:
    code = reference.find(hears(town, "I want to talk to a person"))
    assert code is not None
    answering.pass_on(code, ["sea"], "Ada")
    assert hears(town, "hello") != ""
    with reading() as session:
        assert session.scalars(select(Contact.with_people_until)).all().count(None) >= 1


def test_a_stop_at_which_the_assistant_fails_is_a_stop(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import turn

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(turn, "_answer", fails)
    monkeypatch.setattr(turn, "MOST_ATTEMPTS", 0)
    hears(town, "STOP")
    assert feedback() == []
    with reading() as session:
        assert session.scalars(select(Contact.opted_out_at)).one() is not None


def test_a_yes_seals_what_it_answers_and_itself(town: Town) -> None:
    asked_softly(town)
    hears(town, "1")
    with reading() as session:
        assert [one for one in session.scalars(select(Message.body).where(Message.direction == "in")) if one] == []
