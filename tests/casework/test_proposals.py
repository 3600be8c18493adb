"""A proposal becomes the page's words by the hand of a second person, over the words that it was written for, once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from casework import corrections, proposals
from casework.corrections import state_of
from runtime import pages
from store.database import reading, transaction

NEW = "Food is given at the new hall."


def present(part: str = "short", language: str = "en") -> str:
    with reading() as session:
        found = corrections.page(session, "food", language)
    assert found is not None
    return corrections.words_of(found, part)


def propose(text: str = NEW, author: str = "ed", part: str = "short", base: str | None = None) -> int:
    with transaction() as session:
        over = base if base is not None else state_of(present(part))
        return proposals.propose(session, "food", "en", part, text, author, over).id


def approve(number: int, by: str = "fin") -> None:
    with transaction() as session:
        proposals.approve(session, number, by)


def test_until_it_is_approved_nothing_changes(database: str) -> None:
    before = present()
    number = propose()
    assert present() == before
    approve(number)
    assert present() == NEW
    with reading() as session:
        made = corrections.history(session, "food", "en")[0]
    assert (made.kind, made.author, made.decided_by, made.decision) == ("text", "ed", "fin", "approved")


def test_who_wrote_it_neither_approves_nor_declines_it(database: str) -> None:
    number = propose()
    for decide in (proposals.approve, lambda session, one, by: proposals.decline(session, one, by, "no")):
        with pytest.raises(proposals.OwnProposal), transaction() as session:
            decide(session, number, "ed")
    with pytest.raises(proposals.NotOwn), transaction() as session:
        proposals.take_back(session, number, "fin")


def test_words_that_changed_meanwhile_are_not_written_over(database: str) -> None:
    with pytest.raises(proposals.Stale):
        propose(base=state_of("other words"))
    number = propose()
    corrections.replace("food", "en", "short", "Food is given at the old hall.", "Ada")
    with pytest.raises(proposals.Stale):
        approve(number)
    assert present() == "Food is given at the old hall."


def test_what_changes_nothing_or_cannot_stand_is_not_kept(database: str) -> None:
    with pytest.raises(proposals.Unchanged):
        propose(present())
    for text, part in (("", "short"), ("food " * 90, "short"), ("x" * 25, "title"), ("two\nlines", "title")):
        with pytest.raises(corrections.BadWords):
            propose(text, part=part)
    with pytest.raises(corrections.NoSuchPage):
        propose(part="football", base="")
    with reading() as session:
        assert proposals.waiting(session) == []


@pytest.mark.parametrize("decide", ["approve", "decline", "take_back"])
def test_what_was_decided_is_decided(database: str, decide: str) -> None:
    number = propose()
    with transaction() as session:
        if decide == "approve":
            proposals.approve(session, number, "fin")
        elif decide == "decline":
            proposals.decline(session, number, "fin", "no")
        else:
            proposals.take_back(session, number, "ed")
    for again in (
        lambda session: proposals.approve(session, number, "fin"),
        lambda session: proposals.decline(session, number, "fin", "no"),
        lambda session: proposals.take_back(session, number, "ed"),
    ):
        with pytest.raises(proposals.NotWaiting), transaction() as session:
            again(session)


def test_a_doubt_and_a_check_are_no_proposals(database: str) -> None:
    corrections.doubt("food", "en", "Ada", "old")
    with reading() as session:
        number = corrections.history(session, "food", "en")[0].id
    for number in (number, 99999):
        with pytest.raises(proposals.NotWaiting):
            approve(number)


def test_two_people_who_approve_two_proposals_at_once_put_one_in_force(database: str) -> None:
    first, second = propose("Food is here."), propose("Food is there.", author="gil")

    def attempt(number: int) -> bool:
        try:
            approve(number)
        except proposals.Stale:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, (first, second))) == [False, True]
    with reading() as session:
        open_ones = [one for one in corrections.history(session, "food", "en") if one.ended_at is None]
    assert sorted(one.kind for one in open_ones) == ["proposal", "text"]


def test_a_title_is_corrected_without_doubts(database: str) -> None:
    corrections.forget()
    approve(propose("Food and meals", part="title"))
    corrections.forget()
    assert corrections.title("food", "en") == "Food and meals" and present("title") == "Food and meals"
    with reading() as session:
        assert not corrections.of(session, "food", "so").doubted
    corrections.withdraw("food", "en")
    assert corrections.title("food", "en") is None and present("title") == "Food"


def test_a_check_holds_while_neither_the_page_nor_the_english_one_changes(database: str) -> None:
    with reading() as session:
        found, source = corrections.page(session, "food", "so"), corrections.page(session, "food", pages.SOURCE)
    assert found is not None
    state = corrections.state_of_page(found, source)
    corrections.doubt("food", "so", "Ada", "old")
    with transaction() as session:
        proposals.mark_checked(session, "food", "so", "ed", state)
    with reading() as session:
        assert not corrections.of(session, "food", "so").doubted
    corrections.replace("food", "en", "steps", "- Ask.", "Ada")
    with pytest.raises(proposals.Stale), transaction() as session:
        proposals.mark_checked(session, "food", "so", "ed", state)
