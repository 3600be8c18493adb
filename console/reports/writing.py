"""Writing to the person: the hours that are safe, the text and how it will arrive."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework import relay
from casework.states import Impossible
from console import asked, once, refusals
from console.blueprint import blueprint
from console.reports import opening, stale
from console.reports.actions import act, take_too
from console.reports.opening import Desk, desk, look
from messaging import segments
from runtime.deployment import deployment
from runtime.words import sentence
from store.database import now


@blueprint.post("/reports/<reference>/safe-hours")
def safe_hours(reference: str) -> ResponseReturnValue:
    """What the person's own words mean, as hours."""
    hours = asked.text("hours")[:200]
    return act(
        reference, lambda here: relay.set_safe_hours(here.session, here.reader, here.opened, hours), "safe_hours"
    )


@blueprint.post("/reports/<reference>/write")
def write(reference: str) -> ResponseReturnValue:
    """Show how a text will arrive, or send it."""
    text, ask_first = asked.text("text"), request.form.get("ask_first") == "yes"
    if request.form.get("do") != "send":
        return look(reference, lambda here: _check(here, text, ask_first), what="write")
    try:
        with once.first_time() as first:
            if first:
                _send(reference, text, ask_first)
    except stale.Stale:
        return stale.page(reference)
    except (relay.CannotWrite, Impossible) as reason:
        opening.note_impossible(reference, "write")
        problem = refusals.why(reason)
        return look(reference, lambda here: _check(here, text, ask_first, problem), what="write"), 400
    return redirect(url_for("console.report", reference=reference), 303)


def _send(reference: str, text: str, ask_first: bool) -> None:
    with desk(reference) as here:
        must_be_open(here)
        stale.refuse(here)
        here.announced += relay.send(here.session, here.reader, here.opened, text, ask_first)
        take_too(here)
    for said in ("written", *here.said):
        flash(said)


def why_not(here: Desk, ask_first: bool = True) -> str | None:
    """Why the person cannot be written to now; None if they can. `ask_first`: a neutral line asks them before."""
    try:
        relay.contact_of(here.session, here.opened)
        relay.next_safe(here.opened, now(), ask_first)
    except relay.CannotWrite as reason:
        return refusals.why(reason)
    return None


def only_asked_first(here: Desk) -> bool:
    """True where the person would not say when it is safe: nothing but the neutral line may go out unasked."""
    return why_not(here) is None and why_not(here, ask_first=False) is not None


def must_be_open(here: Desk) -> None:
    """Raises Impossible for a closed report: who answers would reach nobody."""
    if here.report.state != "open":
        raise Impossible("it is closed: open it again first")


def _check(here: Desk, text: str, ask_first: bool, problem: str | None = None) -> str:
    """The page that shows a text as it will go out."""
    when = contact = None
    try:
        contact = relay.contact_of(here.session, here.opened)
        when = relay.next_safe(here.opened, now(), ask_first)
    except relay.CannotWrite as reason:
        problem = problem or refusals.why(reason)
    return render_template(
        "console/reports/write.html",
        report=here.report,
        text=text,
        ask_first=ask_first,
        must_ask=only_asked_first(here),
        problem=problem,
        counted=segments.count(text),
        by_sms=contact is not None and contact.channel == "sms",
        prompt=sentence("relay_prompt", contact.language) if contact is not None else None,
        when=when,
        at_once=when is not None and when <= now(),
        longest=relay.LONGEST,
        seen=request.form.get("seen", ""),
        time_zone=deployment().time_zone,
    )
