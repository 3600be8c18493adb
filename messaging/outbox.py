"""What leaves: stored in the caller's transaction, then delivered in order, once, and never against a STOP."""

import time
from datetime import timedelta

import structlog
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from messaging import mailbox, pace, segments, window
from messaging.models import MESSAGES, Contact, Message
from messaging.providers import (
    Accepted,
    AnswerLost,
    Misconfigured,
    OptedOut,
    Outbound,
    Provider,
    SendError,
    Throttled,
    WindowClosed,
    provider_of,
)
from runtime import tasks
from store.database import changed, now, reading, transaction
from store.encryption import keyring

log = structlog.get_logger()

GIVE_UP = timedelta(days=1)
GIVE_UP_SOONER = {"relay": timedelta(hours=1)}
"""Later the person's safe hours may be over."""
PAUSES = (2, 5, 15, 60, 300, 900, 3600)
ASK_AFTER = timedelta(seconds=45)
"""A message that has been "sending" this long, longer than any attempt takes, lost its worker: ask before sending."""
DESPITE_OPT_OUT = frozenset({"reply", "private", "relay", "allowed", "alert"})
"""Kinds that reach who said STOP: the answer to what they wrote themselves, what they asked for; alerts to staff."""
LEAVES_NO_TRACE = {"private": "reply", "relay": "answer"}
"""Kinds whose text goes once it was sent or given up, and the kind that the record then shows."""

# Statements of the message path are built once: building one anew costs as much as running it.
_INSERT = insert(MESSAGES).returning(MESSAGES.c.id)
_DUE = (
    select(Message, Contact)
    .join(Contact, Contact.id == Message.contact_id)
    .where(
        Message.contact_id == bindparam("contact"),
        Message.direction == "out",
        Message.state.in_(("queued", "sending")),
    )
    .order_by(Message.id)
    .limit(2)
)
_TAKE = (
    update(MESSAGES)
    .where(
        MESSAGES.c.id == bindparam("message"),
        MESSAGES.c.state == bindparam("was"),
        MESSAGES.c.attempts == bindparam("tried"),
    )
    .values(
        state=bindparam("becomes"),
        error_code=bindparam("reason"),
        attempts=MESSAGES.c.attempts + 1,
        due_at=bindparam("again"),
        handled_at=bindparam("first"),
    )
)
_FINISH = (
    update(MESSAGES)
    .where(MESSAGES.c.id == bindparam("message"), MESSAGES.c.state == "sending")
    .values(state=bindparam("becomes"), error_code=bindparam("reason"), provider_sid=bindparam("sid"))
)


def queue(session: Session, contact: Contact, text: str, kind: str, in_reply_to: int | None = None) -> list[int]:
    """Store a text for the contact, in the caller's transaction; in several messages if one cannot hold it.

    Call `announce` with the contact's id after the commit.
    """
    return [_store(session, contact, piece, kind, in_reply_to) for piece in segments.split(text)]


def _store(session: Session, contact: Contact, piece: str, kind: str, in_reply_to: int | None) -> int:
    present = now()
    values = {
        "contact_id": contact.id,
        "direction": "out",
        "state": "queued",
        "kind": kind,
        "body": piece,
        "body_hash": keyring().fingerprints("body", piece)[0],
        "segments": segments.count(piece).segments if contact.channel == "sms" else 1,
        "attempts": 0,
        "in_reply_to": in_reply_to,
        "created_at": present,
        "due_at": present,
    }
    return int(session.execute(_INSERT, values).scalar_one())


def deliver(contact_id: int) -> int:
    """Send what is due to this contact, in order. Returns how many messages were taken up."""
    return mailbox.drain(f"outbox:{contact_id}", lambda: _due(contact_id), _deliver_one)


def left_behind(older_than: timedelta) -> list[int]:
    """Contacts with messages that are due since longer than this."""
    with reading() as session:
        return list(
            session.scalars(
                select(Message.contact_id)
                .where(
                    Message.direction == "out",
                    Message.state.in_(("queued", "sending")),
                    Message.due_at < now() - older_than,
                )
                .distinct()
                .limit(1000)
            )
        )


def status(message_id: int, state: str, error_code: str | None, sid: str | None) -> bool:
    """Take a delivery report; it may come late, twice, or before the API's answer. False for an unknown message."""
    final = {"delivered": "delivered", "read": "delivered", "undelivered": "undelivered", "failed": "failed"}
    new = final.get(state, "sent")
    earlier = {"sent": ("queued", "sending"), "delivered": ("queued", "sending", "sent")}.get(
        new, ("queued", "sending", "sent")
    )
    with transaction() as session:
        message = session.get(Message, message_id)
        if message is None or message.direction != "out":
            return False
        values: dict[str, object] = {"state": new, "error_code": (error_code or "")[:32] or message.error_code}
        if sid and message.provider_sid is None:
            values["provider_sid"] = sid
        session.execute(update(Message).where(Message.id == message_id, Message.state.in_(earlier)).values(values))
        if error_code == "21610":
            _opt_out(session, message.contact_id)
    return True


def _due(contact_id: int) -> list[tuple[Message, Contact]]:
    """The two oldest unfinished messages, if the first one's time has come; a later one never overtakes it."""
    with reading() as session:
        found = session.execute(_DUE, {"contact": contact_id}).all()
    return [(message, contact) for message, contact in found] if found and found[0][0].due_at <= now() else []


