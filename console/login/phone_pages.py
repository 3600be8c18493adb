"""Setting up a phone for one-time codes: with the first password, by a link after the old one was lost, or oneself; and
the recovery codes that stand in for it."""

from collections.abc import Callable

import pyotp
import segno
from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from casework import audit
from casework.report_models import Staff
from console import cookies
from console.blueprint import blueprint
from console.login import accounts, attempts, enrolment, one_time, sessions
from console.login.accounts import Refused
from console.login.pages import account_page, admit, let_go
from console.login.pauses import STRANGER
from runtime.deployment import deployment

OWN = "account"
"""In the place of a link, where somebody is logged in."""


@blueprint.route("/first/<token>", methods=["GET", "POST"])
def first(token: str) -> ResponseReturnValue:
    """The first password, by the link that was sent; the one-time codes are set up with it."""

    def set_(person: Staff, secret: str) -> list[str]:
        form = request.form
        return enrolment.set_first(token, form.get("password", ""), form.get("again", ""), secret, form.get("code", ""))

    return _by_link("first", token, enrolment.invited(token), set_, "password_set")


@blueprint.route("/phone/<token>", methods=["GET", "POST"])
def phone_link(token: str) -> ResponseReturnValue:
    """Another phone, by the link that was sent, for who knows the password; the key stays."""

    def set_(person: Staff, secret: str) -> list[str]:
        form, device = request.form, cookies.device_of(person.login)
        return enrolment.set_phone_by_link(token, form.get("password", ""), secret, form.get("code", ""), device)

    return _by_link("phone_link", token, enrolment.invited_phone(token), set_, "phone_set")


def _by_link(
    page: str, token: str, person: Staff | None, set_: Callable[[Staff, str], list[str]], done: str
) -> ResponseReturnValue:
    """Show a picture for the phone, the same until it is used; it belongs to this link in this browser. Then, once, the
    recovery codes."""
    if person is None:
        attempts.count("link_failed")
        return render_template("console/plain.html", what="link"), 404
    secret, wrong = sessions.phone(cookies.browser(), token), None
    if request.method == "POST":
        admit(cookies.device_of(person.login))
        try:
            if secret is None:
                raise Refused("anew")
            codes = set_(person, secret)
        except Refused as refusal:
            wrong = str(refusal)
            audit.note(STRANGER, "link_failed", person.login, link=page, reason=wrong)
        else:
            sessions.end_phone(cookies.browser(), token)
            cookies.know(person.login)  # else a stranger's wrong passwords could keep out who has just begun
            let_go()
            onwards = url_for("console.login")
            return render_template("console/login/spare_codes.html", codes=codes, done=done, onwards=onwards)
    if secret is None:
        secret = one_time.new_secret()
        sessions.begin_phone(cookies.browser(), token, secret)
    shown = render_template(f"console/login/{page}.html", person=person, wrong=wrong, **_picture(person, secret))
    return shown, 400 if wrong else 200


@blueprint.get("/account/phone")
def phone() -> ResponseReturnValue:
    """The picture for the new phone, once password and code were shown."""
    secret = sessions.phone(session["token"], OWN)
    if secret is None:
        return redirect(url_for("console.account"), 303)
    return render_template("console/login/phone.html", **_picture(g.who.person, secret))


@blueprint.post("/account/phone")
def begin_phone() -> ResponseReturnValue:
    """Another phone of oneself: first the password and a code of the present one."""
    person, form = g.who.person, request.form
    device = cookies.device_of(person.login)
    admit(device)
    try:
        accounts.check_both(person, form.get("old", ""), form.get("code", ""), device)
    except Refused as refusal:
        return account_page(wrong_phone=str(refusal)), 400
    sessions.begin_phone(session["token"], OWN, one_time.new_secret())
    return redirect(url_for("console.phone"), 303)


@blueprint.post("/account/phone/confirm")
def confirm_phone() -> ResponseReturnValue:
    """A code of the new phone: from now on it is the one; then a new login."""
    secret = sessions.phone(session["token"], OWN)
    if secret is None:
        return redirect(url_for("console.account"), 303)
    try:
        enrolment.set_phone(g.who.person, secret, request.form.get("code", ""))
    except Refused as refusal:
        wrong = str(refusal)
        return render_template("console/login/phone.html", wrong=wrong, **_picture(g.who.person, secret)), 400
    sessions.end_phone(session["token"], OWN)
    let_go()
    flash("phone_set")
    return redirect(url_for("console.login"), 303)


@blueprint.post("/account/codes")
def renew_codes() -> ResponseReturnValue:
    """New recovery codes of oneself, shown once; the old ones count no more."""
    person, form = g.who.person, request.form
    device = cookies.device_of(person.login)
    admit(device)
    try:
        codes = enrolment.renew_codes(person, form.get("old", ""), form.get("code", ""), device)
    except Refused as refusal:
        return account_page(wrong_codes=str(refusal)), 400
    return render_template("console/login/spare_codes.html", codes=codes, onwards=url_for("console.account"))


def _picture(person: Staff, secret: str) -> dict[str, str]:
    name = f"Sawti {deployment().organisation}"
    uri = pyotp.TOTP(secret).provisioning_uri(name=person.login, issuer_name=name)
    return {"secret": secret, "picture": segno.make(uri, error="m").svg_data_uri(scale=5, border=2, light="#fff")}
