"""Sensitive matters. The bot stops collecting, says what must be said, passes on what the person chooses to write."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, emergency_number, here
from casework import hand_over, reference, referrals, relay, reports, routing
from casework.report_models import Report
from directory import search
from runtime.words import sentence
from store.database import now

DEADLY = frozenset({"danger", "child", "gbv"})
ADD, TOLD = "add", "told"
"""Values of the turn: the message joins the open report; the person said yes to the soft question about it."""
AGAIN = "again"
"""The person comes back to a report of which they had said no: consent is asked anew."""
RELAY, RELAY_YES, RELAY_NO = "relay", "relay_yes", "relay_no"
"""Values of the turn: a focal point writes with this person, and the message (a yes, a no) is for them."""
READ, LATER = "read", "read_later"
"""What the person wants of a text that waits for them."""
EMPTY = ("hint", "may_contact", "safe_time", "wishes", "not_here", "topic", "told", "place_for", "asked", "menu")
"""Slots that hold nothing in a private talk: who holds the phone next must not go on where it was."""


class OpenReport(Action):
    """A disclosure, the wish to tell something in private, or a word in a private talk."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_open_report"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Seal the words away, tell a focal point, and say what safeguarding asks for, in its order."""
        with here(tracker) as turn:
            turn.private = True
            if turn.value in (READ, LATER):
                return _read(turn, dispatcher)
            known = _known(turn, tracker.get_slot("report"))
            if known is None or turn.value == TOLD or _is_another_matter(turn, known):
                return _open(turn, tracker, dispatcher)
            if turn.value == AGAIN or _thinks_again(turn, known):
                _seal_in(turn, known)
                return [SlotSet("report", known.id), SlotSet("may_contact", None)]
            return _add(turn, dispatcher, known)


def _open(turn: Turn, tracker: Tracker, dispatcher: CollectingDispatcher) -> list[dict[str, Any]]:
    categories = _categories(turn) or list(turn.understanding.get("hints") or []) * (turn.value == TOLD)
    _, _, hinted, _ = tracker.get_slot("hint") or (0, 0, [], 0)
    told = dict.fromkeys([*hinted, *(number for number in (turn.message_id, turn.present) if number)])
    site = search.place_named(turn.text) or turn.contact.place
    code = reference.find(turn.text)
    report, announced = reports.open_report(
        turn.session, turn.contact, list(told), categories, turn.language, site, mentions=code
    )
    turn.announce.extend(announced)
    if categories or turn.value == TOLD:
        dispatcher.utter_message(response="utter_private_sorry")
        if not categories or DEADLY & set(categories):
            dispatcher.utter_message(response="utter_private_danger", number=emergency_number(turn))
        leading = f"utter_help_{categories[0]}" if categories else "utter_private_help"
        dispatcher.utter_message(response=leading)
    else:
        dispatcher.utter_message(response="utter_private_wish")
    exit_, delete = (sentence(f"keyword_{word}", turn.language) for word in ("exit", "delete"))
    dispatcher.utter_message(response="utter_private_secrecy", exit=exit_, delete=delete)
    dispatcher.utter_message(response="utter_private_reference", reference=report.reference)
    hand_over.end(turn.contact)  # what follows is for the focal point, not for those who answer feedback
    turn.contact.place = None  # where the person is, is not for whoever holds the phone next
    return [SlotSet("report", report.id), *(SlotSet(name, None) for name in EMPTY)]


def _known(turn: Turn, report_id: int | None) -> Report | None:
    """The report of this talk: by the person's own code, of the session, or of the focal point who writes."""
    code = reference.find(turn.text) if turn.text else None
    if code is not None and (known := reports.own_report(turn.session, turn.contact, code=code)) is not None:
        return known
    if report_id is not None and (known := reports.own_report(turn.session, turn.contact, report_id)) is not None:
        return known
    return relay.report_of(turn.session, turn.contact, lock=True) if turn.contact.is_with_people(now()) else None


def _is_another_matter(turn: Turn, known: Report) -> bool:
    """Of the known report the person said no, and what they tell now must be told on, or is a life at risk: its words
    are a report of their own, and consent is asked anew."""
    grave = (routing.ABOUT_OUR_OWN | routing.AT_RISK) & set(_categories(turn))
    return routing.is_withheld(known) and bool(grave)


def _add(turn: Turn, dispatcher: CollectingDispatcher, report: Report) -> list[dict[str, Any]]:
    """A further message of a private talk joins its report, and nothing is asked. A graver turn alerts again."""
    _seal_in(turn, report)
    categories = _categories(turn)
    turn.announce.extend(reports.told_more(turn.session, report, categories, turn.contact))
    if DEADLY & set(categories):
        dispatcher.utter_message(response="utter_private_danger", number=emergency_number(turn))
    answered = None
    if turn.value in (RELAY_YES, RELAY_NO):
        answered = referrals.answered(turn.session, report, turn.contact, turn.value == RELAY_YES)
    if answered is not None:
        dispatcher.utter_message(response="utter_referral_yes" if answered else "utter_referral_no")
    elif turn.value in (RELAY, RELAY_YES, RELAY_NO):
        dispatcher.utter_message(response="utter_relay_added", menu=sentence("keyword_menu", turn.language))
    else:
        dispatcher.utter_message(response="utter_private_added")
    return [FollowupAction("action_listen")]


def _thinks_again(turn: Turn, report: Report) -> bool:
    """A yes, or the wish for a person, after a no to being contacted."""
    meant = (turn.understanding.get("intent") or {}).get("name")
    return turn.value == ADD and report.consent is False and meant in ("affirm", "talk_to_human")


def _seal_in(turn: Turn, report: Report) -> None:
    for number in (turn.message_id, turn.present):
        if number is not None:
            turn.announce.extend(reports.add_message(turn.session, report, number))


def _read(turn: Turn, dispatcher: CollectingDispatcher) -> list[dict[str, Any]]:
    """What a focal point wrote goes out now, as the answer; or it waits on."""
    if turn.value == READ:
        turn.announce.extend(relay.read_now(turn.session, turn.contact))
    else:
        dispatcher.utter_message(response="utter_relay_later")
    return [FollowupAction("action_listen")]


def _categories(turn: Turn) -> list[str]:
    return [str(item["category"]) for item in turn.understanding.get("sensitive") or []]
