"""The Flask application of the web process."""

import structlog
from flask import Flask, Response, redirect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers.response import Response as AnyResponse

from runtime import tasks
from runtime.deployment import deployment
from runtime.logging import failure
from runtime.settings import settings
from webhooks import health, simulator, twilio

log = structlog.get_logger()

LARGEST_REQUEST = 1_000_000


def create_app() -> Flask:
    """Build the application; the deployment decides whether the simulator is open."""
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_REQUEST, MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST, MAX_FORM_PARTS=500)
    tasks.configure()
    app.register_blueprint(twilio.blueprint)
    app.register_blueprint(health.blueprint)
    if deployment().demonstration:
        app.register_blueprint(simulator.blueprint)
        app.add_url_rule("/", view_func=lambda: redirect("/simulator"))
    app.register_error_handler(Exception, _unexpected)
    app.after_request(_headers)
    return app


def _unexpected(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    log.error("request_failed", **failure(error))
    return Response("Something went wrong on our side.\n", status=500, mimetype="text/plain")


def _headers(response: AnyResponse) -> AnyResponse:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'",
    )
    if settings().origin.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
