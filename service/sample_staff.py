"""Accounts of a demonstration: made at the first start, with passwords that are shown, for nobody real is there."""

import secrets

import pyotp
import yaml

from casework import credentials, report_keys, staff
from casework.audit import SERVICE
from casework.report_models import Staff
from runtime.settings import settings
from store.database import transaction

FILE = "demonstration-accounts.yml"
ROLES = {
    "engagement": "engagement",
    "engagement.two": "engagement",
    "viewer": "viewer",
    "editor": "editor",
    "editor.two": "editor",  # what one editor writes, another approves
    "administrator": "administrator",
    "auditor": "auditor",
}
"""Login and role, beside deployment.yml's focal points."""
WHAT_THEY_DO = {
    "engagement": "answers feedback",
    "focal_point": "reads sensitive reports",
    "viewer": "sees figures",
    "editor": "writes answers and the directory",
    "administrator": "looks after people and the service",
    "auditor": "reads who did what",
}


def prepare() -> list[str]:
    """Lines for the operator: login, password, where one-time codes come from."""
    file = settings().data_dir / FILE
    known: dict[str, dict[str, str]] = yaml.safe_load(file.read_text()) if file.exists() else {}
    with transaction() as session:
        logins = {person.login for person in staff.everybody(session)}
        for login, role in ROLES.items():
            if login not in logins:
                staff.add(session, SERVICE, login, login.replace(".", " ").capitalize(), [role])
        everybody = staff.everybody(session)
        for person in everybody:
            if person.login not in known and person.public_key is None and person.disabled_at is None:
                password, secret = "-".join(secrets.token_hex(3) for _ in range(3)), pyotp.random_base32()
                credentials.set_first_password(session, person, password, secret)
                known[person.login] = {"password": password, "secret": secret}
        report_keys.release_held(session)
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(known, sort_keys=False))
    order = list(WHAT_THEY_DO)
    people = sorted(everybody, key=lambda person: [order.index(role) for role in person.roles])
    told = [
        f"  {person.login:<20} {known[person.login]['password']}  {_what(person)}"
        for person in people
        if person.login in known
    ]
    head = "Demonstration accounts: login, password, what they do. For the one-time code: .venv/bin/sawti code LOGIN"
    return [head, *told] if told else []


def _what(person: Staff) -> str:
    return ", ".join(WHAT_THEY_DO[role] for role in person.roles)
