"""Who works with the service, for administrators: who can be told, who is away, who is added. Nothing of reports."""

from dataclasses import dataclass

from flask import abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework import audit, coverage, credentials, readiness, staff, watching
from casework.report_models import Staff
from casework.staff import BadStaff
from console import asked, cookies, once
from console.administration import details, links
from console.administration.details import Details
from console.administration.links import Link
from console.blueprint import blueprint
from console.login import accounts
from console.login.accounts import Refused
from console.login.pages import admit
from console.words import gettext
from store.database import reading


@dataclass(frozen=True)
class Row:
    """One person in the list."""

    person: Staff
    address: str | None
    is_away: bool
    leave: str | None
    is_unreachable: bool


@blueprint.get("/people")
def people() -> ResponseReturnValue:
    """Everybody; whether somebody is on duty at every hour."""
    with reading() as session:
        lost = {person.id for person in watching.unreachable(session)}
        rows = [
            Row(
                person, details.address_of(person), details.is_away(person), details.leave_of(person), person.id in lost
            )
            for person in staff.everybody(session)
        ]
        gaps = coverage.uncovered(session)
    rows.sort(key=lambda row: row.person.disabled_at is not None)
    audit.note(g.who.person.login, "people_viewed")
    return render_template("console/administration/people.html", rows=rows, gaps=gaps)


@blueprint.get("/people/new")
def new_person() -> ResponseReturnValue:
    """The form for somebody who is added."""
    return _form(Details.empty())


@blueprint.post("/people/new")
def add_person() -> ResponseReturnValue:
    """Add somebody, and show the link for their first password."""
    given = Details.of_form()
    me = g.who.person
    device = cookies.device_of(me.login)
    admit(device)

    def do(session: Session) -> Link:
        person = staff.add(session, me.login, given.login, **given.values(None))
        return Link(person.id, person.name, "first", credentials.invite(session, me.login, person))

    try:
        with once.first_time() as first:
            made = accounts.with_code(me, given.code, device, do) if first else None
    except (BadStaff, Refused) as refusal:
        return _form(given, refusal), 400
    if made is None:
        flash(
            gettext("The person was added already. Their link was shown once: make another if it is lost."), "problem"
        )
        return redirect(url_for("console.people"), 303)
    readiness.forget()
    return links.show(made)


def _form(given: Details, refusal: BadStaff | Refused | None = None) -> str:
    problem = links.why(refusal) if refusal is not None else None
    choices = details.choices(None)
    return render_template("console/administration/new.html", given=given, choices=choices, problem=problem)


def found(number: int) -> Staff:
    """The person with this id, or the answer that there is no such page."""
    if not 0 < number <= asked.LARGEST_ID:
        abort(404)
    with reading() as session:
        person = session.get(Staff, number)
    if person is None:
        abort(404)
    return person
