"""One contact at a time, in order; one message is one transaction: its answer, what it caused, and that it is done."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache, partial

import structlog
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from actions import files, focal_point, private_talk, rescue
from actions.turn import Turn
from bot import model, rendering, welcome
from bot.assistant import Assistant, Reply
from bot.encoder import Vectors
from bot.hearing import Heard
from bot.language import identify
from bot.listening import answers_form, hear
from bot.nlu.lexicon import lexicon
from bot.private_talk import LEAVE
from bot.spoken import Spoken
from messaging import flood, inbox, mailbox, outbox, window
from messaging.inbound import Extras
from messaging.models import MESSAGES, Contact, Message, MessageFlag
from runtime.deployment import deployment
from runtime.logging import failure
from runtime.words import sentence
from store.database import changed, now, reading, transaction

log = structlog.get_logger()

MOST_ATTEMPTS = 5
RETRIED = timedelta(seconds=45)
PAUSES = (0, 2, 10, 30, 60)
"""Seconds before a message whose turn failed is tried again."""

_EARLIER = MESSAGES.alias()
_CLAIM = (  # built once: building a statement anew costs as much as running it
    update(MESSAGES)
    .where(
        MESSAGES.c.id == bindparam("message"),
        MESSAGES.c.state == "received",
        ~exists(
            select(_EARLIER.c.id).where(
                _EARLIER.c.contact_id == bindparam("contact"),
                _EARLIER.c.direction == "in",
                _EARLIER.c.state == "received",
                _EARLIER.c.id < bindparam("message"),
            )
        ),
    )
    .values(state="done", handled_at=bindparam("at"))
)


@lru_cache(maxsize=1)
def assistant() -> Assistant:
    """This process's assistant; loading it takes seconds."""
    return Assistant(model.path())


def warm_up() -> None:
    """Load what the first message would otherwise wait for: a hello from nobody, of which nothing is kept."""
    helper = assistant()
    nobody = Contact(id=0, provider="simulator", channel="sms", address="+34600000000")
    for language in deployment().languages:  # in every script: what tells languages loads its tables by need
        said = Message(id=0, body=sentence("private_secrecy", language), extras={})
        hear(helper.understanding, helper.sessions.open("0"), said, Spoken.of(said, nobody))
    helper.understanding.describe("xx")  # doubtful: every method is asked
    with reading() as session:
        turn = Turn(session, nobody, None, "", deployment().default_language)
        helper.reply(helper.sessions.open("0"), turn, Heard("greet"))
    helper.sessions.close("0")
    inbox.waiting(0)


def read_mail(contact_id: int) -> int:
    """Answer the contact's waiting messages, oldest first, until none is left. Returns how many were taken."""
    return mailbox.drain(f"contact:{contact_id}", lambda: inbox.waiting(contact_id), _take)


def _take(mail: tuple[Message, Contact]) -> bool:
    """Answer one message, whatever happens: after some failures people get it, and the person is told."""
    message, contact = mail
    if message.attempts >= MOST_ATTEMPTS:
        _give_to_people(message)
        return True
    if _slowed(message, contact):
        return False
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
    spoken = Spoken.of(message, contact)
    heard = hear(helper.understanding, tracker, message, spoken)
    with transaction() as session:
        contact = session.merge(contact, load=False)
        turn = Turn(session, contact, message.id, spoken.text, spoken.reply_in, heard.read, spoken.extras, heard.value)
        turn.meaning = partial(_meaning, helper, spoken.reply_in)
        _settle_language(contact, spoken)
        welcome.agree(turn, heard)
        reply = _respond(helper, tracker, turn, heard)
        queued = _queue(turn, message, reply, heard) | window.release(session, contact)
        # last, so that on SQLite an answer that stores nothing else holds the only write lock for a moment only
        if not _claim(session, message):
            session.rollback()
            helper.sessions.close(sender)
            return
    helper.sessions.commit(sender)
    for contact_id in dict.fromkeys([*turn.announce, *([contact.id] if queued else [])]):
        outbox.announce(contact_id)


