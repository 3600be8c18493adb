"""Writing to the person: with ready-made answers, seen as it will arrive before it goes; and the closing words."""

import re
from dataclasses import dataclass

from babel.numbers import format_currency
from flask import render_template, request
from flask.typing import ResponseReturnValue

from casework import answering, canned, states
from casework.answering import CannotAnswer
from console import asked, words
from console.blueprint import blueprint
from console.inbox import case_page
from console.inbox.case_steps import act
from console.inbox.case_view import Case
from console.words import gettext
from messaging import segments
from messaging.segments import MESSAGE_LIMIT
from runtime.deployment import deployment

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Measured:
    """A text as it will arrive. `price`: an estimate, in the reader's way to write money; None without prices."""

    letters: int
    by_sms: bool
    segments: int
    """SMS segments, or WhatsApp messages."""
    per_segment: int
    """Letters that fit into one of several segments."""
    dear: tuple[str, ...]
    """Letters that make SMS of a Latin text hold less than half."""
    price: str | None
    has_gap: bool
    """Something is left to fill in."""


def measured(text: str, channel: str) -> Measured:
    """What sending this text takes."""
    pieces = segments.split(text)
    by_sms = channel == "sms"
    number = sum(segments.count(piece).segments for piece in pieces) if by_sms else len(pieces)
    dear = segments.dear(text) if by_sms else []
    prices = deployment().prices
    price = None
    if prices is not None and number:
        cost = prices.of(channel, number)
        price = format_currency(cost, prices.currency, locale=words.locale(), decimal_quantization=False)
    is_latin = len(dear) * 4 < len(set(text))
    return Measured(
        letters=len(text),
        by_sms=by_sms,
        segments=number,
        per_segment=67 if dear else 153,
        dear=tuple(dear) if is_latin else (),
        price=price,
        has_gap=canned.GAP in text or "…" in text,
    )


def typed(name: str) -> str:
    """A text of the form, without what no phone shows."""
    return _CONTROL.sub("", asked.text(name))


@blueprint.post("/feedback/<code>/reply")
def case_reply(code: str) -> ResponseReturnValue:
    """Show how an answer will arrive, put a ready-made one in, or send it."""
    text, do = typed("text"), request.form.get("do")
    if do == "send":
        return act(
            code,
            lambda by, seen: _send(code, text, by, seen),
            gettext("Your answer is on its way."),
            lambda found, problem: _check_reply(found, text, problem),
        )
    found = case_page.read(code)
    return _check_reply(found, _with_canned(found, text) if do == "use" else text)


def _send(code: str, text: str, by: str, seen: int | None) -> str | None:
    if len(text) > MESSAGE_LIMIT:
        raise CannotAnswer("an answer has at most %(most)s letters", most=MESSAGE_LIMIT)
    untold = answering.answer(code, text, by, seen)
    return gettext("This person said STOP: they read your answer when they ask how it stands.") if untold else None


def _with_canned(found: Case, text: str) -> str:
    """The chosen ready-made answer below what is typed already."""
    wanted = asked.number(request.form.get("canned"))
    chosen = next((one.text for one in found.canned if one.id == wanted), "")
    return "\n".join(filter(None, (text, chosen)))


def _check_reply(found: Case, text: str, problem: str | None = None) -> str:
    return render_template(
        "console/inbox/reply.html",
        case=found,
        feedback=found.feedback,
        text=text,
        problem=problem,
        measured=measured(text, found.feedback.channel),
        longest=MESSAGE_LIMIT,
        seen=request.form.get("seen", ""),
    )


@blueprint.post("/feedback/<code>/close")
def case_close(code: str) -> ResponseReturnValue:
    """Show what the person will read when it is closed, or close it."""
    outcome, resolution = typed("outcome"), request.form.get("resolution", "")
    if request.form.get("do") == "close":
        return act(
            code,
            lambda by, seen: answering.close(code, resolution, outcome, by, seen),
            gettext("It is closed."),
            lambda found, problem: _check_close(found, resolution, outcome, problem),
        )
    return _check_close(case_page.read(code), resolution, outcome)


def _check_close(found: Case, resolution: str, outcome: str, problem: str | None = None) -> str:
    told = answering.closing_words(found.feedback.reference, outcome, found.person.language if found.person else None)
    return render_template(
        "console/inbox/close.html",
        case=found,
        feedback=found.feedback,
        resolution=resolution,
        resolutions=states.RESOLUTIONS[:-1],
        outcome=outcome,
        problem=problem,
        told=told,
        is_enough=len(outcome) >= answering.SHORTEST_OUTCOME and resolution in states.RESOLUTIONS[:-1],
        measured=measured(told, found.feedback.channel),
        shortest=answering.SHORTEST_OUTCOME,
        longest=MESSAGE_LIMIT,
        seen=request.form.get("seen", ""),
    )
