"""One-time codes of a phone (RFC 6238)."""

import hmac

import pyotp

from store.database import now

STEP = 30
"""Seconds of a code."""


def new_secret() -> str:
    """What the phone and we share: 160 random bits, in base 32."""
    return pyotp.random_base32()


def step_of(secret: str | None, code: str, after: int) -> int | None:
    """The time step of the code: the present one or its neighbours, if later than `after`; None if it is not right."""
    if secret is None or len(code) > 20:
        return None
    given = "".join(code.split()).encode()
    present = int(now().timestamp()) // STEP
    codes = pyotp.TOTP(secret, interval=STEP)
    for step in (present, present - 1, present + 1):
        if step > after and hmac.compare_digest(codes.generate_otp(step).encode(), given):
            return step
    return None
