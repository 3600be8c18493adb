"""A phone in the browser, for visitors of a demonstration. It uses the same inbox and outbox as Twilio's phones."""

import re
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.exceptions import BadRequest, Forbidden

from messaging import inbox, segments, threads
from messaging.inbound import Inbound
from messaging.providers import simulator
from runtime import taxonomy
from runtime.deployment import FocalPoint, Staff, deployment
from runtime.settings import settings

blueprint = Blueprint(
    "simulator", __name__, url_prefix="/simulator", template_folder="templates", static_folder="static"
)

OUR_NUMBER = "+12025550100"
PHONES = tuple(f"+120255501{last:02d}" for last in (11, 12, 13, 14))
_NUMBER = re.compile(r"^\+[1-9][0-9]{6,14}$")


@blueprint.get("")
def page() -> str:
    """The page; everything else it asks for itself. `phone` and `channel`: the phone that lies before the visitor."""
    asked = request.args.get("phone", "")
    people: list[Staff | FocalPoint] = [*deployment().focal_points, *deployment().engagement]
    people = [] if settings().uses_twilio else [person for person in people if person.phone]
    return render_template(
        "simulator.html",
        organisation=deployment().organisation,
        phones=PHONES if asked in PHONES or not _NUMBER.match(asked) else (*PHONES, asked),
        asked=asked,
        asked_channel=request.args.get("channel"),
        focal_points=[{"name": person.name, "phone": person.phone, "channel": person.channel} for person in people],
        our_number=OUR_NUMBER,
        languages=[taxonomy.languages()[code] for code in deployment().languages],
    )


@blueprint.post("/send")
def send() -> Response:
    """A text from one of the simulator's phones."""
    _same_origin()
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        raise BadRequest("JSON with phone, channel and text is needed")
    phone, channel = _phone(data.get("phone"), data.get("channel"))
    text = data.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > segments.MESSAGE_LIMIT:
        raise BadRequest(f"text must have 1 to {segments.MESSAGE_LIMIT} characters")
    receipt = inbox.receive(
        Inbound(
            provider=simulator.NAME,
            provider_sid=f"SIM{secrets.token_hex(16)}",
            channel=channel,
            address=phone,
            recipient=OUR_NUMBER,
            text=text,
        )
    )
    return jsonify(id=receipt.message_id)


@blueprint.get("/thread")
def thread() -> Response:
    """What was said on one phone, after a message id; bodies that were sealed away are left out."""
    phone, channel = _phone(request.args.get("phone"), request.args.get("channel"))
    after = request.args.get("after", default=0, type=int)
    lines = threads.read(simulator.NAME, channel, phone, max(after, 0))
    return jsonify(
        [
            {
                "id": line.id,
                "out": line.direction == "out",
                "text": line.text,
                "state": line.state,
                "at": line.at.isoformat(),
                "segments": segments.count(line.text).segments if line.text else 0,
            }
            for line in lines
        ]
    )


@blueprint.post("/count")
def count() -> Response:
    """Encoding and segments of a draft."""
    data = request.get_json(silent=True)
    text = data.get("text") if isinstance(data, dict) else None
    counted = segments.count(text if isinstance(text, str) else "")
    return jsonify(encoding=counted.encoding, units=counted.units, segments=counted.segments)


def _phone(phone: object, channel: object) -> tuple[str, str]:
    if not isinstance(phone, str) or not _NUMBER.match(phone):
        raise BadRequest("phone must look like +12025550111")
    if channel not in ("sms", "whatsapp"):
        raise BadRequest("channel must be sms or whatsapp")
    return phone, str(channel)


def _same_origin() -> None:
    """Another site's page must not write from a visitor's browser."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden("only from the simulator's own page")
