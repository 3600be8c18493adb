"""One contact at a time, in order; one message is one transaction: its answer, what it caused, and that it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

import structlog
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from actions import focal_point
from actions.turn import Turn
from bot import hearing, model, rendering
from bot.assistant import Assistant, Reply
from bot.hearing import Heard
from bot.language import Guess, identify
from messaging import inbox, keywords, mailbox, outbox
from messaging.inbound import Extras
from messaging.models import MESSAGES, Contact, Message
from runtime.deployment import deployment
from runtime.logging import failure
from runtime.words import sentence
from store.database import changed, now, reading, transaction

log = structlog.get_logger()

MOST_ATTEMPTS = 5
RETRIED = timedelta(seconds=45)
PRIVATE_TALK = frozenset({"out_of_scope", "report_privately", "affirm", "deny"})
"""In a private talk, texts of these intents (and feedback) join the report; questions and commands are answered."""
ANSWERS_A_FORM = {
    "feedback_form": frozenset({"out_of_scope"}),
    "consent_form": frozenset({"affirm", "deny"}),
}


@lru_cache(maxsize=1)
def assistant() -> Assistant:
    """This process's assistant; loading it takes seconds."""
    return Assistant(model.path())


def read_mail(contact_id: int) -> int:
    """Answer the contact's waiting messages, oldest first, until none is left. Returns how many were taken."""
    return mailbox.drain(f"contact:{contact_id}", lambda: inbox.waiting(contact_id), _take)


def _take(mail: tuple[Message, Contact]) -> bool:
    """Answer one message, whatever happens: after some failures people get it, and the person is told."""
    message, contact = mail
    if message.attempts >= MOST_ATTEMPTS:
        _give_to_people(message)
        return True
    if (
        now() - message.created_at > RETRIED
    ):  # it killed a worker, or waited for one: count, so that it cannot go on for ever
        _count_attempt(message)
    try:
        _answer(message, contact)
    except Exception as error:  # noqa: BLE001 - one bad message must not block the contact's others
        log.error("turn_failed", message_id=message.id, attempts=message.attempts + 1, **failure(error))
        assistant().sessions.close(str(message.contact_id))
        _count_attempt(message)
        return False
    return True


def _answer(message: Message, contact: Contact) -> None:
    helper = assistant()
    sender = str(message.contact_id)
    tracker = helper.sessions.open(sender)
    spoken = _Spoken.of(message, contact)
    heard = _hear(helper, tracker, message, spoken)
    with transaction() as session:
        if not _claim(session, message):
            return
        contact = session.merge(contact, load=False)
        turn = Turn(session, contact, message.id, spoken.text, spoken.reply_in, heard.read, spoken.extras, heard.value)
        _settle_language(contact, spoken)
        reply = _respond(helper, tracker, turn, heard)
        queued = _queue(turn, message, reply)
    helper.sessions.commit(sender)
    for contact_id in dict.fromkeys([*turn.announce, *([contact.id] if queued else [])]):
        outbox.announce(contact_id)


@dataclass(frozen=True)
class _Spoken:
    """A message with its language settled."""

    text: str
    extras: Extras
    language: str | None
    sure: bool
    reply_in: str

    @classmethod
    def of(cls, message: Message, contact: Contact) -> _Spoken:
        """Identify the language; what the contact chose or spoke before weighs in."""
        text = message.body or ""
        guess = _by_keyword(text) or identify(text, contact.language)
        served = deployment().languages
        sure = guess.language is not None and guess.confidence >= (0.6 if contact.language else 0.5)
        reply_in = contact.language or deployment().default_language
        if guess.language in served and not contact.language_chosen and (sure or contact.language is None):
            reply_in = guess.language or reply_in
        return cls(text, Extras.parse(message.extras), guess.language, sure, reply_in)


def _by_keyword(text: str) -> Guess | None:
    """STOP in somebody's own language tells that language, where the text itself is too short to."""
    keyword = keywords.find(text)
    served = [code for code in keyword.languages if code in deployment().languages] if keyword else []
    return Guess(served[0], 0.55) if served else None


def _hear(helper: Assistant, tracker: DialogueStateTracker, message: Message, spoken: _Spoken) -> Heard:
    """What the message says, in the light of the open menu, form and private talk."""
    text = spoken.text.strip()
    if spoken.extras.opt_out_type:
        return Heard({"STOP": "opt_out", "START": "opt_in"}.get(spoken.extras.opt_out_type, "menu"), value="silent")
    if not text:
        return Heard("out_of_scope")
    heard = hearing.command(text)
    if heard is not None:
        return _more(tracker, heard)
    payload = hearing.chosen(text, tracker.get_slot("menu"))
    if payload is not None:
        intent, _, value = payload.partition(":")
        return _about_earlier(helper, message, Heard(intent, value=value or None))
    if hearing.number_in(text) is not None:
        return Heard("menu")
    heard = hearing.free_text(text, helper.understanding)
    if heard.intent in ("affirm", "deny"):
        payload = _yes_or_no(tracker, heard.intent, spoken.reply_in)
        if payload is not None:
            intent, _, value = payload.partition(":")
            return _about_earlier(helper, message, Heard(intent, value=value or None))
    if _joins_report(tracker, heard):
        return replace(heard, intent="report_privately", value="add")
    in_form = tracker.active_loop_name == "feedback_form"
    if in_form and heard.value in ("unsure", None) and heard.intent == "out_of_scope":
        return heard
    grave = heard.intent == "report_privately" or heard.value == "softly"
    if spoken.sure and spoken.language not in deployment().languages and not grave and len(text.split()) >= 2:
        return replace(heard, intent="out_of_scope", value="unserved", read={**heard.read, "spoken": spoken.language})
    return heard


