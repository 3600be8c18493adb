"""It concerns a focal point: who is kept from a report, with a reason, and who is not any more."""

from dataclasses import replace

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from casework import reports, routing
from casework.report_models import ReportSeal, Staff
from casework.states import Impossible
from console import asked
from console.blueprint import blueprint
from console.reports.actions import act
from console.reports.opening import Desk, look

SHORTEST_REASON = 10


@blueprint.post("/reports/<reference>/concerning")
def concerning(reference: str) -> ResponseReturnValue:
    """Ask for a reason and whether it is meant; then they read it no more, at once."""
    chosen, reason = asked.number(request.form.get("person")), asked.text("reason")[:2000]
    if chosen is not None and request.form.get("sure") != "yes":
        return look(reference, lambda here: _ask(here, chosen), what="concerning")

    def do(here: Desk) -> list[int]:
        return _keep_from(here, chosen, reason)

    answer = act(reference, do, "kept_from")
    return redirect(url_for("console.queue"), 303) if chosen == g.who.person.id else answer


@blueprint.post("/reports/<reference>/not-concerning")
def not_concerning(reference: str) -> ResponseReturnValue:
    """It does not concern them after all: it is for them again; a reader gives them access."""
    chosen = asked.number(request.form.get("person"))

    def do(here: Desk) -> None:
        if chosen is None or chosen not in here.opened.routing.kept_from:
            raise Impossible("it is not kept from them")
        reports.unkeep(here.session, here.reader.login, here.report, chosen)
        person = here.session.get_one(Staff, chosen)
        reports.write(here.session, here.report, "event", what="not_kept_from", whom=person.login, by=here.reader.login)

    return act(reference, do, "not_kept_from")


def _ask(here: Desk, chosen: int) -> str:
    person = next((one for one in choices(here) if one.id == chosen), None)
    if person is None:
        abort(404)
    return render_template(
        "console/reports/concerning.html", report=here.report, person=person, shortest=SHORTEST_REASON
    )


def choices(here: Desk) -> list[Staff]:
    """Whom it can be kept from: those who may read it, oneself too."""
    return routing.readers(here.session, here.opened.routing)


def _keep_from(here: Desk, chosen: int | None, reason: str) -> list[int]:
    """Raises Impossible where nobody else would be left whose key opens the report."""
    session, report, routed = here.session, here.report, here.opened.routing
    person = next((one for one in choices(here) if one.id == chosen), None)
    if person is None:
        raise Impossible("choose whom it concerns")
    if len(reason) < SHORTEST_REASON:
        raise Impossible("say why it concerns them, in %(shortest)s letters or more", shortest=SHORTEST_REASON)
    after = replace(routed, kept_from=(*routed.kept_from, person.id))
    able = {one.id for one in routing.readers(session, after)}
    seals = set(session.scalars(select(ReportSeal.staff_id).where(ReportSeal.report_id == report.id)))
    if not (able & seals) - {here.person.id}:
        raise Impossible("nobody but you could open it then: ask an administrator to add somebody first")
    reports.write(session, report, "event", what="kept_from", whom=person.login, text=reason, by=here.reader.login)
    return reports.reroute(session, report, after, here.reader.login)
