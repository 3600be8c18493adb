"""Alerts by WhatsApp outside its window, and by e-mail: the same words, and nothing else."""

import json
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Keeping

from casework import staff
from runtime import deployment as deployments
from store.database import transaction
from tests.phones import Town

ADA, PHONE = "+254700000001", "+254722000001"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_by_whatsapp_the_approved_template_carries_only_the_code(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_WHATSAPP_FROM", "+254711000000")
    from tests.conftest import forget_settings

    forget_settings()
    changed = deployments.deployment().model_copy(update={"whatsapp_templates": {"alert": {"en": "HX" + "2" * 32}}})
    monkeypatch.setattr("messaging.window.deployment", lambda: changed)
    with transaction() as session:
        staff.find(session, "ada").channel = "whatsapp"
    town.says(PHONE, "my husband beats me every night")
    (sent,) = [form for form in town.api.requests if form["To"] == f"whatsapp:{ADA}"]
    assert sent["ContentSid"] == "HX" + "2" * 32 and "Body" not in sent
    (value,) = json.loads(sent["ContentVariables"]).values()
    assert value in town.api.bodies(PHONE)[-1] or value in "".join(town.api.bodies(PHONE))


class _Kept(Keeping):
    """What the mail server took."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


def test_by_email_beside_the_phone_without_content(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.conftest import forget_settings
    from tests.running import free_port

    kept = _Kept()
    server = Controller(kept, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{server.port}?from=sawti@example.org")
        forget_settings()
        with transaction() as session:
            staff.find(session, "ada").email = "ada@example.org"
        town.says(PHONE, "my husband beats me every night")
    finally:
        server.stop()
    assert len(town.api.bodies(ADA)) == 1
    (mail,) = kept.mails
    assert mail["To"] == "ada@example.org"
    assert "https://sawti.example.org/console/" in mail.get_payload()
    assert not any(word in mail.as_string().lower() for word in ("husband", "beat", "violence", PHONE))
