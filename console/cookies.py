"""What a browser keeps besides its session: what binds a form to it while nobody is logged in, and where a person has
logged in before. The session's own cookie is written by logging in and by nothing else: a page that another site links
to comes without it (SameSite=Strict), and must not write over it.
"""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from flask import Response, g, request
from flask_wtf.csrf import CSRFError, generate_csrf  # type: ignore[import-untyped]
from itsdangerous import BadData, URLSafeTimedSerializer

from runtime.settings import settings
from store.encryption import keyring

FORM, DEVICE = "sawti_form", "sawti_device"
KEPT = timedelta(days=365)
"""How long a browser is known after a login."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def browser() -> str:
    """What is random in this browser's form cookie; a new one is sent with the answer."""
    found = g.get("browser") or request.cookies.get(FORM, "")
    if not _TOKEN.fullmatch(found):
        found = g.new_browser = secrets.token_urlsafe(32)
    g.browser = found
    return str(found)


def form_token() -> str:
    """The token for a form: of the session, or of the browser where nobody is logged in."""
    return str(generate_csrf()) if g.get("who") else _token_of(browser())


def check_form() -> None:
    """A form of somebody who is not logged in comes from a page that we gave to the same browser.

    Raises:
        CSRFError: it does not.
    """
    given = request.form.get("csrf_token", "")
    kept = request.cookies.get(FORM, "")
    if not _TOKEN.fullmatch(kept) or not hmac.compare_digest(_token_of(kept).encode(), given.encode()):
        raise CSRFError("the form is not of this browser")


def device_of(login: str) -> str | None:
    """The name of this browser, if this person has logged in with it before."""
    serializer = _serializer()
    try:
        whose, name = serializer.loads(request.cookies.get(DEVICE, ""), max_age=int(KEPT.total_seconds()))
    except (BadData, ValueError, TypeError):
        return None
    known = hmac.compare_digest(str(whose).encode(), _of_login(login).encode())
    return str(name) if known else None


def know(login: str) -> None:
    """The person has logged in: the browser is known from now on."""
    g.device = _serializer().dumps([_of_login(login), device_of(login) or secrets.token_urlsafe(16)])


def send(response: Response) -> Response:
    """Put the new cookies on the answer."""
    secure = settings().origin.startswith("https://")
    if g.get("new_browser"):  # Lax: a link that another site shows must not begin a new browser; forms have a token
        response.set_cookie(FORM, g.new_browser, path="/console", httponly=True, secure=secure, samesite="Lax")
    if g.get("device"):
        response.set_cookie(
            DEVICE, g.device, max_age=KEPT, path="/console", httponly=True, secure=secure, samesite="Strict"
        )
    return response


def _token_of(browser: str) -> str:
    return hmac.new(keyring().derive("console forms"), browser.encode(), hashlib.sha256).hexdigest()


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keyring().derive("known browsers"), salt="device")


def _of_login(login: str) -> str:
    return keyring().fingerprints("known browser", login.strip().lower())[0]
