"""Accounts of a demonstration: made at the first start, with passwords that are shown, for nobody real is there."""

import secrets

import pyotp
import yaml

from casework import credentials, report_keys, staff
from casework.audit import SERVICE
from runtime.settings import settings
from store.database import transaction

FILE = "demonstration-accounts.yml"
ROLES = {"administrator": ["administrator"], "auditor": ["auditor"]}


def prepare() -> list[str]:
    """Lines for the operator: login, password, where one-time codes come from."""
    file = settings().data_dir / FILE
    known: dict[str, dict[str, str]] = yaml.safe_load(file.read_text()) if file.exists() else {}
    with transaction() as session:
        logins = {person.login for person in staff.everybody(session)}
        for login, roles in ROLES.items():
            if login not in logins:
                staff.add(session, SERVICE, login, login.capitalize(), roles)
        for person in staff.everybody(session):
            if person.login not in known and person.public_key is None and person.disabled_at is None:
                password, secret = "-".join(secrets.token_hex(3) for _ in range(3)), pyotp.random_base32()
                credentials.set_first_password(session, person, password, secret)
                known[person.login] = {"password": password, "secret": secret}
        report_keys.release_held(session)
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(known, sort_keys=False))
    told = [f"  {login:<22} {one['password']}" for login, one in known.items()]
    return (
        ["Demonstration accounts (login, password; `.venv/bin/sawti code LOGIN` prints the one-time code):", *told]
        if told
        else []
    )
