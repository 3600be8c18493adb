"""Twilio, both ways: its form becomes an `Inbound`, our text goes out by Twilio's own client.

Facts: https://www.twilio.com/docs/usage/security (signatures), /docs/messaging/guides/webhook-request (the form),
/docs/messaging/api/message-resource (sending), /docs/api/errors (codes).
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

import phonenumbers
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from messaging.inbound import Inbound, Media
from messaging.providers import (
    Accepted,
    AnswerLost,
    Misconfigured,
    NotReachable,
    OptedOut,
    Outbound,
    SendError,
    Throttled,
    WindowClosed,
)
from runtime.settings import Settings, settings

NAME = "twilio"
STATUS_PATH = "/webhooks/twilio/status"
LONGEST_TEXT = 10_000
"""Characters kept of one inbound text; six times what Twilio lets through."""

_SID = re.compile(r"^[A-Za-z0-9_-]{2,64}$")
_PREFIX = re.compile(r"^(whatsapp|messenger|rcs):", re.IGNORECASE)
_BASE64 = re.compile(r"^[A-Za-z0-9+/\r\n]{24,}={0,2}\s*$")
_CODES: dict[int, type[SendError]] = {
    20003: Misconfigured,
    20404: Misconfigured,
    20429: Throttled,
    21211: NotReachable,
    21212: Misconfigured,
    21217: NotReachable,
    21408: Misconfigured,
    21606: Misconfigured,
    21610: OptedOut,
    21612: NotReachable,
    21614: NotReachable,
    21617: NotReachable,
    63018: Throttled,
    63016: WindowClosed,
    63024: NotReachable,
}


class BadForm(ValueError):
    """The form lacks MessageSid, From or To, or one of them is not what it should be."""


def is_genuine(url: str, form: Mapping[str, str] | str, signature: str | None) -> bool:
    """True if Twilio signed this request. `url` is the one that Twilio called, with its query."""
    token = settings().twilio_auth_token
    if token is None or not signature:
        return False
    return bool(RequestValidator(token.get_secret_value()).validate(url, form, signature))


def parse(form: Mapping[str, str]) -> Inbound:
    """The form of an SMS, MMS or WhatsApp message as an `Inbound`. ProfileName and other traits are not read.

    Raises:
        BadForm: without MessageSid, From or To nothing can be answered.
    """
    sid = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid") or ""
    if not _SID.match(sid):
        raise BadForm("MessageSid")
    channel, address = _address(form.get("From", ""))
    if not address and form.get("ExternalUserId"):
        address = form["ExternalUserId"].strip()
    if not address or len(address) > 128:
        raise BadForm("From")
    _, recipient = _address(form.get("To", ""))
    if not recipient or len(recipient) > 128:
        raise BadForm("To")
    media = _media(form)
    text = form.get("ButtonPayload") or form.get("ButtonText") or form.get("Body", "")
    return Inbound(
        provider=NAME,
        provider_sid=sid,
        channel=channel,
        address=address,
        recipient=recipient,
        text=_decoded(text, bool(media))[:LONGEST_TEXT],
        media=media,
        location=_location(form),
        opt_out_type=form.get("OptOutType", "").upper() or None,
    )


def _address(value: str) -> tuple[str, str]:
    """Channel and address: `whatsapp:+1202…` is ("whatsapp", "+1202…"); ids that are no numbers stay as they are."""
    value = value.strip()
    match = _PREFIX.match(value)
    channel = match.group(1).lower() if match else "sms"
    address = value[match.end() :].strip() if match else value
    try:
        number = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return channel, address
    return channel, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _media(form: Mapping[str, str]) -> tuple[Media, ...]:
    try:
        number = min(int(form.get("NumMedia") or 0), 10)
    except ValueError:
        number = 0
    found = ((form.get(f"MediaUrl{i}", ""), form.get(f"MediaContentType{i}", "")) for i in range(max(number, 0)))
    return tuple(Media(url[:2000], kind[:100]) for url, kind in found if url)


def _location(form: Mapping[str, str]) -> tuple[float, float] | None:
    try:
        latitude, longitude = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _decoded(text: str, is_mms: bool) -> str:
    """The text itself where a carrier delivered it as base64 (seen with long SMS sent on as MMS)."""
    compact = "".join(text.split())
    if not _BASE64.match(text) or len(compact) % 4 or not (is_mms or compact.endswith("=") or len(compact) >= 40):
        return text
    if " " in text.strip():
        return text
    try:
        plain = base64.b64decode(compact, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return text
    readable = sum(letter.isalpha() or letter.isspace() or letter in ".,!?'-" for letter in plain)
    return plain if plain and readable >= 0.8 * len(plain) and not any(ord(c) < 9 for c in plain) else text


class Twilio:
    """Sends by Twilio's Messages API through twilio's own client, at TWILIO_API_URL."""

    def __init__(self, given: Settings) -> None:
        self._settings = given
        account = given.twilio_account_sid or ""
        secret = given.twilio_api_secret if given.twilio_api_key else given.twilio_auth_token
        self._client = Client(
            given.twilio_api_key or account,
            secret.get_secret_value() if secret else "",
            account,
            http_client=TwilioHttpClient(timeout=8),
        )
        self._client.api.base_url = given.twilio_api_url
        self._messages = self._client.messages  # loads a second's worth of code: now, not with the first message

    def send(self, outbound: Outbound) -> Accepted:
        """POST the message. Raises a `SendError` that says what to do next."""
        callback = f"{self._settings.origin}{STATUS_PATH}?message={outbound.message_id}"
        try:
            content = {"content_sid": outbound.template} if outbound.template else {"body": outbound.body}
            if outbound.template and outbound.template_values:
                content["content_variables"] = json.dumps(outbound.template_values)
            made = self._messages.create(
                to=self._prefixed(outbound.channel, outbound.to),
                **content,
                status_callback=callback,
                **self._from(outbound),
            )
        except TwilioRestException as error:
            raise _meaning(error) from None
        except requests.exceptions.ConnectTimeout:
            raise Throttled("no_connection") from None
        except requests.exceptions.ConnectionError as error:
            # refused before anything was sent, or cut off in the middle: only the first is certain
            refused = "NewConnectionError" in repr(error.args) or "refused" in str(error)
            raise (Throttled("no_connection") if refused else AnswerLost("connection_lost")) from None
        except (requests.exceptions.RequestException, TwilioException, ValueError, TypeError, KeyError):
            raise AnswerLost("no_answer") from None
        return Accepted(made.sid)

    def find(self, outbound: Outbound, known: set[str], not_before: float) -> Accepted | None:
        """The message among those that Twilio has for this address since `not_before` (POSIX seconds), if it is there.

        Raises:
            SendError: Twilio could not be asked.
        """
        try:
            listed = self._messages.list(
                to=self._prefixed(outbound.channel, outbound.to),
                date_sent_after=datetime.fromtimestamp(not_before - 86400, UTC).replace(tzinfo=None),
                limit=100,
            )
        except TwilioRestException as error:
            raise _meaning(error) from None
        except (requests.exceptions.RequestException, TwilioException, ValueError, TypeError, KeyError):
            raise AnswerLost("no_answer") from None
        for message in listed:
            # Twilio gives whole seconds
            recent = message.date_created is None or message.date_created.timestamp() >= not_before - 2
            if message.body == outbound.body and recent and message.sid not in known:
                return Accepted(message.sid)
        return None

    def _from(self, outbound: Outbound) -> dict[str, str]:
        given = self._settings
        if outbound.channel == "whatsapp":
            own = outbound.sender or given.twilio_whatsapp_from or ""
            return {"from_": self._prefixed("whatsapp", _PREFIX.sub("", own))}
        if outbound.channel != "sms":
            return {"from_": self._prefixed(outbound.channel, outbound.sender or "")}
        if given.twilio_messaging_service_sid:
            return {"messaging_service_sid": given.twilio_messaging_service_sid}
        return {"from_": outbound.sender or given.twilio_sms_from or ""}

    @staticmethod
    def _prefixed(channel: str, address: str) -> str:
        return address if channel == "sms" else f"{channel}:{address}"


def _meaning(error: TwilioRestException) -> SendError:
    code = int(error.code or 0)
    kind = _CODES.get(code)
    if kind is None:
        if error.status == 429:
            kind = Throttled
        elif error.status >= 500:
            kind = AnswerLost if error.status in (502, 504) else Throttled
        elif error.status in (401, 403):
            kind = Misconfigured
        else:
            kind = NotReachable
    return kind(str(code or f"http_{error.status}"))


@lru_cache(maxsize=1)
def provider() -> Twilio:
    """The client of this process, with its connections kept open."""
    return Twilio(settings())
