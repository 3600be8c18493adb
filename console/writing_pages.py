"""Writing to the person: the hours that are safe, the text and how it will arrive."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework import relay
from casework.states import Impossible
from console import asked
from console.blueprint import blueprint
from console.opening import Desk, desk
from console.report_actions import act
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
    try:
        with desk(reference) as here:
            if request.form.get("do") != "send":
                return _check(here, text, ask_first)
            must_be_open(here)
            here.announced += relay.send(here.session, here.reader, here.opened, text, ask_first)
    except (relay.CannotWrite, Impossible) as reason:
        with desk(reference) as here:
            return _check(here, text, ask_first, str(reason)), 400
    flash("written")
    return redirect(url_for("console.report", reference=reference), 303)


def must_be_open(here: Desk) -> None:
    """Raises Impossible for a closed report: who answers would reach nobody."""
    if here.report.state != "open":
        raise Impossible("it is closed: open it again first")


def _check(here: Desk, text: str, ask_first: bool, problem: str | None = None) -> str:
    """The page that shows a text as it will go out."""
    when = contact = None
    try:
        contact = relay.contact_of(here.session, here.opened)
        when = relay.next_safe(here.opened, now())
    except relay.CannotWrite as reason:
        problem = problem or str(reason)
    return render_template(
        "console/write.html",
        report=here.report,
        text=text,
        ask_first=ask_first,
        problem=problem,
        counted=segments.count(text),
        by_sms=contact is not None and contact.channel == "sms",
        prompt=sentence("relay_prompt", contact.language) if contact is not None else None,
        when=when,
        at_once=when is not None and when <= now(),
        longest=relay.LONGEST,
        time_zone=deployment().time_zone,
    )
