"""Coming in and going out: login, one-time code, first password, own account."""

import pyotp
import segno
from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from console import accounts, sessions
from console.blueprint import blueprint
from runtime.deployment import deployment

HOMES = {"focal_point": "queue", "auditor": "audit", "administrator": "people"}
"""The page that a role begins with, the first that fits."""


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """To the page where this person's work begins."""
    roles = g.who.person.roles
    page = next((page for role, page in HOMES.items() if role in roles), "account")
    return redirect(url_for(f"console.{page}"), 303)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Login and password."""
    if request.method == "GET":
        return render_template("console/login.html")
    passed = accounts.check_password(request.form.get("login", ""), request.form.get("password", ""))
    if passed is None:
        return render_template("console/login.html", refused=True), 401
    _carry(sessions.expect_code(passed))
    return redirect(url_for("console.code"), 303)


@blueprint.route("/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The one-time code, within minutes of the password."""
    passed = sessions.awaited(session.get("token"))
    if passed is None:
        return redirect(url_for("console.login"), 303)
    if request.method == "GET":
        return render_template("console/code.html")
    if not accounts.check_code(passed, request.form.get("code", "")):
        return render_template("console/code.html", refused=True), 401
    _carry(sessions.open_(passed))
    return redirect(url_for("console.home"), 303)


@blueprint.get("/logout")
def logout() -> ResponseReturnValue:
    """Away from here, at once; also by the link at the top of each page."""
    who = sessions.resume(session.get("token"))
    sessions.end(session.get("token"))
    session.clear()
    if who is not None:
        accounts.leave(who.person)
    return redirect(url_for("console.login"), 303)


@blueprint.route("/first/<token>", methods=["GET", "POST"])
def first(token: str) -> ResponseReturnValue:
    """The first password, by the link that was sent; the one-time codes are set up with it."""
    person = accounts.invited(token)
    if person is None:
        return render_template("console/plain.html", what="link"), 404
    secret = sessions.first(session.get("token"))
    wrong = None
    if request.method == "POST" and secret is None:
        wrong = "anew"
    elif request.method == "POST" and secret is not None:
        form = request.form
        given = (form.get("password", ""), form.get("again", ""), secret, form.get("code", ""))
        try:
            accounts.set_first(token, *given)
        except accounts.Refused as refusal:
            wrong = str(refusal)
        else:
            _let_go()
            flash("password_set")
            return redirect(url_for("console.login"), 303)
    if secret is None:
        secret = pyotp.random_base32()
        _carry(sessions.begin_first(secret))
    name = f"Sawti {deployment().organisation}"
    uri = pyotp.TOTP(secret).provisioning_uri(name=person.login, issuer_name=name)
    picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=2, light="#fff")
    shown = render_template("console/first.html", person=person, picture=picture, secret=secret, wrong=wrong)
    return shown, 400 if wrong else 200


@blueprint.get("/account")
def account() -> ResponseReturnValue:
    """Own password and sessions."""
    return render_template("console/account.html")


@blueprint.post("/account/password")
def change_password() -> ResponseReturnValue:
    """Another password; then a new login."""
    form = request.form
    given = [form.get(name, "") for name in ("old", "code", "password", "again")]
    try:
        accounts.change_password(g.who.person, *given)
    except accounts.Refused as refusal:
        return render_template("console/account.html", wrong=str(refusal)), 400
    _let_go()
    flash("password_changed")
    return redirect(url_for("console.login"), 303)


@blueprint.post("/account/leave")
def leave_everywhere() -> ResponseReturnValue:
    """Sign out on every computer."""
    if request.form.get("sure") != "yes":
        abort(400)
    accounts.leave_everywhere(g.who.person)
    _let_go()
    flash("left_everywhere")
    return redirect(url_for("console.login"), 303)


def _carry(token: str) -> None:
    """A new token for a new step; the old one opens nothing any more, and forms of before are stale."""
    _let_go()
    session["token"] = token


def _let_go() -> None:
    sessions.end(session.get("token"))
    session.clear()
