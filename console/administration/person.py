"""One person, for administrators: what is said of them, leave, sessions, links, leaving. Changes are written down."""

from collections.abc import Callable
from datetime import date

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import audit, credentials, readiness, sealing, staff
from casework.report_models import AuditEntry, Staff
from casework.staff import BadStaff
from console import asked, cookies
from console.administration import details, links
from console.administration.details import Details
from console.administration.people import found
from console.blueprint import blueprint
from console.login import accounts
from console.login.accounts import Done, Refused
from console.login.pages import admit
from console.words import gettext
from store.database import now, reading, transaction


@blueprint.get("/people/<int:number>")
def person(number: int) -> ResponseReturnValue:
    """What is known of them, and what can be done."""
    shown = found(number)
    audit.note(g.who.person.login, "person_viewed", shown.login)
    return _page(shown, Details.of_person(shown))


@blueprint.post("/people/<int:number>")
def change_person(number: int) -> ResponseReturnValue:
    """Change what is said of them. What they may do or read, and their name: not one's own. That, and where their
    alerts go: with a one-time code."""
    shown, given, me = found(number), Details.of_form(), g.who.person

    def do(session: Session) -> list[str]:
        return credentials.change(session, me.login, shown.login, **given.values(shown))

    try:
        if given.changes_reach(shown):
            _not_oneself(shown)
        changed = _with_code(do) if given.is_grave(shown) else _in_transaction(do)
    except (BadStaff, Refused) as refusal:
        return _page(shown, given, links.why(refusal)), 400
    readiness.forget()
    if not changed:
        flash(gettext("Nothing was changed."))
    elif "roles" in changed:
        flash(gettext("It was changed, and their sessions have ended."))
    else:
        flash(gettext("It was changed."))
    return redirect(url_for("console.person", number=number), 303)


@blueprint.post("/people/<int:number>/leave")
def set_person_leave(number: int) -> ResponseReturnValue:
    """Away from one day to another; without days it ends."""

    def do(session: Session, by: str, shown: Staff) -> str:
        first, last = _day("first"), _day("last")
        if first is None and last is not None:
            raise BadStaff("leave has a first day")
        staff.set_leave(session, by, shown.login, first, last)
        return gettext("The leave was set.") if first else gettext("The leave is over.")

    return _act(number, do)


@blueprint.post("/people/<int:number>/unlock")
def unlock_person(number: int) -> ResponseReturnValue:
    """The pause after failed attempts ends."""

    def do(session: Session, by: str, shown: Staff) -> str:
        staff.unlock(session, by, shown.login)
        return gettext("They may try again at once.")

    return _act(number, do)


@blueprint.post("/people/<int:number>/sign-out")
def sign_out_person(number: int) -> ResponseReturnValue:
    """Every session of theirs ends."""

    def do(session: Session, by: str, shown: Staff) -> str:
        credentials.end_sessions(session, by, shown)
        return gettext("They are logged out everywhere.")

    return _act(number, do)


@blueprint.post("/people/<int:number>/disable")
def disable_person(number: int) -> ResponseReturnValue:
    """They leave."""

    def do(session: Session, by: str, shown: Staff) -> str:
        _not_oneself(shown)
        if request.form.get("sure") != "yes":
            raise BadStaff("say that you have read what happens then")
        credentials.disable(session, by, shown.login)
        return gettext("They are disabled: no login, no alerts, and nothing is sealed to them.")

    return _act(number, do, with_code=True)


@blueprint.post("/people/<int:number>/enable")
def enable_person(number: int) -> ResponseReturnValue:
    """They are back."""

    def do(session: Session, by: str, shown: Staff) -> str:
        credentials.enable(session, by, shown.login)
        return gettext("They are back. Make a link by which they set a new password.")

    return _act(number, do)


@blueprint.post("/people/<int:number>/link")
def link_person(number: int) -> ResponseReturnValue:
    """A link for a first password. Who has one already loses what is sealed to it."""
    shown = found(number)
    if shown.id == g.who.person.id or (shown.wrapped_key is not None and request.form.get("sure") != "yes"):
        flash(
            gettext("Say that you have read what happens then. Your own password you change under Account."), "problem"
        )
        return redirect(url_for("console.person", number=number), 303)
    return links.first_password(shown)


@blueprint.post("/people/<int:number>/phone-link")
def phone_link_person(number: int) -> ResponseReturnValue:
    """A link for another phone; the key stays."""
    return links.new_phone(found(number))


def _act(number: int, do: Callable[[Session, str, Staff], str], with_code: bool = False) -> ResponseReturnValue:
    """Do it in one transaction, and go back to the person's page, which tells that it was done, or why not."""
    shown, me = found(number), g.who.person

    def act(session: Session) -> str:
        return do(session, me.login, staff.find(session, shown.login))

    try:
        flash(_with_code(act) if with_code else _in_transaction(act))
    except (BadStaff, Refused) as refusal:
        flash(links.why(refusal), "problem")
    readiness.forget()
    return redirect(url_for("console.person", number=number), 303)


def _with_code(do: Callable[[Session], Done]) -> Done:
    me = g.who.person
    device = cookies.device_of(me.login)
    admit(device)
    return accounts.with_code(me, asked.text("code"), device, do)


def _in_transaction(do: Callable[[Session], Done]) -> Done:
    with transaction() as session:
        return do(session)


def _not_oneself(shown: Staff) -> None:
    if shown.id == g.who.person.id:
        raise BadStaff("another administrator has to do that: nobody changes what they may do themselves")


def _day(name: str) -> date | None:
    """A day of the form; None where none was given.

    Raises:
        BadStaff: that is no day.
    """
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadStaff("a day looks like 2026-12-24") from None


def _page(shown: Staff, given: Details, problem: str | None = None) -> str:
    with reading() as session:
        alone, has_recovery = details.alone_for(session, shown)
        last = session.scalars(
            select(AuditEntry.at)
            .where(AuditEntry.actor == shown.login, AuditEntry.action == "login")
            .order_by(AuditEntry.id.desc())
            .limit(1)
        ).first()
    return render_template(
        "console/administration/person.html",
        person=shown,
        given=given,
        problem=problem,
        choices=details.choices(shown),
        address=details.address_of(shown),
        is_me=shown.id == g.who.person.id,
        is_away=details.is_away(shown),
        leave=details.leave_of(shown),
        is_paused=staff.has_locked_out(shown, now()),
        invited=shown.invited_until is not None and shown.invited_until > now(),
        key=sealing.fingerprint(shown.public_key) if shown.public_key else None,
        last_login=last,
        alone=alone,
        has_recovery=has_recovery,
    )
