"""`sawti doctor`: every check in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import model
from bot.nlu.lexicon import BadLexicon, lexicon
from casework import coverage, escalation, staff, watching
from messaging import readiness
from runtime import deployment as deployments
from runtime import heartbeat, taxonomy, words
from runtime.logging import configure
from runtime.redis import RedisError, redis
from runtime.settings import SettingsError, settings
from service.sample_staff import FILE as SAMPLE_ACCOUNTS
from store import migrate
from store.database import reading
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
    real = not deployments.deployment().demonstration
    if real and not settings().origin.startswith("https://"):
        raise Failing("PUBLIC_URL must begin with https://: Twilio calls it, and staff log in there.")
    if settings().uses_twilio:
        return f"Twilio, answers to {settings().origin}"
    if not deployments.deployment().demonstration:
        raise Failing("TWILIO_ACCOUNT_SID is missing: no message can leave.")
    return "simulator only"


def _sample_accounts() -> str:
    left = (settings().data_dir / SAMPLE_ACCOUNTS).exists() and not deployments.deployment().demonstration
    if left:
        raise Failing(f"{SAMPLE_ACCOUNTS} of a demonstration is in the data directory: its passwords are known.")
    return "none of a sample" if not deployments.deployment().demonstration else "a demonstration's"


def _focal_points() -> str:
    with _asking() as session:
        gaps, lost = coverage.uncovered(session), watching.unreachable(session)
        able = [person for person in staff.everybody(session) if "focal_point" in person.roles]
    if gaps:
        category, times = next(iter(gaps.items()))
        raise Failing(
            f"nobody is on duty for {', '.join(gaps)}; the first gap, for {category}: {times[0]:%a %Y-%m-%d %H:%M}. "
            "See Duty in the console, escalation.duty and `sawti staff`."
        )
    if lost:
        raise Failing(f"no working address for {', '.join(person.login for person in lost)}; see `sawti staff list`.")
    without = sum(person.public_key is None for person in able if person.disabled_at is None)
    return f"{len(able)}, every category is covered at every hour; {without} without a password"


def _alerts() -> str:
    with _asking():
        silent = escalation.failing()
    if silent:
        raise Failing(f"for an hour no alert of {', '.join(silent[:5])} has reached anybody.")
    return "they arrive"


def _readers() -> str:
    """Not a failure: reports are held under the deployment's key until somebody has a password."""
    with _asking() as session:
        able = [p for p in staff.everybody(session) if p.public_key is not None and p.disabled_at is None]
        keyless = [c for c in taxonomy.sensitive_categories() if not any(c in person.categories for person in able)]
    if keyless and not deployments.deployment().demonstration:
        raise Failing(f"nobody who could read {', '.join(keyless)} has set a password; see `sawti staff add`.")
    return "every category can be read by somebody" if not keyless else "nobody has set a password yet"


@contextmanager
def _asking() -> Iterator[Session]:
    try:
        with reading() as session:
            yield session
    except (SQLAlchemyError, OSError):
        raise Failing("the database cannot be asked.") from None


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
    ("accounts", _sample_accounts),
    ("focal points", _focal_points),
    ("readers", _readers),
    ("alerts", _alerts),
)
