"""Who may call which page of the console: one table, asked before every request."""

from typing import Any

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from casework import audit, reports
from casework.staff import ROLES
from console import asked, cookies
from console.blueprint import NAME
from console.exports import door
from console.login import attempts, sessions
from store.database import reading

NOBODY = "nobody"
"""The role of who is not logged in."""
ANYBODY = frozenset(ROLES)
PUBLIC = ANYBODY | {NOBODY}
FOCAL_POINT = frozenset({"focal_point"})
ENGAGEMENT = frozenset({"engagement"})
EDITOR = frozenset({"editor"})
AUDITOR = frozenset({"auditor"})
ADMINISTRATOR = frozenset({"administrator"})
FIGURES = frozenset({"engagement", "viewer", "administrator"})
"""Those who see counts; of a viewer's the small ones are hidden."""
KEYS = frozenset(door.ROLES.values())
"""Those who come with a key instead of a session: other tools. Nobody of staff is among them."""
FEEDBACK_KEYS = KEYS - {door.ROLES["figures"]}

TABLE: dict[str, frozenset[str]] = {
    "static": PUBLIC,
    "login": PUBLIC,
    "code": PUBLIC,
    "first": PUBLIC,
    "phone_link": PUBLIC,
    "logout": PUBLIC,
    "choose_language": PUBLIC,
    "home": ANYBODY,
    "alive": ANYBODY,
    "account": ANYBODY,
    "set_language": ANYBODY,
    "change_password": ANYBODY,
    "phone": ANYBODY,
    "begin_phone": ANYBODY,
    "confirm_phone": ANYBODY,
    "renew_codes": ANYBODY,
    "leave_everywhere": ANYBODY,
    "queue": FOCAL_POINT,
    "queue_live": FOCAL_POINT,
    "give_access": FOCAL_POINT,
    "report": FOCAL_POINT,
    "report_here": FOCAL_POINT,
    "number": FOCAL_POINT,
    "file": FOCAL_POINT,
    "acknowledge": FOCAL_POINT,
    "write": FOCAL_POINT,
    "safe_hours": FOCAL_POINT,
    "note": FOCAL_POINT,
    "concerning": FOCAL_POINT,
    "not_concerning": FOCAL_POINT,
    "hand_back": FOCAL_POINT,
    "close": FOCAL_POINT,
    "reopen": FOCAL_POINT,
    "refer": FOCAL_POINT,
    "refer_check": FOCAL_POINT,
    "refer_confirm": FOCAL_POINT,
    "referral": FOCAL_POINT,
    "inbox": ENGAGEMENT,
    "inbox_live": ENGAGEMENT,
    "bulk": ENGAGEMENT,
    "groups": ENGAGEMENT,
    "case": ENGAGEMENT,
    "here": ENGAGEMENT,
    "case_file": ENGAGEMENT,
    "case_acknowledge": ENGAGEMENT,
    "case_assign": ENGAGEMENT,
    "case_start": ENGAGEMENT,
    "case_note": ENGAGEMENT,
    "case_reopen": ENGAGEMENT,
    "case_link": ENGAGEMENT,
    "case_apart": ENGAGEMENT,
    "case_correct": ENGAGEMENT,
    "case_label": ENGAGEMENT,
    "case_pass_on": ENGAGEMENT,
    "case_reply": ENGAGEMENT,
    "case_close": ENGAGEMENT,
    "canned": ENGAGEMENT,
    "canned_save": ENGAGEMENT,
    "canned_remove": ENGAGEMENT,
    "canned_first": ENGAGEMENT,
    "save_view": ENGAGEMENT,
    "remove_view": ENGAGEMENT,
    "exports": FIGURES,
    "export_feedback": ENGAGEMENT,
    "export_figures": FIGURES,
    "keys": ADMINISTRATOR,
    "make_key": ADMINISTRATOR,
    "revoke_key": ADMINISTRATOR,
    "api.feedback": FEEDBACK_KEYS,
    "api.one_feedback": FEEDBACK_KEYS,
    "api.figures": KEYS,
    "api.openapi": PUBLIC,
    "figures": FIGURES,
    "figures_answers": FIGURES,
    "figures_topics": FIGURES,
    "figures_languages": FIGURES,
    "figures_deliveries": FIGURES,
    "months": FIGURES,
    "month": FIGURES,
    "audit": AUDITOR,
    "answers": EDITOR,
    "waiting": EDITOR,
    "approve_change": EDITOR,
    "decline_change": EDITOR,
    "take_back_change": EDITOR,
    "sentences": EDITOR,
    "texts": EDITOR,
    "take_texts": EDITOR,
    "answer": EDITOR,
    "propose_answer": EDITOR,
    "doubt_answer": EDITOR,
    "check_answer": EDITOR,
    "directory": EDITOR | ADMINISTRATOR,
    "directory_service": EDITOR | ADMINISTRATOR,
    "directory_file": EDITOR,
    "upload_directory": EDITOR,
    "uploaded_directory": EDITOR | ADMINISTRATOR,
    "confirm_upload": EDITOR | ADMINISTRATOR,
    "decline_upload": EDITOR | ADMINISTRATOR,
    "people": ADMINISTRATOR,
    "new_person": ADMINISTRATOR,
    "add_person": ADMINISTRATOR,
    "person": ADMINISTRATOR,
    "change_person": ADMINISTRATOR,
    "set_person_leave": ADMINISTRATOR,
    "unlock_person": ADMINISTRATOR,
    "sign_out_person": ADMINISTRATOR,
    "disable_person": ADMINISTRATOR,
    "enable_person": ADMINISTRATOR,
    "link_person": ADMINISTRATOR,
    "phone_link_person": ADMINISTRATOR,
    "duty": ADMINISTRATOR,
    "edit_rota": ADMINISTRATOR,
    "save_rota": ADMINISTRATOR,
    "service": ADMINISTRATOR,
    "export_audit": AUDITOR,
}

