"""What people say about a feedback that they gave: where it was, more words, may we reply, how much it helped."""

from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.places import settle
from actions.turn import Turn
from casework import feedback, media
from casework.models import Feedback
from directory import search

WHERE, MORE, REPLY = "where", "more", "reply"
"""What was asked, as the slot `asked` has it: [what, id of the feedback]."""
TOLD_WHERE, TOLD_MORE, TOLD_MARK = "told_where", "told_more", "told_mark"
"""Values of a turn that answers it: `told_where-17`, `told_mark-4` (a number alone), `told_mark-4+` (with words)."""


def heard(turn: Turn, dispatcher: CollectingDispatcher) -> list[Any] | None:
    """Answer a message that goes on about an earlier feedback. None if this one does not; else what was asked next."""
    what, _, detail = (turn.value or "").partition("-")
    if what == TOLD_MARK:
        return _mark(turn, dispatcher, int(detail.rstrip("+")), detail.endswith("+"))
    about = feedback.own(turn.session, turn.contact, int(detail)) if detail.isdigit() else None
    if about is None:
        return None
    if what == TOLD_WHERE:
        _place(turn, dispatcher, about)
    elif what == TOLD_MORE:
        add(turn, dispatcher, about)
    elif what in ("reply_yes", "reply_no"):
        about.may_reply = what == "reply_yes"
        feedback.record(turn.session, about, "may_reply", answer=about.may_reply)
        dispatcher.utter_message(response=f"utter_may_{what}", reference=about.reference)
    else:
        return None
    return []


def add(turn: Turn, dispatcher: CollectingDispatcher, about: Feedback) -> None:
    """The message's words join the feedback."""
    if turn.message_id is not None:
        feedback.add_words(turn.session, about, turn.message_id, bool(turn.understanding.get("half_hint")))
        if turn.extras.media:
            media.want(turn.session, turn.message_id, turn.extras)
    dispatcher.utter_message(response="utter_added", reference=about.reference)


def _place(turn: Turn, dispatcher: CollectingDispatcher, about: Feedback) -> None:
    """A place that we know is kept as such; any other as the person's words."""
    place = search.place_told(turn.text) if turn.text else settle(turn)[0]
    if place is None:
        add(turn, dispatcher, about)
        return
    feedback.set_place(turn.session, about, place, turn.message_id)
    dispatcher.utter_message(response="utter_place_added", place=place)


def _mark(turn: Turn, dispatcher: CollectingDispatcher, mark: int, in_words: bool) -> list[Any] | None:
    marked = feedback.rate(turn.session, turn.contact, mark, turn.message_id, in_words)
    if marked is None:  # it was asked too long ago
        dispatcher.utter_message(response="utter_ok")
        return []
    marked.sensitive = marked.sensitive or bool(turn.understanding.get("half_hint"))
    if mark > feedback.LOW:
        dispatcher.utter_message(response="utter_rated_well")
        return []
    dispatcher.utter_message(response="utter_rated_badly", reference=marked.reference)
    return [MORE, marked.id]
