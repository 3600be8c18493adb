"""E-mail by SMTP, for staff only: alerts without content. SMTP_URL is smtp://, or smtps:// for TLS from the start.

`smtp://user:password@mail.example.org:587?from=sawti@example.org`; STARTTLS is used wherever the server offers it. A
password leaves this machine by TLS or not at all.
"""

import ipaddress
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import lru_cache
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from messaging.providers import Accepted, AnswerLost, Misconfigured, NotReachable, Outbound, Throttled
from runtime.settings import settings
from runtime.words import sentence

NAME = "email"
SECONDS = 10


@dataclass(frozen=True)
class Server:
    """Where mail is handed in. `tls`: from the first byte."""

    host: str
    port: int
    tls: bool
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, origin: str) -> "Server":
        """Parse SMTP_URL; without `from=` the sender is sawti@ the host of our own address."""
        parts: SplitResult = urlsplit(url)
        tls = parts.scheme == "smtps"
        given = parse_qs(parts.query).get("from", [f"sawti@{urlsplit(origin).hostname or 'localhost'}"])
        return cls(
            parts.hostname or "localhost",
            parts.port or (465 if tls else 25),
            tls,
            given[0],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
        )


class Mail:
    """One connection a message: there are few."""

    def __init__(self, server: Server, origin: str) -> None:
        self._server, self._origin = server, origin

    def send(self, outbound: Outbound) -> Accepted:
        """Hand the mail in. The Message-ID is our own id, so that a rare double is one mail to the reader's program."""
        mail = EmailMessage()
        mail["Subject"] = sentence("alert_subject", None)
        mail["From"], mail["To"] = self._server.sender, outbound.to
        mail["Message-ID"] = f"<{outbound.message_id}@{urlsplit(self._origin).hostname or 'localhost'}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
        mail.set_content(outbound.body)
        handed_in = False
        try:
            with self._connected() as server:
                handed_in = True
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()), (550, b""))[0]
            raise (NotReachable if code >= 500 else Throttled)(str(code)) from None
        except smtplib.SMTPAuthenticationError as error:
            raise Misconfigured(str(error.smtp_code)) from None
        except smtplib.SMTPNotSupportedError:
            raise Misconfigured("no_login" if not handed_in else "no_smtputf8") from None
        except smtplib.SMTPSenderRefused as error:
            raise (Throttled if 400 <= error.smtp_code < 500 else Misconfigured)(str(error.smtp_code)) from None
        except smtplib.SMTPResponseException as error:
            raise (Throttled if 400 <= error.smtp_code < 500 else NotReachable)(str(error.smtp_code)) from None
        except (smtplib.SMTPException, OSError):
            raise (AnswerLost("connection_lost") if handed_in else Throttled("no_connection")) from None
        return Accepted(None)

    def find(self, outbound: Outbound, known: set[str], not_before: float) -> Accepted | None:
        """SMTP cannot be asked what it has: it is sent again under the same Message-ID."""
        return None

    def _connected(self) -> smtplib.SMTP:
        there, context = self._server, ssl.create_default_context()
        if there.tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(there.host, there.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(there.host, there.port, timeout=SECONDS)
        try:
            server.ehlo()
            private = there.tls or _is_this_machine(there.host)
            if not there.tls and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                private = True
            if there.user and not private:
                raise Misconfigured("no_tls")
            if there.user:
                server.login(there.user, there.password or "")
        except BaseException:
            with suppress(OSError, smtplib.SMTPException):
                server.close()
            raise
        return server


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@lru_cache(maxsize=1)
def provider() -> Mail:
    """This process's way of sending mail.

    Raises:
        Misconfigured: SMTP_URL is unset.
    """
    url = settings().smtp_url
    if url is None:
        raise Misconfigured("no_smtp_url")
    return Mail(Server.of(url.get_secret_value(), settings().origin), settings().origin)
