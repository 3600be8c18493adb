"""What administrators say of a person in a form, and what may be chosen there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import staff
from casework.report_models import RecoveryKey, Staff
from console import asked, words
from console.words import gettext
from runtime import taxonomy
from runtime.deployment import deployment
from store.database import now


@dataclass(frozen=True)
class Details:
    """The form as it was filled in. An empty phone or address is one that stays, unless it is to go."""

    login: str
    name: str
    roles: tuple[str, ...]
    categories: tuple[str, ...]
    sites: tuple[str, ...]
    phone: str
    email: str
    channel: str
    language: str
    no_phone: bool
    no_email: bool
    code: str

    @classmethod
    def empty(cls) -> "Details":
        """Of somebody of whom nothing was said yet."""
        return cls("", "", (), (), (), "", "", "sms", deployment().default_language, False, False, "")

    @classmethod
    def of_person(cls, person: Staff) -> "Details":
        """As they stand; numbers and addresses are not shown."""
        lists = (tuple(person.roles), tuple(person.categories), tuple(person.sites))
        return cls(person.login, person.name, *lists, "", "", person.channel, person.language, False, False, "")

    @classmethod
    def of_form(cls) -> "Details":
        """As it was sent."""
        form = request.form
        roles, categories, sites = (tuple(dict.fromkeys(form.getlist(name))) for name in ("role", "category", "site"))
        phone, email, channel, language = (asked.text(name) for name in ("phone", "email", "channel", "language"))
        no_phone, no_email = (form.get(name) == "yes" for name in ("no_phone", "no_email"))
        texts = (phone, email, channel, language)
        who = (asked.text("login"), asked.text("name"))
        return cls(*who, roles, categories, sites, *texts, no_phone, no_email, asked.text("code"))

    def values(self, person: Staff | None) -> dict[str, Any]:
        """As `staff.add` and `credentials.change` take it; of sites only those that could be chosen."""
        before = (person.phone, person.email) if person is not None else (None, None)
        return {
            "name": self.name,
            "roles": self.roles,
            "categories": self.categories if "focal_point" in self.roles else (),
            "sites": tuple(site for site in self.sites if site in choices(person)["sites"]),
            "phone": None if self.no_phone else self.phone or before[0],
            "email": None if self.no_email else self.email or before[1],
            "channel": self.channel,
            "language": self.language,
        }

    def changes_reach(self, person: Staff) -> bool:
        """True where it changes what the person may do or read. A name does: who is named in a report never gets it."""
        given = self.values(person)
        lists = any(set(given[name]) != set(getattr(person, name)) for name in ("roles", "categories", "sites"))
        return lists or " ".join(given["name"].split()) != person.name

    def is_grave(self, person: Staff) -> bool:
        """True where it changes that, or where their alerts go: that asks for a one-time code."""
        given = self.values(person)
        return self.changes_reach(person) or any(
            (given[name] or None) != getattr(person, name) for name in ("phone", "email", "channel")
        )


def choices(person: Staff | None) -> dict[str, Sequence[str]]:
    """What may be ticked or chosen."""
    kept = person.sites if person is not None else []
    return {
        "roles": staff.ROLES,
        "categories": tuple(taxonomy.sensitive_categories()),
        "sites": tuple(dict.fromkeys((*deployment().sites, *kept))),
        "channels": staff.CHANNELS,
        "languages": tuple(taxonomy.languages()),
    }


def alone_for(session: Session, person: Staff) -> tuple[list[str], bool]:
    """Categories for which nobody else with a password answers, and whether there is a recovery key.

    Whether there are reports in them is not said: administrators do not learn it.
    """
    keyed = [one for one in staff.everybody(session) if one.public_key is not None and one.disabled_at is None]
    others = {name for one in keyed if one.id != person.id and "focal_point" in one.roles for name in one.categories}
    theirs = person.categories if "focal_point" in person.roles and person.public_key is not None else []
    kept = session.scalars(select(RecoveryKey.id).where(RecoveryKey.retired_at.is_(None)).limit(1)).first()
    return [name for name in theirs if name not in others], kept is not None


def address_of(person: Staff) -> str | None:
    """Enough to recognise it, not enough to use it."""
    if person.channel == "email":
        return f"…@{person.email.partition('@')[2]}" if person.email else None
    return f"… {person.phone[-2:]}" if person.phone else None


def today() -> date:
    """The day in the deployment's time zone."""
    return now().astimezone(ZoneInfo(deployment().time_zone)).date()


def leave_of(person: Staff) -> str | None:
    """Leave that is or comes, in words; None without one."""
    if person.away_from is None or (person.away_until is not None and person.away_until < today()):
        return None
    first, last = (
        format_date(day, "d MMM y", locale=words.locale()) if day else None
        for day in (person.away_from, person.away_until)
    )
    if last is None:
        return gettext("from %(first)s") % {"first": first}
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}


def is_away(person: Staff) -> bool:
    """True on a day of leave."""
    return staff.is_away(person, today())
