"""Links for a first password or another phone: shown once, on the page that answers; never sent, logged or kept."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from casework import credentials, staff
from casework.refusal import Refusal
from casework.report_models import Staff
from casework.staff import BadStaff
from console import cookies, once, refusals
from console.login import accounts
from console.login.accounts import Refused
from console.login.pages import admit
from console.words import gettext
from runtime.settings import settings


@dataclass(frozen=True)
class Link:
    """A link for one person. `page`: first, for a first password; phone_link, for another phone."""

    person_id: int
    name: str
    page: str
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        """As it is told to the person."""
        return settings().origin + url_for(f"console.{self.page}", token=self.token)


def show(link: Link) -> str:
    """The page that shows it; nothing of it is kept."""
    return render_template("console/administration/link.html", link=link)


def make(person: Staff, page: str, invite: Callable[[Session, str, Staff], str]) -> ResponseReturnValue:
    """With a one-time code of who is logged in, make a link and show it; a second sending of the form makes none."""
    me = g.who.person
    device = cookies.device_of(me.login)
    admit(device)

    def do(session: Session) -> Link:
        return Link(person.id, person.name, page, invite(session, me.login, staff.find(session, person.login)))

    try:
        with once.first_time() as first:
            made = accounts.with_code(me, request.form.get("code", ""), device, do) if first else None
    except (BadStaff, Refused) as refusal:
        flash(why(refusal), "problem")
    else:
        if made is not None:
            return show(made)
        flash(gettext("That link was made and shown already. If it is lost, make another."), "problem")
    return redirect(url_for("console.person", number=person.id), 303)


def why(refusal: Refusal | Refused) -> str:
    """Why nothing was done: what was given is wrong, or the code was not taken."""
    if isinstance(refusal, Refusal):
        return refusals.why(refusal)
    return gettext("The one-time code is not right, or was used already: wait for the next one. Nothing was done.")


def first_password(person: Staff) -> ResponseReturnValue:
    """A new link for a first password."""
    return make(person, "first", credentials.invite)


def new_phone(person: Staff) -> ResponseReturnValue:
    """A link for another phone."""
    return make(person, "phone_link", credentials.invite_phone)
