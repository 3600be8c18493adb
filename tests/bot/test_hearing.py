"""Numbers, words and commands that need no model."""

import pytest

from bot.hearing import chosen, command, language_named, number_in

NUMBERS = [
    ("2", 2), ("٢", 2), ("۲", 2), ("፪", 2), ("２", 2), ("2️⃣", 2), ("②", 2), (" 2. ", 2), ("(2)", 2), ("no 2", 2), ("no. 2", 2),
    ("12", 12), ("١٢", 12), ("፲፪", 12), ("0", 0), ("123", None), ("2 a", None), ("hello", None), ("", None), ("2 bags of rice", None), ("½", None),
]  # fmt: skip
MENU = [["ask_health", "Health"], ["ask_food", "Food"], ["change_language:ar", "العربية"]]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_numbers_in_any_script(text: str, number: int | None) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("text", "payload"),
    [("1", "ask_health"), ("food!", "ask_food"), ("العربيه", "change_language:ar"), ("العربية", "change_language:ar"), ("9", "menu"), ("I need food", None)],
)  # fmt: skip
def test_a_choice_by_number_or_words(text: str, payload: str | None) -> None:
    assert chosen(text, MENU) == payload


def test_without_a_menu_nothing_is_chosen() -> None:
    assert chosen("1", None) is None


COMMANDS = [
    ("stop", "opt_out", None), ("Arrêt", "opt_out", None), ("¡ALTO!", "opt_out", None), ("توقّف", "opt_out", None), ("START", "opt_in", None),
    ("ابدأ", "opt_in", None), ("Menu", "menu", None), ("PLUS", "more", None), ("MÁS", "more", None), ("المزيد", "more", None),
    ("English", "change_language", "en"), ("français", "change_language", "fr"), ("ESPANOL", "change_language", "es"), ("عربي", "change_language", "ar"),
    ("estado", "check_status", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "intent", "value"), COMMANDS)
def test_commands(text: str, intent: str, value: str | None) -> None:
    heard = command(text)
    assert heard is not None and (heard.intent, heard.value) == (intent, value)


@pytest.mark.parametrize(
    "text", ["please stop the fighting", "no", "I speak english a little", "more water please", ""]
)
def test_no_commands(text: str) -> None:
    assert command(text) is None


def test_a_language_named_in_a_wish() -> None:
    assert language_named("can you write to me in french please") == "fr"
    assert language_named("hablas español?") == "es"


def test_no_line_of_a_disclosure_is_taken_for_a_command() -> None:
    import yaml

    from runtime.settings import ROOT

    lines = [line for file in (ROOT / "data/nlu").glob("*/disclosures.yml") for block in yaml.safe_load(file.read_text())["nlu"]
             if block["intent"] == "report_privately" for line in block["examples"].splitlines()]  # fmt: skip
    phrases = [str(phrase) for file in (ROOT / "data/safeguarding").glob("*.yml")
               for levels in yaml.safe_load(file.read_text())["categories"].values() for phrase in levels.get("act") or ()]  # fmt: skip
    assert len(lines) > 300 and len(phrases) > 500
    assert [text for text in [*lines, *phrases, "me matan", "on m'a menacé"] if command(text.removeprefix("- "))] == []


@pytest.mark.parametrize("text", ["K7Q4-T", "status K7Q4-T", "k7q4t", "STATUS: K7Q4 T", "حالة K7Q4-T"])
def test_a_code_alone_asks_for_the_status(text: str) -> None:
    from casework.reference import ALPHABET, make

    code = make(lambda _, letters=iter("K7Q4"): next(letters))
    assert set(code) - {"-"} <= set(ALPHABET)
    heard = command(
        text.replace("K7Q4-T", code)
        .replace("k7q4t", code.replace("-", "").lower())
        .replace("K7Q4 T", code.replace("-", " "))
    )
    assert heard is not None and heard.intent == "check_status"
