"""Twilio's webhooks: inbound messages and delivery reports."""

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, Forbidden

from messaging import inbox, outbox
from messaging.providers import twilio
from runtime.logging import failure
from runtime.settings import settings

log = structlog.get_logger()

blueprint = Blueprint("twilio", __name__, url_prefix="/webhooks/twilio")

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@blueprint.post("/inbound")
def inbound() -> Response:
    """Store the message and answer at once; the reply leaves by the outbox."""
    _check_signature()
    try:
        message = twilio.parse(request.form)
    except twilio.BadForm as error:
        log.warning("bad_form", where=str(error))
        raise BadRequest(f"{error} is missing or malformed") from None
    try:
        inbox.receive(message)
    except Exception as error:  # noqa: BLE001 - whatever it was, Twilio must try again or use its fallback address
        log.error("message_not_stored", **failure(error))
        return Response("not stored, try again\n", status=503, mimetype="text/plain")
    return Response(EMPTY, mimetype="text/xml")


@blueprint.post("/status")
def status() -> Response:
    """A delivery report for the message whose id stands in the address."""
    _check_signature()
    form = request.form
    try:
        message_id = int(request.args.get("message", ""))
    except ValueError:
        raise BadRequest("message is missing or malformed") from None
    state = form.get("MessageStatus") or form.get("SmsStatus") or ""
    sid = form.get("MessageSid") or form.get("SmsSid")
    known = 0 < message_id < 2**63 and outbox.status(message_id, state, form.get("ErrorCode"), sid)
    if not known:
        log.warning("status_of_unknown_message")
    return Response(status=204)


def _check_signature() -> None:
    url = settings().origin + request.full_path.removesuffix("?")
    if not twilio.is_genuine(url, request.form, request.headers.get("X-Twilio-Signature")):
        log.warning("signature_refused", path=request.path)
        raise Forbidden("the signature is missing or wrong")
