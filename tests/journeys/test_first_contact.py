"""First contact, in every language: who we are and what is kept, in two short messages; what was told is recorded."""

import pytest
from sqlalchemy import select

from messaging import segments
from messaging.models import Contact
from runtime import taxonomy
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import reading
from tests.phones import Town
from tests.talk import Talk

LANGUAGES = tuple(taxonomy.languages())
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PHONE = "+254722000001"


def contact() -> Contact:
    with reading() as session:
        return session.scalars(select(Contact)).one()


def told(channel: str, language: str) -> str:
    days = deployment().promises.retention.longest_days
    return f"{sentence('introduction_data', language, days=days)} {sentence(f'introduction_{channel}', language)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_short_messages_say_who_we_are_and_what_is_kept(town: Town, language: str) -> None:
    first, second = town.says(PHONE, taxonomy.languages()[language])
    assert first.startswith(sentence("introduction", language, organisation=deployment().organisation))
    assert second == told("sms", language)
    assert segments.count(second).segments <= (2 if segments.count(second).encoding == "gsm7" else 5)
    assert len(town.says(PHONE, taxonomy.languages()[language])) == 1  # once


def test_whatsapp_hears_another_text(town: Town) -> None:
    _, second = town.says(f"whatsapp:{PHONE}", "English")
    assert second == told("whatsapp", "en") != told("sms", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_which_notice_was_given_and_that_they_wrote_on_is_recorded(town: Town, language: str) -> None:
    town.says(PHONE, taxonomy.languages()[language])
    assert (contact().informed, contact().agreed_at) == (f"1/{language}/sms", None)
    town.says(PHONE, taxonomy.languages()[language])
    assert contact().agreed_at is not None


def test_who_answers_the_notice_with_stop_has_not_agreed(town: Town) -> None:
    town.says(PHONE, "English")
    town.says(PHONE, "STOP")
    assert contact().agreed_at is None


def test_a_stop_as_the_first_word_brings_no_notice(town: Town) -> None:
    assert len(town.says(PHONE, "STOP")) == 1
    assert contact().informed is None


def test_a_disclosure_as_the_first_word_is_not_followed_by_notices(town: Town) -> None:
    heard = "\n".join(town.says(PHONE, "my husband beats me every night"))
    assert sentence("private_sorry", "en") in heard
    assert sentence("introduction_sms", "en") not in heard and "STOP" not in heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_deleting_says_that_private_reports_are_kept_apart(town: Town, language: str) -> None:
    talk = Talk(town, language, {})
    assert talk.sentence("forget_ask") in talk.says(talk.sentence("keyword_delete"))
