"""A disclosure is not lost in the small talk about places and follow-ups, whatever stands around it."""

import pytest
from sqlalchemy import func, select

from casework.report_models import Report
from directory import importing
from messaging.models import Contact, Message
from runtime.words import sentence
from store.database import reading
from tests.phones import Town

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""One kind is enough here: the other journeys run on both."""
PHONE = "+254722000055"


def _reports() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Report)) or 0


def _says(town: Town, text: str) -> str:
    return "\n".join(town.says(PHONE, text))


def _noticed(heard: str) -> bool:
    """Acted on, or asked about, in any of the languages of these texts."""
    asked = [sentence("ask_private", language) for language in ("en", "es", "fr", "ar", "uk", "sw", "pt")]
    return _reports() > 0 or any(question in heard for question in asked)


@pytest.mark.parametrize(
    "text",
    [
        "raped in Riverside",
        "suicide in Riverside",
        "violada en Riverside",
        "violée à Riverside",
        "اغتصبني ريفرسايد",
        "мене зґвалтували Riverside",
        "nataka kujiua Riverside",
        "my husband beats me every night in Riverside",
    ],
)
def test_with_the_name_of_a_place_while_a_place_is_awaited(stocked: Town, text: str) -> None:
    _says(stocked, "hello")
    assert sentence("ask_place", "en") in _says(stocked, "where can I get food")
    heard = _says(stocked, text)
    assert _noticed(heard), heard
    assert "Distribution Point" not in heard


@pytest.mark.parametrize(
    "text",
    [
        "He did it again last night and I am hurt. Where can I get food? Where is the clinic?",
        "I need a doctor. my uncle comes to my bed at night.",
        "when is food distribution and my husband beats me at home",
    ],
)
def test_beside_a_question(stocked: Town, text: str) -> None:
    heard = _says(stocked, text)
    assert _noticed(heard), heard


@pytest.mark.parametrize(
    "text", ["my son killed", "my son beaten", "my daughter forced", "my baby dead", "speak to a woman"]
)
def test_a_short_word_on_a_child_is_no_follow_up(stocked: Town, text: str) -> None:
    _says(stocked, "where can I get food for my family")
    heard = _says(stocked, text)
    assert sentence("child_answer", "en") not in heard
    assert "Distribution Point" not in heard


def test_after_a_report_a_place_belongs_to_it(stocked: Town) -> None:
    _says(stocked, "I am ill, I need a doctor")
    _says(stocked, "where?")
    _says(stocked, "my husband beats me every night")
    _says(stocked, "yes")
    _says(stocked, "any time")
    heard = _says(stocked, "he lives Riverside")
    assert "Health Post" not in heard
    with reading() as session:
        assert session.scalars(select(Contact.place).where(Contact.address_hash.is_not(None))).first() is None
        assert not [m for m in session.scalars(select(Message)) if m.body and "lives Riverside" in m.body]


def test_the_question_for_a_place_is_asked_of_the_next_message_only(stocked: Town) -> None:
    assert sentence("ask_place", "en") in _says(stocked, "where can I get food")
    _says(stocked, "the guard is very kind thank you")
    heard = _says(stocked, "suicide in Riverside")
    assert _noticed(heard), heard


def test_a_refuge_is_told_by_town_and_telephone_only(stocked: Town) -> None:
    from directory.rows import read

    row = {
        "organisation": "Aid", "service": "Refuge", "topic": "gender_based_violence", "place": "Lakeview", "code": "r",
        "address": "7 Hidden Lane", "directions": "behind the church", "phone": "+254 20 5550123",
    }  # fmt: skip
    importing.apply("r.csv", importing.plan(read([(2, row)], "KE")))
    heard = _says(stocked, "where is a safe place for women in Lakeview after violence")
    assert "Hidden Lane" not in heard
    assert "church" not in heard


def test_after_delete_more_brings_nothing_of_before(stocked: Town) -> None:
    _says(stocked, "what help is there after violence against women")
    _says(stocked, "DELETE")
    assert sentence("forgotten", "en") in _says(stocked, "1")
    assert sentence("menu", "en") in _says(stocked, "MORE")


def test_my_data_does_not_name_the_place(stocked: Town) -> None:
    assert "Health Post" in _says(stocked, "clinic in Riverside")
    assert "Riverside" not in _says(stocked, "my data")


def test_the_emergency_number_is_told(stocked: Town) -> None:
    assert "999" in _says(stocked, "my son has fever and cough, can we see a doctor")


def test_the_name_of_a_place_changes_no_language(stocked: Town) -> None:
    _says(stocked, "hola, mi hijo tiene fiebre")
    assert sentence("ask_place", "es") in _says(stocked, "dónde hay un doctor")
    heard = _says(stocked, "Riverside")
    assert "River Health Post" in heard
    assert sentence("service_free", "es") in heard
    assert "River Health Post" in _says(stocked, "Riverside")  # alone it is about what was talked of


@pytest.mark.parametrize("code", ["3HX9-X", "7HTC-9", "K7Q4-X"])
def test_a_code_changes_no_language(stocked: Town, code: str) -> None:
    from bot.spoken import Spoken

    with reading() as session:
        contact = Contact(id=1, provider="twilio", channel="sms", address=PHONE, language="en")
        spoken = Spoken.of(Message(id=1, body=f"status {code}", extras=None), contact)
        session.rollback()
    assert spoken.reply_in == "en"


def test_a_place_alone_is_remembered(stocked: Town) -> None:
    heard = _says(stocked, "Riverside")
    assert sentence("place_kept", "en", place="Riverside") in heard
    assert "Food Distribution Point" in _says(stocked, "where can I get food")


def test_a_shared_location_finds_what_is_near(stocked: Town) -> None:
    _says(stocked, "I am ill, I need a doctor")
    heard = "\n".join(stocked.says(PHONE, "", Latitude="-1.29", Longitude="36.82"))
    assert "River Health Post" in heard
    heard = "\n".join(stocked.says(PHONE, "", Latitude="-1.11", Longitude="36.66"))
    assert "Hilltown Hospital" in heard
