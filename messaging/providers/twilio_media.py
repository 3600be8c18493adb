"""Files that people sent: fetched from Twilio with our credentials, never from anywhere else.

Twilio answers a media address with a redirect to its store (https://www.twilio.com/docs/messaging/api/media-resource).
"""

import time
from urllib.parse import urljoin, urlsplit

import requests

from messaging.providers import MediaGone, MediaTooLarge, Misconfigured, Throttled
from runtime.settings import settings

STORES = (".twilio.com", ".twiliocdn.com", ".amazonaws.com")
"""Where a redirect of Twilio's may lead."""
MOST_REDIRECTS = 4
LONGEST = 60.0
"""Seconds for one file, however slowly it comes."""
_PIECE = 65536


def fetch(url: str, limit: int) -> bytes:
    """The file at one of Twilio's media addresses, at most `limit` bytes.

    Raises:
        MediaTooLarge: it is larger.
        MediaGone: there is no such file any more, or the address is none of Twilio's.
        Throttled: try again later.
        Misconfigured: our credentials are refused.
    """
    given = settings()
    home = urlsplit(given.twilio_api_url)
    secret = given.twilio_api_secret if given.twilio_api_key else given.twilio_auth_token
    credentials = (given.twilio_api_key or given.twilio_account_sid or "", secret.get_secret_value() if secret else "")
    for _ in range(MOST_REDIRECTS):
        parts = urlsplit(url)
        at_home = (parts.scheme, parts.netloc) == (home.scheme, home.netloc)
        is_store = parts.scheme == "https" and f".{parts.hostname}".endswith(STORES)
        if not (at_home or is_store):
            raise MediaGone("foreign_address")
        # the credentials are for Twilio's API alone
        ours = at_home or f".{parts.hostname}".endswith(".api.twilio.com")
        try:
            with requests.get(
                url, auth=credentials if ours else None, stream=True, timeout=(5, 20), allow_redirects=False
            ) as answer:
                if answer.is_redirect:
                    url = urljoin(url, answer.headers["Location"])
                    continue
                return _read(answer, limit)
        except requests.exceptions.RequestException:
            raise Throttled("no_connection") from None
    raise MediaGone("redirects")


def _read(answer: requests.Response, limit: int) -> bytes:
    if answer.status_code in (404, 410):
        raise MediaGone(str(answer.status_code))
    if answer.status_code in (401, 403):
        raise Misconfigured(str(answer.status_code))
    if answer.status_code != 200:
        raise Throttled(str(answer.status_code))
    if int(answer.headers.get("Content-Length") or 0) > limit:
        raise MediaTooLarge
    content, end = bytearray(), time.monotonic() + LONGEST
    for piece in answer.iter_content(_PIECE):
        content += piece
        if time.monotonic() > end:
            raise Throttled("slow")
        if len(content) > limit:
            raise MediaTooLarge
    return bytes(content)
