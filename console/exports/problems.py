"""Errors of the interface for tools: problem details as JSON (RFC 9457), never a page."""

import json
from collections.abc import Mapping

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

PREFIX = "/console/api/"
TITLES = {
    400: "The request makes no sense",
    401: "A key is needed",
    403: "The key does not open this",
    404: "There is nothing here",
    405: "This can only be read",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "The service is not ready",
}


class Problem(Exception):
    """The request is answered with this status. `detail`: one sentence, without what was sent to us."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: object) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.more = more


def answer(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """The problem as it is sent."""
    told = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail, **more}
    made = Response(json.dumps(told), status, mimetype="application/problem+json")
    made.headers.update(headers or {})
    return made


def of(error: HTTPException) -> Response:
    """What Flask refused by itself."""
    status = error.code or 500
    detail = {404: "There is no such address.", 405: "Use GET."}.get(status, TITLES.get(status, "Error") + ".")
    allowed = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    return answer(status, detail, {"Allow": ", ".join(allowed)} if allowed else None)


def install(app: Flask) -> None:
    """An address below /console/api/ that is not there, or cannot be written to, is told of in JSON too."""
    app.register_error_handler(405, _of_ours)


def _of_ours(error: HTTPException) -> Response | HTTPException:
    return of(error) if is_ours() else error


def is_ours() -> bool:
    """True if the request is one of a tool."""
    return request.path.startswith(PREFIX)
