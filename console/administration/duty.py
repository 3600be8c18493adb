"""Who is on duty when: a picture of the coming week, and the rota, which administrators may write anew here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework import audit, readiness, rota, routing, staff
from casework.report_models import Staff
from casework.rota import MOST_LINES, BadRota
from console import asked, refusals
from console.administration import details, picture
from console.blueprint import blueprint
from console.words import gettext
from runtime import taxonomy
from runtime.deployment import deployment
from store.database import reading, transaction

PLACES = 3
"""People of a line that can be chosen; a line with more keeps them."""
SPARE = 2
"""Empty lines at the end of the form."""


@dataclass(frozen=True)
class Line:
    """A line of the form."""

    people: tuple[str, ...]
    hours: str
    categories: tuple[str, ...]
    site: str

    @property
    def is_empty(self) -> bool:
        """True for a spare one, and for one whose people were taken out."""
        return not self.people

    @property
    def places(self) -> tuple[str, ...]:
        """Logins as they stand in the line's choices, the last one empty for one more."""
        return (*self.people, *[""] * max(1, PLACES - len(self.people)))

    def data(self) -> dict[str, Any]:
        """As deployment.yml writes it."""
        categories = list(self.categories) if len(self.categories) < len(taxonomy.sensitive_categories()) else []
        return {"people": list(self.people), "hours": self.hours, "categories": categories, "site": self.site or None}


@blueprint.get("/duty")
def duty() -> ResponseReturnValue:
    """The coming week, who is on duty now and next, who stands behind them, who is away, and the rota's lines."""
    with reading() as session:
        everybody = staff.everybody(session)
        shown = render_template(
            "console/administration/duty.html",
            grids=picture.grids(session),
            lines=routing.duty(session),
            written=rota.newest(session),
            name_of={person.login: person.name for person in everybody},
            backups=_backups(everybody),
            away=[(one, leave) for one in _focal(everybody) if (leave := details.leave_of(one)) is not None],
            unreachable=[person for person in _focal(everybody) if not routing.reachable_by(person)],
            time_zone=deployment().time_zone,
        )
    audit.note(g.who.person.login, "duty_viewed")
    return shown


@blueprint.get("/duty/rota")
def edit_rota() -> ResponseReturnValue:
    """The form with the rota in force."""
    with reading() as session:
        lines = [
            Line(tuple(one.people), one.hours, tuple(one.categories), one.site or "") for one in routing.duty(session)
        ]
        return _form(session, lines, _version(session))


@blueprint.post("/duty/rota")
def save_rota() -> ResponseReturnValue:
    """Show what a rota would cover, or put it in force; one with gaps only where that was seen and said."""
    lines, seen, step = _lines(), asked.number(request.form.get("seen")) or 0, request.form.get("do")
    given = [line.data() for line in lines if not line.is_empty]
    try:
        if step == "file":
            with transaction() as session:
                rota.put_back(session, g.who.person.login, seen)
            return _saved(gettext("The rota of deployment.yml holds again."))
        with reading() as session:
            grids = picture.grids(session, rota.checked(session, given))
            is_known = not any(grid.gaps for grid in grids) or request.form.get("sure") == "yes"
            if step != "save" or not is_known:
                return _form(session, lines, seen, grids=grids)
        with transaction() as session:
            rota.write(session, g.who.person.login, given, seen)
        return _saved(gettext("The rota is in force."))
    except BadRota as refusal:
        with reading() as session:
            return _form(session, lines, seen, problem=refusals.why(refusal)), 400


def _saved(said: str) -> ResponseReturnValue:
    readiness.forget()
    flash(said)
    return redirect(url_for("console.duty"), 303)


def _form(
    session: Session,
    lines: Sequence[Line],
    seen: int,
    grids: Sequence[picture.Grid] = (),
    problem: str | None = None,
) -> str:
    kept = [line for line in lines if not line.is_empty]
    spare = [Line((), "", (), "")] * min(SPARE, MOST_LINES - len(kept))
    able = _focal(staff.everybody(session))
    return render_template(
        "console/administration/rota.html",
        lines=[*kept, *spare],
        seen=seen,
        grids=grids,
        has_gaps=any(grid.gaps for grid in grids),
        problem=problem,
        able=able,
        known={person.login for person in able},
        is_written=seen > 0 and (found := rota.newest(session)) is not None and found.lines is not None,
        categories=tuple(taxonomy.sensitive_categories()),
        sites=deployment().sites,
        time_zone=deployment().time_zone,
    )


def _lines() -> list[Line]:
    """The form's lines, in their order."""
    form = request.form
    return [
        Line(
            tuple(dict.fromkeys(login for login in form.getlist(f"people-{number}") if login)),
            asked.text(f"hours-{number}")[: rota.LONGEST_HOURS + 1] or "24/7",
            tuple(dict.fromkeys(form.getlist(f"category-{number}"))),
            form.get(f"site-{number}", ""),
        )
        for number in range(1, MOST_LINES + SPARE + 1)
        if f"hours-{number}" in form
    ]


def _version(session: Session) -> int:
    found = rota.newest(session)
    return found.version if found is not None else 0


def _focal(everybody: Sequence[Staff]) -> list[Staff]:
    return [person for person in everybody if "focal_point" in person.roles and person.disabled_at is None]


def _backups(everybody: Sequence[Staff]) -> list[Staff]:
    """Those whom deployment.yml names, in its order; empty: all others who answer for it."""
    by_login = {person.login: person for person in everybody if person.disabled_at is None}
    return [by_login[login] for login in deployment().escalation.backups if login in by_login]
