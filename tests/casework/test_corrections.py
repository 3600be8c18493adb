"""Staff's words win over a page's file at once; doubts are told; nothing of the history is lost."""

import pytest

from casework import corrections
from runtime import pages
from store.database import reading
from tests.phones import Town

PHONE = "+254722000088"


def test_a_correction_is_answered_with_and_can_be_withdrawn(town: Town) -> None:
    page = pages.page("food", "en")
    assert page is not None
    corrections.replace("food", "en", "short", "Food is given at the new hall.", "Ada", "moved")
    assert "Food is given at the new hall." in "\n".join(town.says(PHONE, "where can I get food for my family"))
    corrections.replace("food", "en", "short", "Food is given at the old hall.", "Bea", "moved back")
    heard = "\n".join(town.says("+254722000089", "where can I get food for my family"))
    assert "old hall" in heard
    assert corrections.withdraw("food", "en") == 1
    heard = "\n".join(town.says("+254722000090", "where can I get food for my family"))
    assert page.parts["short"][:40] in heard
    with reading() as session:
        told = corrections.history(session, "food", "en")
    assert [(item.author, item.ended_at is None) for item in told] == [("Ada", False), ("Bea", False)]


def test_a_doubt_is_told_to_who_asks(town: Town) -> None:
    corrections.doubt("food", "en", "Ada", "the hours changed")
    assert "we are checking it" in "\n".join(town.says(PHONE, "where can I get food for my family"))


@pytest.mark.parametrize(("topic", "part"), [("football", "short"), ("food", "shorter")])
def test_no_such_page_or_part(database: str, topic: str, part: str) -> None:
    with pytest.raises(corrections.NoSuchPage):
        corrections.replace(topic, "en", part, "words", "Ada")


@pytest.mark.parametrize("text", ["", "food " * 80, "Dear {name}"])
def test_words_that_cannot_stand(database: str, text: str) -> None:
    with pytest.raises(corrections.BadWords):
        corrections.replace("food", "en", "short", text, "Ada")


def test_a_corrected_english_page_makes_its_translations_doubtful(database: str) -> None:
    corrections.replace("food", "en", "short", "Food is given at the new hall.", "Ada", "moved")
    with reading() as session:
        assert corrections.of(session, "food", "so").doubted
        assert not corrections.of(session, "food", "en").doubted
