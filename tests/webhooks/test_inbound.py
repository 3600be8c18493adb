"""The door: signatures, duplicates, order, and whatever else people post."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from messaging.models import Message
from tests.phones import INBOUND, Town, form, sign

PHONE = "+254722000001"


def stored() -> int:
    from store.database import reading

    with reading() as session:
        return session.scalar(select(func.count()).select_from(Message).where(Message.direction == "in")) or 0


def test_a_signed_form_is_stored_and_answered_with_our_id_in_the_callback(town: Town) -> None:
    began = time.perf_counter()
    answer = town.post(form(PHONE, "hola, perdí mi pasaporte que hago"))
    assert time.perf_counter() - began < 1
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    town.work()
    request, _notice = town.api.requests
    assert (request["To"], request["From"]) == (PHONE, "+254711000000")
    callback = urlsplit(request["StatusCallback"])
    assert callback.geturl().startswith("https://sawti.example.org/webhooks/twilio/status?message=")
    path, sid = f"{callback.path}?{callback.query}", town.api.accepted[0]["sid"]
    report = {"MessageSid": sid, "MessageStatus": "delivered"}
    assert town.client.post(path, data=report, headers=sign(path, report)).status_code == 204
    from store.database import reading

    with reading() as session:
        sent = session.get_one(Message, int(parse_qs(callback.query)["message"][0]))
        assert (sent.state, sent.provider_sid, sent.segments > 0) == ("delivered", sid, True)


@pytest.mark.parametrize(
    "headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "d3Jvbmc="}, {"X-Twilio-Signature": "é"}]
)
def test_without_a_right_signature_nothing_is_stored(town: Town, headers: dict[str, str]) -> None:
    assert town.client.post(INBOUND, data=form(PHONE, "hello"), headers=headers).status_code == 403
    assert town.client.post("/webhooks/twilio/status?message=1", data={}, headers=headers).status_code == 403
    assert stored() == 0


def test_a_form_changed_after_signing_is_refused(town: Town) -> None:
    data = form(PHONE, "hello")
    assert town.client.post(INBOUND, data={**data, "Body": "other"}, headers=sign(INBOUND, data)).status_code == 403


@pytest.mark.parametrize("lacking", ["MessageSid", "From", "To"])
def test_a_form_without_what_is_needed_is_a_bad_request(town: Town, lacking: str) -> None:
    data = form(PHONE, "hello")
    del data[lacking]
    assert town.post(data).status_code == 400
    assert stored() == 0


@pytest.mark.parametrize("path", ["?message=", "?message=x", "?message=99999999999999999999", "?message=-1", ""])
def test_a_report_on_nothing_known_does_no_harm(town: Town, path: str) -> None:
    full = f"/webhooks/twilio/status{path}"
    assert town.post({"MessageSid": "SM1", "MessageStatus": "delivered"}, full).status_code in (204, 400)


def test_garbage_is_never_our_error(town: Town) -> None:
    chance = random.Random(3)
    for size in (0, 1, 50, 100_000):
        junk = chance.randbytes(size)
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "x"):
            answer = town.client.post(INBOUND, data=junk, content_type=kind, headers={"X-Twilio-Signature": "x"})
            assert answer.status_code in (400, 403, 413)
    assert town.client.post(INBOUND, data=b"x" * 2_000_000, headers={"X-Twilio-Signature": "x"}).status_code in (
        403,
        413,
    )
    assert town.client.get(INBOUND).status_code == 405
    assert town.client.get("/nowhere").status_code == 404


@pytest.mark.parametrize(
    "text",
    ["x" * 100_000, "\x00\x01", "\ud83d" + "😀" * 50, "‮مرحبا", "{}", "{organisation}", "%s", "/ask_health", '/ask_health{"a":1}',
     "<script>", "' or 1=1 --", "​", "1" * 400, "¿¡", "\r\n\r\n"],
)  # fmt: skip
def test_odd_texts_are_answered(town: Town, text: str) -> None:
    data = form(PHONE, text.encode("utf-8", "replace").decode(), Surprise="1", **{"a[b]": "c"})
    assert town.post(data).status_code == 200
    town.work()
    assert len(town.api.bodies(PHONE)) >= 1
    assert "wrong on our side" not in town.api.bodies(PHONE)[0]


def test_the_same_message_ten_times_at_once_is_one_turn_and_one_answer(town: Town) -> None:
    data = form(PHONE, "where is the clinic")
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: town.post(data).status_code, range(10)))
    assert statuses == [200] * 10
    town.work()
    assert stored() == 1
    assert len(town.api.bodies(PHONE)) == 2  # the answer, and the notice on data


def test_ten_strangers_at_once_are_ten_contacts(town: Town) -> None:
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda n: town.post(form(f"+25472210000{n}", "hello")), range(10)))
    town.work()
    assert [len(town.api.bodies(f"+25472210000{n}")) for n in range(10)] == [2] * 10


def test_three_messages_sent_at_once_are_answered_in_order(town: Town) -> None:
    town.says(PHONE, "hello")
    for text in ("español", "1", "MENU"):
        town.post(form(PHONE, text))
    town.work()
    first, second, third = town.api.bodies(PHONE)[2:]
    assert "español" in first and "hospital" in second and "1 " in third
