"""Coming in and going out: login, one-time code, staying in, own account."""

from flask import Response, abort, current_app, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from casework.report_models import Staff
from console import asked, cookies, words
from console.blueprint import blueprint
from console.login import accounts, attempts, sessions, spare_codes
from runtime.settings import settings
from store.database import transaction

HOMES = {
    "focal_point": "queue",
    "engagement": "inbox",
    "administrator": "people",
    "editor": "answers",
    "viewer": "figures",
    "auditor": "audit",
}
"""The page that a role begins with, the first that fits."""


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """To the page where this person's work begins."""
    roles = g.who.person.roles
    known = (page for role, page in HOMES.items() if role in roles)
    page = next((page for page in known if f"console.{page}" in current_app.view_functions), "account")
    return redirect(url_for(f"console.{page}"), 303)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Login and password."""
    if request.method == "GET":
        return render_template("console/login/login.html")
    name = request.form.get("login", "")
    device = cookies.device_of(name)
    admit(device)
    passed = accounts.check_password(name, request.form.get("password", ""), device)
    if passed is None:
        return render_template("console/login/login.html", refused=True), 401
    _carry(sessions.expect_code(passed))
    return redirect(url_for("console.code", next=asked.wanted_page()), 303)


@blueprint.route("/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The one-time code, within minutes of the password; then to the page that was wanted."""
    passed = sessions.awaited(session.get("token"))
    if passed is None:
        return redirect(url_for("console.login", next=asked.wanted_page()), 303)
    if request.method == "GET":
        return render_template("console/login/code.html")
    device = cookies.device_of(passed.login)
    admit(device)
    if not accounts.check_code(passed, request.form.get("code", ""), device):
        return render_template("console/login/code.html", refused=True), 401
    _carry(sessions.open_(passed))
    cookies.know(passed.login)
    return redirect(asked.wanted_page() or url_for("console.home"), 303)


@blueprint.get("/logout")
def logout() -> ResponseReturnValue:
    """Away from here, at once; also by the link at the top of each page."""
    who = sessions.resume(session.get("token"))
    let_go()
    if who is not None:
        accounts.leave(who.person)
    return redirect(url_for("console.login"), 303)


@blueprint.post("/language")
def choose_language() -> ResponseReturnValue:
    """The language of the pages on which nobody is logged in."""
    answer = redirect(url_for("console.login", next=asked.wanted_page()), 303)
    chosen = request.form.get("language")
    if chosen not in words.LANGUAGES:
        abort(400)
    secure = settings().origin.startswith("https://")
    answer.set_cookie(
        words.COOKIE, chosen, max_age=cookies.KEPT, path="/console", httponly=True, secure=secure, samesite="Lax"
    )
    return answer


@blueprint.post("/account/language")
def set_language() -> ResponseReturnValue:
    """The language of the console, and of what the service tells this person."""
    chosen = request.form.get("language", "")
    if chosen not in words.LANGUAGES:
        abort(400)
    with transaction() as session:
        session.get_one(Staff, g.who.person.id).language = chosen
    return redirect(asked.wanted_page() or url_for("console.account"), 303)


@blueprint.get("/alive")
def alive() -> Response:
    """Asked by a page in which somebody types: the session goes on. Answers the seconds that are left without use."""
    return jsonify(left=int(g.who.left.total_seconds()))


@blueprint.get("/account")
def account() -> ResponseReturnValue:
    """Own password, phone, recovery codes and sessions."""
    return account_page()


@blueprint.post("/account/password")
def change_password() -> ResponseReturnValue:
    """Another password; then a new login."""
    form = request.form
    old, code, new, again = (form.get(name, "") for name in ("old", "code", "password", "again"))
    device = cookies.device_of(g.who.person.login)
    admit(device)
    try:
        accounts.change_password(g.who.person, old, code, new, again, device)
    except accounts.Refused as refusal:
        return account_page(wrong=str(refusal)), 400
    let_go()
    flash("password_changed")
    return redirect(url_for("console.login"), 303)


@blueprint.post("/account/leave")
def leave_everywhere() -> ResponseReturnValue:
    """Sign out on every computer."""
    if request.form.get("sure") != "yes":
        abort(400)
    accounts.leave_everywhere(g.who.person)
    let_go()
    flash("left_everywhere")
    return redirect(url_for("console.login"), 303)


def account_page(**wrong: str) -> str:
    """The page of the own account; `wrong`: why a form of it was refused."""
    left = spare_codes.left(g.who.person)
    return render_template("console/login/account.html", codes_left=left, few=spare_codes.FEW, **wrong)


def admit(device: str | None) -> None:
    """Count an attempt of this browser, or of its address if nobody has logged in with it yet.

    Raises:
        attempts.TooMany: it has tried too often in the last minute.
    """
    attempts.admit(device or address())


def address() -> str:
    """The browser's address; where a proxy on this machine brought the request, the one that the proxy saw."""
    seen = request.remote_addr or "nowhere"
    brought = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return brought if brought and seen in ("127.0.0.1", "::1") else seen


def let_go() -> None:
    """End the session that was sent along; where none was, its cookie is not touched."""
    if "token" in session:
        sessions.end(session["token"])
        session.clear()


def _carry(token: str) -> None:
    """A new token for a new step; the old one opens nothing any more, and forms of before are stale."""
    let_go()
    session["token"] = token
