"""`sawti doctor`: every check in one line."""

from collections.abc import Callable

import click
from sqlalchemy.exc import SQLAlchemyError

from bot import model
from bot.nlu.lexicon import BadLexicon, lexicon
from messaging import readiness
from runtime import deployment as deployments
from runtime import heartbeat, words
from runtime.logging import configure
from runtime.redis import RedisError, redis
from runtime.settings import SettingsError, settings
from store import migrate
from store.encryption import keyring


class Failing(Exception):
    """A check does not hold; the text is one sentence for an operator, without secrets."""


def run() -> int:
    """Print one line per check; 1 if one fails."""
    configure("doctor")
    worst = 0
    for name, check in CHECKS:
        try:
            told = check()
            click.echo(f"ok    {name:<14} {told}")
        except (Failing, SettingsError) as error:
            worst = 1
            click.echo(f"FAIL  {name:<14} {error}")
    return worst


def _settings() -> str:
    settings()
    return "read"


def _deployment() -> str:
    if deployments.path(settings()).exists() or settings().deployment or settings().secret_key:
        found = deployments.deployment()
    else:
        deployments.prepare_demonstration(settings())
        found = deployments.deployment()
    kind = "a demonstration" if found.demonstration else "a deployment"
    return f"{kind}, languages {', '.join(found.languages)}"


def _keys() -> str:
    keyring()
    return f"{len(deployments.secret_keys())} key(s)"


def _database() -> str:
    try:
        if not migrate.is_current():
            raise Failing("the database is not at the newest revision; `sawti up` or `sawti web` migrates it.")
    except (SQLAlchemyError, OSError):
        raise Failing("the database cannot be reached; see DATABASE_URL.") from None
    return "PostgreSQL" if "postgresql" in settings().sqlalchemy_url() else "SQLite"


def _redis() -> str:
    try:
        redis().ping()
    except (RedisError, OSError):
        raise Failing("Redis cannot be reached; see REDIS_URL, or start the service.") from None
    return "embedded" if settings().redis_url is None else "by REDIS_URL"


def _parts() -> str:
    try:
        silent = [part for part in readiness.PARTS if not heartbeat.lives(part)]
    except (RedisError, OSError):
        raise Failing("Redis cannot be reached, so nothing is known of the workers.") from None
    if silent:
        raise Failing(f"no sign of life from {', '.join(silent)}; `sawti up` starts them.")
    return ", ".join(readiness.PARTS)


def _model() -> str:
    if not model.exists():
        raise Failing("there is no model for the present data; `sawti train` makes one.")
    return model.name()


def _content() -> str:
    served = deployments.deployment().languages
    lacking = [code for code in served if set(words.catalogue(code)) != set(words.catalogue(words.SOURCE))]
    if lacking:
        raise Failing(f"sentences are missing in {', '.join(lacking)}.")
    return f"all sentences in {', '.join(served)}"


def _lexicon() -> str:
    try:
        lexicon()
    except BadLexicon as error:
        raise Failing(f"{error}.") from None
    return "read"


def _provider() -> str:
    if settings().uses_twilio:
        if not settings().origin.startswith("https://"):
            return f"Twilio, answers to {settings().origin} (Twilio itself needs https)"
        return "Twilio"
    if not deployments.deployment().demonstration:
        raise Failing("TWILIO_ACCOUNT_SID is missing: no message can leave.")
    return "simulator only"


def _focal_points() -> str:
    found = deployments.deployment()
    if found.uncovered_categories():
        raise Failing(f"nobody answers for {', '.join(found.uncovered_categories())}.")
    if readiness.unreachable_focal_points():
        raise Failing("a focal point's channel has no sender; see TWILIO_SMS_FROM and TWILIO_WHATSAPP_FROM.")
    return f"{len(found.focal_points)} focal point(s), every category is covered"


CHECKS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("settings", _settings),
    ("deployment", _deployment),
    ("keys", _keys),
    ("database", _database),
    ("redis", _redis),
    ("workers", _parts),
    ("model", _model),
    ("sentences", _content),
    ("lexicon", _lexicon),
    ("provider", _provider),
    ("focal points", _focal_points),
)
