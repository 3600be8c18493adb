"""E-mail to staff, by a real SMTP server on this machine: delivered, refused, tried again; a password only by TLS."""

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, update

from casework import credentials, escalation, reports, staff
from messaging import contacts, outbox
from messaging.models import Message
from messaging.providers import Misconfigured, NotReachable, Outbound, Throttled
from messaging.providers.email import Mail, Server
from runtime import tasks
from store.database import now, reading, transaction
from tests.conftest import forget_settings
from tests.running import free_port

ADDRESS = "dina@example.org"
ORIGIN = "https://sawti.example.org"
OUTBOUND = Outbound(41, ADDRESS, None, "email", "Something waits.")


class Post:
    """What the server answers to RCPT and MAIL, the mails that it has, and who logged in how."""

    def __init__(self) -> None:
        self.answer = self.sender_answer = "250 OK"
        self.mails: list[Envelope] = []
        self.logins: list[tuple[bytes, bool]] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.mails.append(envelope)
        return "250 OK"

    def check(self, server: Any, session: Any, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.password, session.ssl is not None))
        return AuthResult(success=data.password == b"right", handled=False)


Serve = Callable[..., tuple[Post, int]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server with aiosmtpd's settings; gives what it notes, and its port."""
    running: list[Controller] = []

    def serve(**settings: Any) -> tuple[Post, int]:
        post, port = Post(), free_port()
        running.append(Controller(post, hostname="127.0.0.1", port=port, authenticator=post.check, **settings))
        running[-1].start()
        return post, port

    yield serve
    for controller in running:
        controller.stop()


def mail(url: str) -> Mail:
    return Mail(Server.of(url, ORIGIN), ORIGIN)


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS with a certificate of its own, that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail for tests")])
    addresses = [x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", "0.0.0.0")]
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (tmp_path / "key.pem").write_bytes(pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


@pytest.fixture
def alert(database: str, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], tuple[Post, int]]:
    """A report was taken whose only reader is told by e-mail; gives the server's notes and the alert's message id."""
    monkeypatch.setattr(tasks, "publish", lambda task, number: True)

    def alert(port: int | None = None) -> tuple[Post, int]:
        post, there = serve()
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{port or there}?from=sawti@example.org")
        forget_settings()
        with transaction() as session:
            for login in ("ada", "bea"):
                credentials.disable(session, "test", login)
            staff.add(session, "test", "dina", "Dina", ["focal_point"], channel="email", email=ADDRESS)
            person = contacts.find_or_make(session, "twilio", "sms", "+254722000001")
            message = Message(contact_id=person.id, direction="in", state="done", kind="message", body="he beats me")
            session.add(message)
            session.flush()
            reports.open_report(session, person, [message.id], ["gbv"], "en")
            return post, session.scalars(select(Message.id).where(Message.kind == "alert")).one()

    return alert


def deliver(message_id: int) -> Message:
    """The delivery worker comes by when the message is due."""
    with transaction() as session:
        session.execute(update(Message).where(Message.id == message_id).values(due_at=now() - timedelta(seconds=1)))
        contact_id = session.get_one(Message, message_id).contact_id
    outbox.deliver(contact_id)
    with reading() as session:
        return session.get_one(Message, message_id)


def test_an_alert_arrives_and_says_only_that_something_waits(alert: Callable[..., tuple[Post, int]]) -> None:
    post, message_id = alert()
    assert deliver(message_id).state == "sent"
    (envelope,) = post.mails
    arrived = message_from_bytes(envelope.content)  # type: ignore[arg-type]
    assert (envelope.rcpt_tos, arrived["To"], arrived["From"]) == ([ADDRESS], ADDRESS, "sawti@example.org")
    assert arrived["Message-ID"] == f"<{message_id}@sawti.example.org>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    told = f"{arrived['Subject']} {arrived.get_payload(decode=True).decode()}".lower()  # type: ignore[union-attr]
    assert f"{ORIGIN}/console/" in told
    assert not any(word in told for word in ("beats", "gbv", "violence", "722000001"))


def test_a_mailbox_that_does_not_exist_fails_at_once_and_the_next_is_called(
    alert: Callable[..., tuple[Post, int]],
) -> None:
    post, message_id = alert()
    post.answer = "550 no such user"
    assert (deliver(message_id).state, post.mails) == ("failed", [])
    with transaction() as session:
        staff.add(session, "test", "eve", "Eve", ["focal_point"], phone="+254700000005")
    assert escalation.pass_on_overdue() == 1


def test_a_mailbox_that_is_full_is_tried_again_under_the_same_message_id(
    alert: Callable[..., tuple[Post, int]],
) -> None:
    post, message_id = alert()
    post.answer = "451 try later"
    waits = deliver(message_id)
    assert (waits.state, waits.error_code, waits.attempts) == ("queued", "451", 1) and waits.due_at > now()
    post.answer = "250 OK"
    assert deliver(message_id).state == "sent"
    (envelope,) = post.mails
    assert message_from_bytes(envelope.content)["Message-ID"] == f"<{message_id}@sawti.example.org>"  # type: ignore[arg-type]


def test_without_a_server_the_alert_waits_and_is_tried_again(alert: Callable[..., tuple[Post, int]]) -> None:
    _, message_id = alert(port=1)
    assert (deliver(message_id).state, deliver(message_id).attempts) == ("queued", 2)
    with reading() as session:
        assert session.get_one(Message, message_id).error_code == "no_connection"


@pytest.mark.parametrize(
    ("recipient", "sender", "error"),
    [
        ("550 no such user", "250 OK", NotReachable),
        ("450 greylisted", "250 OK", Throttled),
        ("250 OK", "451 busy", Throttled),
        ("250 OK", "553 not your address", Misconfigured),
    ],
)
def test_what_the_server_refuses_says_what_to_do_next(
    serve: Serve, recipient: str, sender: str, error: type[Exception]
) -> None:
    post, port = serve()
    post.answer, post.sender_answer = recipient, sender
    with pytest.raises(error):
        mail(f"smtp://127.0.0.1:{port}").send(OUTBOUND)


def test_starttls_is_used_where_it_is_offered_and_the_password_goes_through_it(
    serve: Serve, certified: ssl.SSLContext
) -> None:
    post, port = serve(tls_context=certified)
    mail(f"smtp://sawti:right@0.0.0.0:{port}").send(OUTBOUND)
    assert post.logins == [(b"right", True)] and len(post.mails) == 1


def test_smtps_is_tls_from_the_first_byte(serve: Serve, certified: ssl.SSLContext) -> None:
    # aiosmtpd counts only STARTTLS as TLS; that the handshake came first is why anything arrives at all
    post, port = serve(ssl_context=certified, auth_require_tls=False)
    mail(f"smtps://sawti:right@127.0.0.1:{port}").send(OUTBOUND)
    assert len(post.mails) == 1
    with pytest.raises(Throttled):
        mail(f"smtp://127.0.0.1:{port}").send(OUTBOUND)


def test_a_server_whose_certificate_nobody_vouches_for_gets_neither_password_nor_mail(
    serve: Serve, certified: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, port = serve(tls_context=certified)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Throttled):
        mail(f"smtp://sawti:right@127.0.0.1:{port}").send(OUTBOUND)
    assert (post.logins, post.mails) == ([], [])


def test_a_password_never_leaves_this_machine_in_the_clear(serve: Serve) -> None:
    post, port = serve(auth_require_tls=False)
    with pytest.raises(Misconfigured, match="no_tls"):
        mail(f"smtp://sawti:right@0.0.0.0:{port}").send(OUTBOUND)
    assert (post.logins, post.mails) == ([], [])
    mail(f"smtp://sawti:right@127.0.0.1:{port}").send(OUTBOUND)
    assert len(post.mails) == 1, "to a server on this machine it may"


@pytest.mark.parametrize(("settings", "code"), [({"auth_require_tls": False}, "535"), ({}, "no_login")])
def test_a_login_that_the_server_does_not_take_is_the_operators_to_mend(
    serve: Serve, settings: dict[str, Any], code: str
) -> None:
    _, port = serve(**settings)
    with pytest.raises(Misconfigured, match=code):
        mail(f"smtp://sawti:wrong@127.0.0.1:{port}").send(OUTBOUND)
