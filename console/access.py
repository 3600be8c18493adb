"""Who may call which page of the console: one table, asked before every request."""

from typing import Any

from flask import Flask, abort, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from casework import audit, reports
from casework.staff import ROLES
from console import sessions
from console.blueprint import NAME
from store.database import reading

NOBODY = "nobody"
"""The role of who is not logged in."""
ANYBODY = frozenset(ROLES)
PUBLIC = ANYBODY | {NOBODY}
FOCAL_POINT = frozenset({"focal_point"})
AUDITOR = frozenset({"auditor"})
ADMINISTRATOR = frozenset({"administrator"})

TABLE: dict[str, frozenset[str]] = {
    "static": PUBLIC,
    "login": PUBLIC,
    "code": PUBLIC,
    "first": PUBLIC,
    "logout": PUBLIC,
    "home": ANYBODY,
    "account": ANYBODY,
    "change_password": ANYBODY,
    "leave_everywhere": ANYBODY,
    "queue": FOCAL_POINT,
    "give_access": FOCAL_POINT,
    "report": FOCAL_POINT,
    "number": FOCAL_POINT,
    "file": FOCAL_POINT,
    "acknowledge": FOCAL_POINT,
    "write": FOCAL_POINT,
    "safe_hours": FOCAL_POINT,
    "note": FOCAL_POINT,
    "concerning": FOCAL_POINT,
    "hand_back": FOCAL_POINT,
    "close": FOCAL_POINT,
    "reopen": FOCAL_POINT,
    "refer": FOCAL_POINT,
    "refer_check": FOCAL_POINT,
    "refer_confirm": FOCAL_POINT,
    "referral": FOCAL_POINT,
    "audit": AUDITOR,
    "people": ADMINISTRATOR,
}


class Incomplete(RuntimeError):
    """The table and the pages do not fit together."""


def check(app: Flask) -> None:
    """Every page has its line in the table, every line its page.

    Raises:
        Incomplete: otherwise.
    """
    pages = {
        rule.endpoint.removeprefix(f"{NAME}.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{NAME}.") or rule.rule.startswith(f"/{NAME}")
    }
    if pages != set(TABLE):
        raise Incomplete(f"who may call these? {sorted(pages ^ set(TABLE))}")


def enforce() -> ResponseReturnValue | None:
    """Let the request through, or answer it: to the login, or as if there were no such page."""
    endpoint = str(request.endpoint).removeprefix(f"{NAME}.")
    allowed = TABLE.get(endpoint, frozenset())
    g.who = None
    if NOBODY not in allowed:
        g.who = sessions.resume(session.get("token"))
        if g.who is None:
            return _to_login()
        if not allowed & set(g.who.person.roles):
            note_refused(request.view_args or {}, page=endpoint)
            abort(404)
    current_app.extensions["csrf"].protect()
    return None


def note_refused(arguments: dict[str, Any], **detail: Any) -> None:
    """Write down that somebody asked for what is not for them; a code only if there is such a report."""
    code = str(arguments.get("reference", ""))
    with reading() as found:
        known = code.isprintable() and reports.exists(found, code)
    audit.note(g.who.person.login, "refused", code if known else None, **detail)


def _to_login() -> ResponseReturnValue:
    session.clear()
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("console.login"), 303)
    return render_template("console/plain.html", what="over"), 401
