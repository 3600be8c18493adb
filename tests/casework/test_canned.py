"""Ready-made answers: in every language, short, and without a gap that nobody fills."""

import re

import pytest

from casework import canned
from casework.canned import BadCanned
from messaging import segments
from runtime import taxonomy
from runtime.deployment import deployment
from store.database import reading, transaction

ENGLISH = canned.ready_made("en")


@pytest.mark.parametrize("language", sorted(taxonomy.languages()))
def test_ours_say_the_same_in_every_language_and_are_short(language: str) -> None:
    ours = canned.ready_made(language)
    assert list(ours) == list(ENGLISH)
    for key, answer in ours.items():
        english = ENGLISH[key]["text"]
        assert set(re.findall(r"{\w+}", answer["text"])) == set(re.findall(r"{\w+}", english)), key
        assert (canned.GAP in answer["text"]) == (canned.GAP in english), key
        told = answer["text"].replace("{reference}", "K7Q4-X").replace("{organisation}", "Riverside Aid")
        assert segments.count(told).segments <= (3 if canned.GAP in told else 2), key
        assert "…" not in told and "  " not in told


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_ours_have_names_in_every_language_of_the_console(language: str) -> None:
    assert all(answer["name"] for answer in canned.ready_made(language).values())


def test_there_are_none_of_a_language_that_nobody_has() -> None:
    assert canned.ready_made("xx") == canned.ready_made("../en") == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_person_is_offered_their_own_language_and_else_english(database: str) -> None:
    with transaction() as session:
        canned.save(session, "dora", "Fixed", "en", "It is fixed: {reference}, {organisation}")
        canned.save(session, "dora", "Fixed", "so", "Waa la hagaajiyey: {reference}")
        canned.save(session, "dora", "Thanks", "en", "Thank you")
        canned.save(session, "dora", "Merci", "fr", "Merci")
    with reading() as session:
        found = {one.name: (one.language, one.text) for one in canned.offered(session, "so", "K7Q4-X")}
        english = {one.name: one.text for one in canned.offered(session, None, "K7Q4-X")}
    assert found == {"Fixed": ("so", "Waa la hagaajiyey: K7Q4-X"), "Thanks": ("en", "Thank you")}
    assert english["Fixed"] == f"It is fixed: K7Q4-X, {deployment().organisation}"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_ours_are_taken_in_once_under_names_that_the_reader_understands(database: str) -> None:
    with transaction() as session:
        made = canned.take_in(session, "dora", named_in="fr")
        assert canned.take_in(session, "dora") == 0
        every = canned.every(session)
    assert made == len(every) == len(ENGLISH) * len(set(deployment().languages) | {"en"})
    assert {one.name for one in every} == {answer["name"] for answer in canned.ready_made("fr").values()}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("", "en", "x"),
        ("x" * 61, "en", "x"),
        ("a\x00b", "en", "x"),
        ("x", "xx", "x"),
        ("x", "en", " "),
        ("x", "en", "x" * 1601),
        ("x", "en", "x\x00"),
        ("x", "en", "{number}"),
        ("x", "en", "x}"),
        ("Taken", "en", "x"),
    ],
)
def test_what_cannot_be_kept_is_refused(database: str, name: str, language: str, text: str) -> None:
    with transaction() as session:
        canned.save(session, "dora", "Taken", "en", "there already")
    with transaction() as session, pytest.raises(BadCanned):
        canned.save(session, "dora", name, language, text)
    with reading() as session:
        assert [one.text for one in canned.every(session)] == ["there already"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_words_of_persian_with_their_hidden_joints_are_kept(database: str) -> None:
    with transaction() as session:
        assert canned.save(session, "dora", "می‌رود", "fa", "می‌رود\nو").text == "می‌رود\nو"
