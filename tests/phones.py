"""Phones that write to the service through its front door, and what they hear."""

import secrets
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from tests.standins.twilio_api import TwilioAPI

ORIGIN = "https://sawti.example.org"
INBOUND = "/webhooks/twilio/inbound"
OUR_NUMBER = "+254711000000"


def sign(path: str, form: dict[str, str]) -> dict[str, str]:
    """The headers with which Twilio would send this form."""
    return {"X-Twilio-Signature": RequestValidator("token-for-tests").compute_signature(ORIGIN + path, form)}


def form(phone: str, text: str, **more: str) -> dict[str, str]:
    """An inbound form as Twilio sends it."""
    return {
        "MessageSid": f"SM{secrets.token_hex(16)}",
        "AccountSid": "AC" + "0" * 32,
        "From": phone,
        "To": f"whatsapp:{OUR_NUMBER}" if phone.startswith("whatsapp:") else OUR_NUMBER,
        "Body": text,
        "NumMedia": "0",
        **more,
    }


class Town:
    """The service in this process. What is announced is worked off at once, in order, as workers would."""

    def __init__(self, api: TwilioAPI, monkeypatch: pytest.MonkeyPatch) -> None:
        from runtime import tasks
        from webhooks.app import create_app

        self.api = api
        self.client = create_app().test_client()
        self._announced: list[tuple[str, int]] = []
        monkeypatch.setattr(tasks, "publish", self._publish)

    def _publish(self, task: str, identifier: int) -> bool:
        self._announced.append((task, identifier))
        return True

    def post(self, data: dict[str, str], path: str = INBOUND) -> Any:
        """Post a signed form, without working off what it announces."""
        return self.client.post(path, data=data, headers=sign(path, data))

    def work(self) -> None:
        """Do what was announced."""
        from bot.turn import read_mail
        from casework import media
        from messaging.outbox import deliver
        from runtime import tasks

        while self._announced:
            task, identifier = self._announced.pop(0)
            {tasks.READ_MAIL: read_mail, tasks.DELIVER: deliver, tasks.FETCH: media.fetch}[task](identifier)

    def says(self, phone: str, text: str, **more: str) -> list[str]:
        """A phone sends a text; what it hears in answer."""
        heard = len(self.api.bodies(phone))
        answer = self.post(form(phone, text, **more))
        assert answer.status_code == 200, answer.status
        self.work()
        return self.api.bodies(phone)[heard:]
