"""What a focal point does with a report. Each is one form of its page; casework does it and writes it down."""

from collections.abc import Callable
from dataclasses import replace

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from casework import audit, escalation, readers, relay, report_life, reports, routing
from casework.readers import NotForYou
from casework.report_models import ReportSeal
from casework.states import Impossible
from console import access, asked, opening
from console.blueprint import blueprint
from console.opening import Desk, desk
from store.database import transaction


def act(reference: str, do: Callable[[Desk], list[int] | None], said: str) -> ResponseReturnValue:
    """Do it and go back to the report, which tells that it was done, or why not."""
    try:
        with desk(reference) as here:
            here.announced += do(here) or []
    except (relay.CannotWrite, Impossible) as reason:
        flash(str(reason), "problem")
    else:
        flash(said)
    return redirect(url_for("console.report", reference=reference), 303)


@blueprint.post("/reports/<reference>/acknowledge")
def acknowledge(reference: str) -> ResponseReturnValue:
    """Take it; also where the words are kept closed, for the alarm must end."""
    try:
        with transaction() as session:
            person, report = opening.find(session, reference)
            if report.state == "open":
                escalation.acknowledge(session, report, person, "console")
    except NotForYou:
        access.note_refused({"reference": reference})
        abort(404)
    flash("acknowledged")
    return redirect(url_for("console.report", reference=reference), 303)


@blueprint.post("/reports/<reference>/note")
def note(reference: str) -> ResponseReturnValue:
    """Words for those who read the report; nobody sends them anywhere."""

    def do(here: Desk) -> None:
        text = asked.text("text")
        if not text:
            raise Impossible("a note has words")
        reports.write(here.session, here.report, "note", text=text, by=here.reader.login)
        audit.record(here.session, here.reader.login, "noted", reference)

    return act(reference, do, "noted")


@blueprint.post("/reports/<reference>/concerning")
def concerning(reference: str) -> ResponseReturnValue:
    """It concerns a focal point: they may read it no more."""
    concerned = asked.number(request.form.get("person"))

    def do(here: Desk) -> list[int]:
        if concerned is None:
            raise Impossible("choose whom it concerns")
        return _keep_from(here, concerned)

    answer = act(reference, do, "kept_from")
    return redirect(url_for("console.queue"), 303) if concerned == g.who.person.id else answer


def _keep_from(here: Desk, concerned: int) -> list[int]:
    """Raises Impossible where nobody would be left whose key opens the report."""
    session, report, routed = here.session, here.report, here.opened.routing
    if concerned == here.person.id:
        readers.give(session, here.reader, report)  # who joined later must not be left without a key
    after = replace(routed, kept_from=(*routed.kept_from, concerned))
    left = {person.id for person in routing.readers(session, after)}
    seals = session.scalars(select(ReportSeal.staff_id).where(ReportSeal.report_id == report.id)).all()
    if not left & set(seals):
        raise Impossible("nobody else could read it then: first another focal point must join and be given access")
    return reports.reroute(session, report, after, here.reader.login)


@blueprint.post("/reports/<reference>/hand-back")
def hand_back(reference: str) -> ResponseReturnValue:
    """The assistant answers the person again."""
    return act(reference, lambda here: relay.hand_back(here.session, here.reader, here.opened), "handed_back")


@blueprint.post("/reports/<reference>/close")
def close(reference: str) -> ResponseReturnValue:
    """It ended, in one of the known ways, with a note; the person is told in neutral words if they may be."""
    outcome, tell = request.form.get("outcome", ""), request.form.get("tell") == "yes"

    def do(here: Desk) -> list[int]:
        return report_life.close(here.session, here.reader, here.opened, outcome, asked.text("text"), tell)

    return act(reference, do, "closed")


@blueprint.post("/reports/<reference>/reopen")
def reopen(reference: str) -> ResponseReturnValue:
    """It goes on."""
    return act(reference, lambda here: report_life.reopen(here.session, here.reader, here.report), "reopened")
