"""The console on an existing Flask application: cookies, forms' tokens, Bootstrap's own files, and the pages."""

from importlib import import_module
from typing import Any

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5  # type: ignore[import-untyped]
from flask_wtf.csrf import CSRFError, CSRFProtect  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from console import access, asked, cookies, labels, navigation, once, serving, words
from console.blueprint import NAME, blueprint
from console.exports import problems
from console.login import accounts, attempts, keys
from runtime.deployment import deployment
from runtime.redis import RedisError
from runtime.settings import settings
from store.encryption import keyring

PAGES = (
    "administration.duty",
    "administration.people",
    "administration.person",
    "administration.service",
    "audit.export",
    "audit.pages",
    "content.answer",
    "content.answers",
    "content.approval",
    "content.imports",
    "content.sentences",
    "content.services",
    "content.texts",
    "dashboards.pages",
    "exports.api",
    "exports.key_pages",
    "exports.pages",
    "inbox.bulk",
    "inbox.canned_pages",
    "inbox.case_page",
    "inbox.case_reply",
    "inbox.case_steps",
    "inbox.groups",
    "inbox.listing",
    "inbox.saved",
    "login.pages",
    "login.phone_pages",
    "reports.actions",
    "reports.concern",
    "reports.pages",
    "reports.queue",
    "reports.referral",
    "reports.writing",
)
"""The modules whose import puts their pages on the blueprint."""
COOKIE = "sawti_console"

blueprint.before_request(access.enforce)
blueprint.after_request(cookies.send)


@blueprint.app_context_processor  # also for the page about an address that belongs to nobody
def _for_forms() -> dict[str, Any]:
    return {
        "form_token": cookies.form_token,
        "form_id": once.form_id,
        "this_page": asked.this_page,
        "page_links": navigation.links,
        "is_demonstration": deployment().demonstration,
    }


@blueprint.errorhandler(CSRFError)
def _stale(_error: CSRFError) -> ResponseReturnValue:
    return render_template("console/plain.html", what="stale"), 400


@blueprint.errorhandler(RedisError)
@blueprint.errorhandler(keys.Busy)
def _away(_error: Exception) -> ResponseReturnValue:
    return render_template("console/plain.html", what="away"), 503


@blueprint.errorhandler(attempts.TooMany)
def _too_many(_error: attempts.TooMany) -> ResponseReturnValue:
    if g.get("who") is None:
        attempts.count("attempts_refused")
    else:
        access.note_refused({}, page=str(request.endpoint).removeprefix(f"{NAME}."), why="too_many")
    return render_template("console/plain.html", what="many"), 429, {"Retry-After": str(attempts.MINUTE)}


@blueprint.errorhandler(413)
def _too_large(_error: HTTPException) -> ResponseReturnValue:
    return render_template("console/plain.html", what="large"), 413


def install(app: Flask) -> None:
    """Put the console under /console of this application.

    Raises:
        access.Incomplete: a page has no entry in the table of who may call it, or an entry has no page.
    """
    app.secret_key = keyring().derive("console cookies")
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_PATH="/console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings().origin.startswith("https://"),
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_CHECK_DEFAULT=False,  # access.enforce asks for the token, on the console's pages only
        WTF_CSRF_TIME_LIMIT=None,  # a token is good as long as its session
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, which our Referrer-Policy forbids browsers to send
    )
    CSRFProtect(app)
    Bootstrap5(app)
    words.install(app)
    labels.install(app)
    serving.install(app)
    problems.install(app)
    for name in PAGES:
        import_module(f"{__package__}.{name}")
    app.register_blueprint(blueprint)
    app.register_error_handler(404, _not_found)
    access.check(app)
    accounts.warm_up()


def _not_found(error: HTTPException) -> ResponseReturnValue | HTTPException:
    """One page for what is not there and for what is not for this person."""
    if not request.path.startswith("/console"):
        return error
    if problems.is_ours():
        return problems.of(error)
    return render_template("console/plain.html", what="nothing"), 404