def _more(tracker: DialogueStateTracker, heard: Heard) -> Heard:
    """MORE is about the topic last answered."""
    if heard.intent != "more":
        return heard
    topic = tracker.get_slot("topic")
    return Heard(f"ask_{topic}", value="more") if topic else Heard("menu")


def _about_earlier(helper: Assistant, message: Message, heard: Heard) -> Heard:
    """A choice about an earlier message of the same contact ("told=17", "of=17") is read with that message's words."""
    kind, _, number = (heard.value or "").partition("=")
    if not number.isdigit():
        return heard
    with reading() as session:
        earlier = session.get(Message, int(number))
    if earlier is None or earlier.contact_id != message.contact_id or not earlier.body:
        return replace(heard, value=None)
    read = helper.understanding.read(earlier.body)
    return replace(heard, value="told" if kind == "told" else None, read={**read, "earlier": earlier.id})


def _yes_or_no(tracker: DialogueStateTracker, intent: str, language: str) -> str | None:
    """The open menu's choice that a yes or no in other words means, if it is a yes-or-no menu."""
    wanted = sentence("button_yes" if intent == "affirm" else "button_no", language)
    return next((payload for payload, title in tracker.get_slot("menu") or () if title == wanted), None)


def _joins_report(tracker: DialogueStateTracker, heard: Heard) -> bool:
    if tracker.get_slot("report") is None or (
        tracker.active_loop_name is not None and heard.intent in ("affirm", "deny")
    ):
        return False
    if tracker.active_loop_name == "consent_form" and tracker.get_slot("requested_slot") == "safe_time":
        return False
    return heard.intent in PRIVATE_TALK or heard.intent.startswith("feedback_") or heard.value == "softly"


def _respond(helper: Assistant, tracker: DialogueStateTracker, turn: Turn, heard: Heard) -> Reply:
    """Acknowledgements of focal points first; else the rules, after leaving a form that the message does not answer."""
    taken = focal_point.acknowledge(turn)
    if taken is not None:
        return Reply((taken,), ())
    earlier = heard.read.get("earlier")
    if earlier is not None:
        original = turn.session.get_one(Message, earlier)
        turn.message_id, turn.text = original.id, original.body or ""
    form = tracker.active_loop_name
    if form is not None and not _answers(tracker, form, heard):
        helper.leave_form(tracker)
    return helper.reply(tracker, turn, heard)


def _answers(tracker: DialogueStateTracker, form: str, heard: Heard) -> bool:
    if heard.value in ("softly", "add", "unserved"):
        return False
    if form == "feedback_form":
        return heard.intent in ANSWERS_A_FORM[form] or heard.intent.startswith("feedback_")
    if tracker.get_slot("requested_slot") == "safe_time":
        return heard.intent not in (
            "opt_out",
            "opt_in",
            "menu",
            "change_language",
            "delete_my_data",
            "report_privately",
        )
    return heard.intent in ANSWERS_A_FORM.get(form, ())


def _queue(turn: Turn, message: Message, reply: Reply) -> bool:
    """Store the reply; a new contact is told who we are. True if something was queued."""
    if turn.value == "silent":  # Twilio has answered STOP or START itself
        return False
    kind = "private" if turn.private else "reply"
    introduction = None
    if turn.contact.introduced_at is None:
        turn.contact.introduced_at = now()
        if not turn.private:
            introduction = sentence("introduction", turn.language, organisation=deployment().organisation)
    text = rendering.text_of(reply, introduction)
    if not text:
        return False
    outbox.queue(turn.session, turn.contact, text, kind, message.id)
    return True


def _claim(session: Session, message: Message) -> bool:
    """Mark the message done, unless somebody else did, or an earlier one of the contact still waits."""
    earlier = MESSAGES.alias()
    before = exists(
        select(earlier.c.id).where(
            earlier.c.contact_id == message.contact_id,
            earlier.c.direction == "in",
            earlier.c.state == "received",
            earlier.c.id < message.id,
        )
    )
    done = changed(
        session,
        update(MESSAGES)
        .where(MESSAGES.c.id == message.id, MESSAGES.c.state == "received", ~before)
        .values(state="done", handled_at=now()),
    )
    return bool(done)


def _settle_language(contact: Contact, spoken: _Spoken) -> None:
    served = spoken.language in deployment().languages
    if not contact.language_chosen and served and (spoken.sure or contact.language is None):
        contact.language = spoken.reply_in


def _count_attempt(message: Message) -> None:
    with transaction() as session:
        session.execute(
            update(Message)
            .where(Message.id == message.id, Message.state == "received")
            .values(attempts=Message.attempts + 1)
        )


def _give_to_people(message: Message) -> None:
    with transaction() as session:
        contact = session.get_one(Contact, message.contact_id)
        if not _claim(session, message):
            return
        session.execute(update(Message).where(Message.id == message.id).values(state="failed"))
        outbox.queue(session, contact, sentence("turn_failed", contact.language), "reply", message.id)
    outbox.announce(message.contact_id)
