"""`sawti staff`, `sawti recovery`, `sawti audit`: who may read reports, the key kept offline, who did what."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from service.plainly import speaks_plainly

BY = click.option("--by", default=getpass.getuser, help="Who does it (default: the name of this account).")


@click.group()
def staff() -> None:
    """People who use the console or are alerted."""


@staff.command("add")
@click.argument("login")
@click.option("--name", required=True)
@click.option(
    "--role", "roles", multiple=True, required=True, help="Several times: focal_point, administrator, auditor …"
)
@click.option("--category", "categories", multiple=True, help="What a focal point answers for (default: everything).")
@click.option("--site", "sites", multiple=True, help="Where the person works (default: outside all sites).")
@click.option("--phone", help="Such as +254700000001.")
@click.option("--channel", default="sms", show_default=True, help="sms, whatsapp or email.")
@click.option("--email")
@click.option("--language", default="en", show_default=True)
@BY
@speaks_plainly
def add(login: str, by: str, **given: Any) -> None:
    """Add a person; prints the link by which they set their first password, once, within three days."""
    from casework import credentials
    from casework import staff as people
    from store.database import transaction

    with _refusing(people.BadStaff), transaction() as session:
        person = people.add(session, by, login, **given)
        token = credentials.invite(session, by, person)
    _tell_link(person.login, token)


@staff.command("list")
@speaks_plainly
def list_() -> None:
    """Everybody, without numbers."""
    from casework import staff as people
    from store.database import reading

    with reading() as session:
        for person in people.everybody(session):
            key = "password set" if person.public_key else "no password yet"
            away = f"away {person.away_from} to {person.away_until or '?'}" if person.away_from else ""
            gone = "DISABLED" if person.disabled_at else ""
            cells = [person.login, person.name, ",".join(person.roles), ",".join(person.categories) or "-"]
            cells += [",".join(person.sites) or "-", person.channel, key, away, gone]
            click.echo("  ".join(cell for cell in cells if cell))


@staff.command("disable")
@click.argument("login")
@click.option("--yes", is_flag=True, help="Do not ask.")
@BY
@speaks_plainly
def disable(login: str, yes: bool, by: str) -> None:
    """The person leaves: no login, no alerts; what was sealed to them is sealed to them no more."""
    from casework import credentials
    from casework import staff as people
    from store.database import transaction

    _confirm_loss(login, yes)
    with _refusing(people.BadStaff), transaction() as session:
        credentials.disable(session, by, login)
    click.echo(f"{login} is disabled")


@staff.command("enable")
@click.argument("login")
@BY
@speaks_plainly
def enable(login: str, by: str) -> None:
    """The person is back; prints a link for a new first password, for the old key is gone."""
    from casework import credentials
    from casework import staff as people
    from store.database import transaction

    with _refusing(people.BadStaff), transaction() as session:
        token = credentials.invite(session, by, credentials.enable(session, by, login))
    _tell_link(login, token)


@staff.command("reset")
@click.argument("login")
@click.option("--yes", is_flag=True, help="Do not ask.")
@BY
@speaks_plainly
def reset(login: str, yes: bool, by: str) -> None:
    """A new first password. What was sealed to the old one cannot be opened with the new one."""
    from casework import credentials
    from casework import staff as people
    from store.database import transaction

    _confirm_loss(login, yes)
    with _refusing(people.BadStaff), transaction() as session:
        token = credentials.invite(session, by, people.find(session, login))
    _tell_link(login, token)


@staff.command("new-phone")
@click.argument("login")
@BY
@speaks_plainly
def new_phone(login: str, by: str) -> None:
    """The phone for one-time codes is lost, the password is not: a link to set up another; all stays readable."""
    from casework import credentials
    from casework import staff as people
    from store.database import transaction

    with _refusing(people.BadStaff), transaction() as session:
        token = credentials.invite_phone(session, by, people.find(session, login))
    _tell_link(login, token, "phone")


@staff.command("unlock")
@click.argument("login")
@BY
@speaks_plainly
def unlock(login: str, by: str) -> None:
    """End the pause after failed attempts."""
    from casework import staff as people
    from store.database import transaction

    with _refusing(people.BadStaff), transaction() as session:
        people.unlock(session, by, login)
    click.echo(f"{login} may try again")


@staff.command("away")
@click.argument("login")
@click.argument("first", required=False)
@click.argument("last", required=False)
@BY
@speaks_plainly
def away(login: str, first: str | None, last: str | None, by: str) -> None:
    """Leave from FIRST to LAST (2026-12-24); without dates it ends."""
    from casework import coverage, readiness
    from casework import staff as people
    from store.database import reading, transaction

    days = [datetime.strptime(day, "%Y-%m-%d").date() if day else None for day in (first, last)]
    with _refusing(people.BadStaff, ValueError), transaction() as session:
        people.set_leave(session, by, login, days[0], days[1])
    readiness.forget()
    with reading() as session:
        gaps = coverage.uncovered(session)
    for category, times in gaps.items():
        click.echo(f"nobody for {category} in {len(times)} half-hours from {times[0]:%Y-%m-%d %H:%M}", err=True)


@click.group()
def recovery() -> None:
    """The key that the organisation keeps offline, so that a lost password is not the end (docs/safeguarding.md)."""


@recovery.command("create")
@BY
@speaks_plainly
def create(by: str) -> None:
    """Make the key and print it once: write it down, keep it in a safe, in two places. It opens every later report."""
    from casework import recovery as keeping
    from store.database import transaction

    with transaction() as session:
        words, mark = keeping.create(session, by)
    click.echo("Recovery key. It is shown once and stored nowhere. On paper, in two sealed envelopes, in two safes:\n")
    for line in words.split("\n"):
        click.echo(f"    {line}")
    click.echo(
        f"\nIts fingerprint: {mark}. Reports from now on are sealed to it too; earlier ones once a reader gives them."
    )


@recovery.command("share")
@click.argument("login")
@BY
@speaks_plainly
def share(login: str, by: str) -> None:
    """Give a focal point every report that they may read, with the recovery key (asked for, or on standard input)."""
    from casework import recovery as keeping
    from casework import staff as people

    given = click.prompt("Recovery key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    with _refusing(people.BadStaff, keeping.BadKey):
        done = keeping.share(by, given, login)
    click.echo(f"{done} reports given to {login}")


@click.group()
def audit() -> None:
    """The log of who did what: it only grows, each row bound to the one before."""


@audit.command("verify")
@click.option("--head", help="A head that was noted earlier: it must still be in the chain.")
@speaks_plainly
def verify(head: str | None) -> None:
    """Follow the whole chain; exit 1 where it is broken or cut."""
    from casework import audit as log

    found = log.verify()
    if found.broken_at is not None:
        raise click.ClickException(f"the chain is broken at row {found.broken_at}, after {found.rows - 1} good rows")
    if head is not None and not any(entry.hash == head for entry in log.entries()):
        raise click.ClickException("the noted head is not in the chain: rows were cut off")
    click.echo(f"{found.rows} rows, whole; head {found.head}")


@audit.command("list")
@click.option("--most", default=50, show_default=True)
@click.option("--subject", help="A code or a login.")
@speaks_plainly
def list_entries(most: int, subject: str | None) -> None:
    """The newest rows, newest first."""
    from casework import audit as log

    for entry in log.page(limit=most, subject=subject):
        detail = " ".join(f"{name}={value}" for name, value in (entry.detail or {}).items())
        click.echo(
            f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.actor}  {entry.action}  {entry.subject or '-'}  {detail}".rstrip()
        )


@contextmanager
def _refusing(*kinds: type[Exception]) -> Iterator[None]:
    """What is wrong with what was given ends the command with its sentence."""
    try:
        yield
    except kinds as error:
        raise click.ClickException(str(error)) from None


def _confirm_loss(login: str, yes: bool) -> None:
    """Say before it happens what nobody could open afterwards."""
    from casework import credentials
    from casework import staff as people
    from store.database import reading

    with _refusing(people.BadStaff), reading() as session:
        alone = credentials.only_reader_of(session, people.find(session, login))
    if yes:
        return
    told = f"Nobody else, nor the recovery key, opens {alone} of the reports sealed to {login}: they would be lost. "
    click.confirm(f"{told if alone else ''}What was sealed to {login} must be given anew by others. Go on?", abort=True)


def _tell_link(login: str, token: str, page: str = "first") -> None:
    from runtime.settings import settings

    click.echo(f"{login}: give this link to the person themselves, not by SMS; it works once, for three days:")
    click.echo(f"  {settings().origin}/console/{page}/{token}")