QUIET = frozenset({"inbox_live", "queue_live", "here", "report_here"})
"""Asked by an open page by itself: it is no use of the session, which ends in its time all the same."""
FILES = frozenset(
    {
        *("export_feedback", "export_figures", "export_audit", "texts", "directory_file"),
        *("upload_directory", "take_texts"),
    }
)
"""Files that are made or read: each costs the service much, so one person may ask for so many in a minute."""
MOST_FILES = 12
SMALL_FORMS = frozenset(
    {"login", "code", "first", "phone_link", "change_password", "begin_phone", "confirm_phone", "renew_codes"}
)
SMALL = 16_000
"""Bytes of a form that holds a password or a code."""
LARGE_FORMS = frozenset({"upload_directory", "take_texts"})
LARGE = 5_200_000
"""Bytes of a form that brings a file; all others have a fifth of it (webhooks.app)."""


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
    """Let the request through, or answer it: to the login, or as if there were no such page.

    Raises:
        attempts.TooMany: this person asked for too many files in the last minute.
    """
    endpoint = str(request.endpoint).removeprefix(f"{NAME}.")
    allowed = TABLE.get(endpoint, frozenset())
    g.who = None
    if allowed & KEYS:
        door.admit(allowed, endpoint)
        return None
    if endpoint in SMALL_FORMS:
        request.max_form_memory_size = request.max_content_length = SMALL
    if NOBODY in allowed:
        if request.method == "POST":
            cookies.check_form()
        return None
    g.who = sessions.resume(session.get("token"), is_use=endpoint not in QUIET)
    if g.who is None:
        return _to_login()
    if not allowed & set(g.who.person.roles):
        note_refused(request.view_args or {}, page=endpoint)
        abort(404)
    if endpoint in FILES:
        attempts.admit(f"files of {g.who.person.id}", MOST_FILES)
    if endpoint in LARGE_FORMS:
        request.max_content_length = LARGE
    current_app.extensions["csrf"].protect()
    return None


def note_refused(arguments: dict[str, Any], **detail: Any) -> None:
    """Write down that somebody asked for what is not for them; a code only if there is such a report."""
    code = str(arguments.get("reference", ""))
    with reading() as found:
        known = code.isprintable() and reports.exists(found, code)
    audit.note(g.who.person.login, "refused", code if known else None, **detail)


def _to_login() -> ResponseReturnValue:
    came_without = "token" not in session
    if not came_without:
        session.clear()  # only then: clearing what was not sent would delete the cookie of a session that lives
    page = asked.this_page()
    if came_without and page is not None and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return Response(render_template("console/login/again.html", page=page))
    endpoint = str(request.endpoint).removeprefix(f"{NAME}.")
    if endpoint == "alive" or endpoint in QUIET or (page is None and request.method not in ("GET", "HEAD")):
        return render_template("console/plain.html", what="over"), 401
    wanted = page if page != url_for(f"{NAME}.home") else None
    return redirect(url_for(f"{NAME}.login", next=wanted), 303)
