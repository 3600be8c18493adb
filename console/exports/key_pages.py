"""Keys for other tools, as administrators make them and take them back."""

from datetime import timedelta

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework import api_keys
from casework.models import ApiKey
from casework.refusal import Refusal
from console import asked, cookies, once
from console.administration import links
from console.blueprint import NAME, blueprint
from console.login import accounts
from console.login.accounts import Refused
from console.login.pages import admit
from console.words import gettext
from runtime.settings import settings
from store.database import reading, transaction

DAYS = (30, 90, 365, 2 * 365)
YEAR = 365


@blueprint.get("/keys")
def keys() -> ResponseReturnValue:
    """All keys, and the form for a new one."""
    return _page()


@blueprint.post("/keys")
def make_key() -> ResponseReturnValue:
    """Make a key, and show it this once: it is on this answer and nowhere else. Asks for a one-time code."""
    days = asked.number(request.form.get("days", str(YEAR))) or 0
    me, form = g.who.person, request.form

    def make(session: Session) -> tuple[ApiKey, str]:
        return api_keys.make(session, me.login, asked.text("name"), form.get("scope", ""), days if days in DAYS else 0)

    try:
        with once.first_time() as first:
            if not first:
                flash(gettext("It was made already, and shown once. If nobody kept it, take it back and make another."))
                return redirect(url_for(f"{NAME}.keys"), 303)
            device = cookies.device_of(me.login)
            admit(device)
            key, text = accounts.with_code(me, asked.text("code"), device, make)
    except (Refusal, Refused) as refusal:
        flash(links.why(refusal), "problem")
        return redirect(url_for(f"{NAME}.keys"), 303)
    return _page(made=key, text=text)


@blueprint.post("/keys/<int:number>/revoke")
def revoke_key(number: int) -> ResponseReturnValue:
    """Take a key back."""
    with transaction() as session:
        done = 0 < number <= asked.LARGEST_ID and api_keys.revoke(session, g.who.person.login, number)
    flash(gettext("The key opens nothing any more.") if done else gettext("There is no such key that works."))
    return redirect(url_for(f"{NAME}.keys"), 303)


def _page(**shown: object) -> str:
    with reading() as session:
        found = api_keys.everyone(session)
    return render_template(
        "console/exports/keys.html",
        known=[(key, api_keys.works(key)) for key in found],
        scopes=api_keys.SCOPES,
        days=DAYS,
        usual=YEAR,
        soon=timedelta(days=14),
        address=f"{settings().origin}/{NAME}/api/v1/",
        **shown,
    )