def _meaning(helper: Assistant, reply_in: str, text: str) -> Vectors:
    """The vector by which a feedback is compared with others; its text may be that of an earlier message."""
    return helper.understanding.meaning(text, identify(text, reply_in).language or reply_in)


def _respond(helper: Assistant, tracker: DialogueStateTracker, turn: Turn, heard: Heard) -> Reply:
    """Acknowledgements of focal points first; else the rules, after leaving a form that the message does not answer."""
    taken = focal_point.acknowledge(turn)
    if taken is not None:
        return Reply((taken,), ())
    earlier = heard.read.get("earlier")
    if earlier is not None:
        original = turn.session.get_one(Message, earlier)
        doubtful = heard.read.get("ask_softly") or heard.read.get("half_hint")
        if turn.value is None and not doubtful and heard.intent not in ("report_privately", "out_of_scope"):
            detail = {"intent": heard.intent}  # chosen from "did you mean": what the message really was
            turn.session.add(MessageFlag(message_id=original.id, name="corrected", detail=detail))
        turn.present, turn.message_id, turn.text = turn.message_id, original.id, original.body or ""
        turn.extras = Extras.parse(original.extras)
    if heard.value == LEAVE:
        private_talk.leave(turn)
    if tracker.active_loop_name is not None and not answers_form(tracker, heard, turn.text):
        helper.leave_form(tracker)
    reply = helper.reply(tracker, turn, heard)
    attended = files.attend(turn, tracker.get_slot("report"))
    return Reply((*reply.texts, attended), reply.choices) if attended else reply


def _queue(turn: Turn, message: Message, reply: Reply, heard: Heard) -> bool:
    """Store the reply; a new contact is told who we are and what is kept. True if something was queued."""
    if turn.value == "silent":  # Twilio has answered STOP or START itself
        return False
    kind = "private" if turn.private else "reply"
    text = rendering.text_of(reply, welcome.introduction(turn) if reply.texts else None)
    if not text:
        return False
    outbox.queue(turn.session, turn.contact, text, kind, message.id)
    notice = welcome.notice(turn, heard)
    if notice is not None:
        outbox.queue(turn.session, turn.contact, notice, "notice")
    return True


def _slowed(message: Message, contact: Contact) -> bool:
    """True if this message waits, because the contact writes very many; not while anything grave waits among them."""
    slow, tell = flood.waits(contact.id, message.id)
    if not slow or any(lexicon().find(text) for text in inbox.waiting_texts(contact.id)):
        return False
    later = now() + deployment().promises.flood.pause
    with transaction() as session:
        session.execute(update(Message).where(Message.id == message.id).values(due_at=later))
        if tell:
            outbox.queue(session, contact, sentence("slowed", contact.language), "reply", message.id)
    if tell:
        outbox.announce(contact.id)
    return True


def _claim(session: Session, message: Message) -> bool:
    """Mark the message done, unless somebody else did, or an earlier one of the contact still waits."""
    return changed(session, _CLAIM, {"message": message.id, "contact": message.contact_id, "at": now()}) > 0


def _settle_language(contact: Contact, spoken: Spoken) -> None:
    served = spoken.language in deployment().languages
    if not contact.language_chosen and served and (spoken.sure or contact.language is None):
        contact.language = spoken.reply_in


def _count_attempt(message: Message) -> None:
    pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
    with transaction() as session:
        session.execute(
            update(Message)
            .where(Message.id == message.id, Message.state == "received")
            .values(attempts=Message.attempts + 1, due_at=now() + timedelta(seconds=pause))
        )


def _give_to_people(message: Message) -> None:
    with transaction() as session:
        contact = session.get_one(Contact, message.contact_id)
        if not _claim(session, message):
            return
        announced = rescue.leave_to_people(session, contact, message, list(lexicon().find(message.body or "")))
        session.execute(update(Message).where(Message.id == message.id).values(state="failed"))
        outbox.queue(session, contact, sentence("turn_failed", contact.language), "reply", message.id)
    for contact_id in (message.contact_id, *announced):
        outbox.announce(contact_id)