def _deliver_one(mail: tuple[Message, Contact]) -> bool:
    """Claim, send, record. False when the contact's later messages must wait for this one."""
    message, contact = mail
    if contact.channel == "whatsapp" and message.template is None and not _may_be_sent(contact):
        return _hold(message, contact)
    leave = pace.Leave()
    if contact.provider != "simulator" and message.attempts == 0:
        leave = pace.ask(contact.channel, message.segments, contact.id, message.body_hash)
    refusal = _refusal(contact, message, leave)
    # the reason of an earlier failure stays until the message is settled: a lost answer must be asked for
    state, reason = refusal or ("sending", message.error_code)
    values = {
        "message": message.id,
        "was": message.state,
        "tried": message.attempts,
        "becomes": state,
        "reason": reason,
        "again": now() + ASK_AFTER,
        "first": message.handled_at or now(),
    }
    with transaction() as session:
        taken = changed(session, _TAKE, values)
        if refusal and taken:
            _leave_no_trace(session, message)
    if refusal or not taken:
        return True
    if leave.seconds > 0:
        time.sleep(min(leave.seconds, 3))
    outbound = Outbound(
        message.id,
        contact.address,
        contact.sender,
        contact.channel,
        message.body or "",
        message.template,
        message.template_values,
    )
    try:
        accepted = _hand_over(provider_of(contact), outbound, message)
    except SendError as error:
        return _record_failure(message, contact, error)
    _finish(message, accepted.state, accepted.sid, None)
    return True


def _hand_over(provider: Provider, outbound: Outbound, message: Message) -> Accepted:
    """Send; but where an earlier attempt was cut off, first ask whether it arrived."""
    if message.state == "sending" or message.error_code == "answer_lost":
        with reading() as session:
            known = set(
                session.scalars(
                    select(Message.provider_sid).where(
                        Message.contact_id == message.contact_id,
                        Message.direction == "out",
                        Message.provider_sid.is_not(None),
                    )
                )
            )
        first = (message.handled_at or message.created_at).timestamp()
        try:
            found = provider.find(outbound, {sid for sid in known if sid}, first)
        except Throttled:
            raise
        except SendError:
            # Nobody can tell. A reply is better told twice than not at all; an alert is asked about again.
            if message.kind == "alert" and message.attempts < 4:
                raise
            found = None
        if found is not None:
            return found
    return provider.send(outbound)


def _refusal(contact: Contact, message: Message, leave: pace.Leave) -> tuple[str, str] | None:
    """State and reason if this message must not be sent."""
    if contact.opted_out_at is not None and message.kind not in DESPITE_OPT_OUT:
        return "suppressed", "opted_out"
    if message.body is None:
        return "suppressed", "forgotten"
    if message.created_at < now() - GIVE_UP_SOONER.get(message.kind, GIVE_UP):
        return "failed", "gave_up"
    if leave.loops:
        log.error("loop_with_another_machine", contact_id=contact.id)
        return "suppressed", "loop"
    return None


def _may_be_sent(contact: Contact) -> bool:
    with reading() as session:
        return window.is_open(session, contact)


def _hold(message: Message, contact: Contact) -> bool:
    if contact.opted_out_at is not None and message.kind not in DESPITE_OPT_OUT:
        values = {"state": "suppressed", "error_code": "opted_out"}
        with transaction() as session:
            unsent = Message.state.in_(("queued", "sending"))
            session.execute(update(Message).where(Message.id == message.id, unsent).values(values))
        return True
    for contact_id in window.hold(message, contact):
        announce(contact_id)
    return True


def _record_failure(message: Message, contact: Contact, error: SendError) -> bool:
    log.warning(
        "send_failed", message_id=message.id, error=type(error).__name__, code=error.code, attempts=message.attempts + 1
    )
    if isinstance(error, Throttled | AnswerLost | Misconfigured):
        pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
        # once it may have arrived, every later attempt must ask first, whatever went wrong this time
        uncertain = isinstance(error, AnswerLost) or message.state == "sending" or message.error_code == "answer_lost"
        reason = "answer_lost" if uncertain else error.code
        with transaction() as session:
            session.execute(
                update(Message)
                .where(Message.id == message.id, Message.state == "sending")
                .values(state="queued", error_code=reason[:32], due_at=now() + timedelta(seconds=pause))
            )
        return False
    if isinstance(error, WindowClosed) and message.template is None:
        return _hold(message, contact)
    if isinstance(error, OptedOut):
        with transaction() as session:
            _opt_out(session, message.contact_id)
    _finish(message, "failed", None, error.code)
    return True


def _finish(message: Message, state: str, sid: str | None, code: str | None) -> None:
    values = {"message": message.id, "becomes": state, "reason": code, "sid": sid or message.provider_sid}
    with transaction() as session:
        # a status callback may have been quicker; then only the id is missing
        if not changed(session, _FINISH, values) and sid:
            missing = (MESSAGES.c.id == message.id, MESSAGES.c.provider_sid.is_(None))
            session.execute(update(MESSAGES).where(*missing).values(provider_sid=sid))
        _leave_no_trace(session, message)


def _leave_no_trace(session: Session, message: Message) -> None:
    """Of what concerns a private report nothing readable stays; a simulator's phone shows what stands in the record."""
    kind = LEAVES_NO_TRACE.get(message.kind)
    if kind is None or session.get_one(Contact, message.contact_id).provider == "simulator":
        return
    settled = (Message.id == message.id, Message.state.not_in(("queued", "sending")))
    session.execute(update(Message).where(*settled).values(body=None, body_hash=None, kind=kind))


def _opt_out(session: Session, contact_id: int) -> None:
    session.execute(
        update(Contact).where(Contact.id == contact_id, Contact.opted_out_at.is_(None)).values(opted_out_at=now())
    )


def announce(contact_id: int) -> None:
    """Tell the delivery workers, after the commit, that something is due to this contact."""
    tasks.publish(tasks.DELIVER, contact_id)
