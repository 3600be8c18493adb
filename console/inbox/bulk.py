"""One step for all that were ticked in the list: each by itself, so that every rule holds, and none unknowingly."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from casework import answering
from casework.answering import CannotAnswer
from console import asked, once, refusals
from console.blueprint import blueprint
from console.inbox import narrowing
from console.words import gettext, ngettext

MOST = 50
_PICK = re.compile(r"([A-Z0-9]{4,6}-[A-Z0-9]):([0-9]{1,19})")


@dataclass(frozen=True)
class Pick:
    """What was ticked: its code, and its newest event when the list was shown."""

    code: str
    seen: int


@blueprint.post("/feedback/bulk")
def bulk() -> ResponseReturnValue:
    """Assign, label or close what was ticked; say how many that were, and which were refused and why."""
    picked = picks(request.form.getlist("pick"))
    step = _step(request.form.get("do", ""))
    if not picked:
        flash(gettext("Tick one or more first."), "problem")
    elif len(picked) > MOST:
        flash(gettext("Tick at most %(most)s.") % {"most": MOST}, "problem")
    elif request.form["do"] in ("label", "unlabel") and not _labels():
        flash(gettext("Write the label first."), "problem")
    else:
        with once.first_time() as first:
            if first:
                _tell(*_each(picked, step), request.form["do"])
    address = narrowing.of(request.args, g.who.person.login).address
    return redirect(url_for("console.inbox", **address), 303)


def picks(given: list[str]) -> list[Pick]:
    """Each code once, in the order of the list; what is none is left out."""
    found = (_PICK.fullmatch(one) for one in given)
    picked = {match[1]: Pick(match[1], asked.number(match[2]) or 0) for match in found if match is not None}
    return list(picked.values())


def _step(name: str) -> Callable[[Pick], object]:
    me = g.who.person.login
    match name:
        case "assign":
            told = request.form.get("to", "")
            to = {"me": me, "nobody": None}.get(told, narrowing.plain(told))
            return lambda pick: answering.assign(pick.code, to, me, pick.seen, only_colleagues=True)
        case "label":
            return lambda pick: answering.label(pick.code, _labels(), [], me, pick.seen)
        case "unlabel":
            return lambda pick: answering.label(pick.code, [], _labels(), me, pick.seen)
        case "close":
            resolution, outcome = request.form.get("resolution", ""), asked.text("outcome")
            return lambda pick: answering.close(pick.code, resolution, outcome, me, pick.seen)
        case _:
            raise BadRequest


def _labels() -> list[str]:
    told = (narrowing.plain(one) for one in request.form.get("label", "").split(","))
    return [label for label in told if label]


def _each(picked: list[Pick], step: Callable[[Pick], object]) -> tuple[int, dict[str, list[str]]]:
    """How many were done, and the codes of the others by why not."""
    done, refused = 0, dict[str, list[str]]()
    for pick in picked:
        try:
            step(pick)
            done += 1
        except CannotAnswer as reason:
            refused.setdefault(refusals.why(reason), []).append(pick.code)
    return done, refused


def _tell(done: int, refused: dict[str, list[str]], step: str) -> None:
    if done:
        flash(_said(step, done) % {"num": done})
    for why, codes in refused.items():
        told = gettext("Not done for %(codes)s: %(why)s") % {"codes": ", ".join(codes), "why": why}
        flash(told, "problem")


def _said(step: str, number: int) -> str:
    match step:
        case "assign":
            return ngettext("%(num)s was assigned.", "%(num)s were assigned.", number)
        case "close":
            return ngettext("%(num)s was closed.", "%(num)s were closed.", number)
        case _:
            return ngettext("The labels of %(num)s were changed.", "The labels of %(num)s were changed.", number)
