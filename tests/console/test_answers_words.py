"""What stands behind the pages on answers, without them: what changed, where an SMS is cut, what is typed."""

import pytest

from console.content import catalogues, differences, drafts, preview
from messaging import segments
from runtime import pages


def test_what_changed_is_told_word_by_word() -> None:
    pieces = differences.words("Food is here now", "Food is there now")
    assert pieces == [("same", "Food is "), ("gone", "here"), ("new", "there"), ("same", " now")]
    assert differences.words("", "new") == [("new", "new")] and differences.words("a", "a") == [("same", "a")]
    for old, new in (("a  b\nc", "c b  a"), ("الغذاء حق", "حق الغذاء للجميع")):
        pieces = differences.words(old, new)
        assert "".join(text for kind, text in pieces if kind != "new") == old
        assert "".join(text for kind, text in pieces if kind != "gone") == new


@pytest.mark.parametrize("text", ["a" * 160, "a" * 161, "€" * 100, "ا" * 70, "ا" * 135, "a" * 152 + "€" * 3, "😀" * 36])
def test_segments_hold_the_whole_text_and_are_as_many_as_are_counted(text: str) -> None:
    pieces = segments.segments(text)
    assert "".join(pieces) == text and len(pieces) == segments.count(text).segments
    assert all(segments.count(piece).segments == 1 for piece in pieces)


def test_characters_that_nobody_sees_are_left_out_and_joiners_kept() -> None:
    assert drafts.cleaned("a\x00b\x1b[1m\r\nc\ud800") == "ab[1m\nc"
    assert drafts.cleaned("می\u200cشود") == "می\u200cشود"


def test_the_sentences_of_these_pages_are_found_for_the_catalogues() -> None:
    found = {str(message.id) for message in catalogues.found()}
    assert {"Propose the change", "By machine", "%(part)s has %(count)s characters, at most %(most)s"} <= found


def test_the_preview_is_what_a_phone_would_be_told() -> None:
    page = pages.page("health", "en")
    assert page is not None
    sms = preview.bubbles(page, "sms")
    assert [bubble.parts for bubble in sms] == [("short",), ("more",), ("steps", "rights")]
    assert sms[0].text.startswith(page.parts["short"]) and "999" in sms[0].text, "the emergency number is told too"
    assert preview.bubbles(page, "whatsapp")[0].text.startswith(f"*{page.title}*\n")
    assert "we are checking it" in preview.bubbles(page, "sms", is_doubted=True)[0].text
