"""What was not understood leaves as lines to label, stripped, of those who agreed; labelled lines become training texts."""

import io
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from console.content import review
from messaging.models import Message
from store.database import reading
from tests.phones import Town

PHONE = "+254722000031"
UNREAD = "zorg blat my number is +254 722 123 456 write me at ada@example.org or 12345678"


def exported() -> list[str]:
    file = io.StringIO()
    review.write(file, 50)
    return file.getvalue().splitlines()[1:]


def test_only_words_of_those_who_agreed_and_without_numbers(town: Town) -> None:
    town.says(PHONE, UNREAD)
    assert exported() == []
    assert review.agree("twilio", "sms", PHONE, True)
    (line,) = exported()
    assert "zorg blat" in line
    assert not any(secret in line for secret in ("722", "ada@", "12345678", PHONE))
    assert review.agree("twilio", "sms", PHONE, False)
    assert exported() == []
    assert not review.agree("twilio", "sms", "+254722999999", True)


def test_deleting_takes_the_agreement_back(town: Town) -> None:
    town.says(PHONE, UNREAD)
    review.agree("twilio", "sms", PHONE, True)
    town.says(PHONE, "delete my data")
    town.says(PHONE, "yes delete everything")
    assert exported() == []
    with reading() as session:  # also the words that asked for it
        assert (
            session.scalars(select(Message.body).where(Message.direction == "in", Message.body.is_not(None))).all()
            == []
        )


def test_labelled_lines_become_training_texts_once(tmp_path: Path) -> None:
    table = "label\tlang\tguess\tconfidence\ttext\nask_food\ten\t\t\twhere they share the maize call 0722123456\n\ten\t\t\tno label\n"
    assert review.take(io.StringIO(table), tmp_path) == review.Imported(1, 1, 0)
    assert review.take(io.StringIO(table), tmp_path) == review.Imported(0, 1, 1)
    (block,) = yaml.safe_load((tmp_path / "en" / review.FILE).read_text())["nlu"]
    assert block["intent"] == "ask_food"
    assert "0722" not in block["examples"]


@pytest.mark.parametrize("line", ["ask_gold\ten\t\t\tx", "ask_food\txx\t\t\tx", "ask_food\ten\t\t\t/x"])
def test_a_bad_line_adds_nothing(line: str, tmp_path: Path) -> None:
    good = "ask_food\ten\t\t\tgood line here"
    with pytest.raises(review.BadLine, match="line 3"):
        review.take(io.StringIO(f"label\tlang\tguess\tconfidence\ttext\n{good}\n{line}\n"), tmp_path)
    assert list(tmp_path.rglob("*.yml")) == []
