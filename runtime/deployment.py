"""deployment.yml: the organisation, its languages, people on duty and times. Made on the spot for a demonstration."""

import os
import secrets
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from opening_hours import validate
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from runtime import taxonomy
from runtime.promises import Promises
from runtime.settings import ROOT, Settings, SettingsError, settings

DEMONSTRATION = ROOT / "service" / "demonstration.yml"

Address = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$"), BeforeValidator(lambda v: str(v).replace(" ", ""))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def known_categories(value: list[str]) -> list[str]:
    """The same, if every one is an id of the taxonomy."""
    unknown = set(value) - set(taxonomy.sensitive_categories())
    if unknown:
        raise ValueError(f"unknown sensitive category {sorted(unknown)[0]!r}")
    return value


class Staff(_Strict):
    """Someone who is told by phone; of engagement: of what is overdue or told by many."""

    name: str
    phone: Address
    channel: Literal["sms", "whatsapp"] = "sms"
    language: str = "en"


class FocalPoint(_Strict):
    """A trained person, taken in as an account at the start; `sawti staff` adds others. The first is called first."""

    name: str
    phone: Address | None = None
    channel: Literal["sms", "whatsapp", "email"] = "sms"
    email: str | None = None
    language: str = "en"
    categories: list[str] = Field(default_factory=lambda: list(taxonomy.sensitive_categories()))
    sites: list[str] = []
    """Places where the person works; none: outside all sites."""

    @field_validator("categories")
    @classmethod
    def _are_known(cls, value: list[str]) -> list[str]:
        return known_categories(value)


class Duty(_Strict):
    """One line of the rota: who is on duty, when, for what, where. `people` are logins, in the order of calling."""

    people: list[str] = Field(min_length=1)
    hours: str = "24/7"
    """As OpenStreetMap writes it, in the deployment's time zone."""
    categories: list[str] = []
    site: str | None = None

    @field_validator("hours")
    @classmethod
    def _are_hours(cls, value: str) -> str:
        if not validate(value):
            raise ValueError("hours must look like Mo-Fr 08:00-16:00")
        return value

    @field_validator("categories")
    @classmethod
    def _are_known(cls, value: list[str]) -> list[str]:
        return known_categories(value)


class Escalation(_Strict):
    """Who is called, and hours after which an unacknowledged alert goes on to the next person."""

    urgent_hours: float = Field(default=1, gt=0)
    other_hours: float = Field(default=24, gt=0)
    urgent: list[str] = ["danger", "child"]
    duty: list[Duty] = []
    """The rota; without one every focal point is always on duty."""
    backups: list[str] = []
    """Logins of those who are called, all at once, after those on duty; without any, all others who answer for it."""
    may_override: list[str] = []
    """Logins of focal points who may refer a person without their consent, where a life or a child is at risk."""
    test_at: str | None = Field(default="09:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    """When, in the deployment's time zone, everybody who may be alerted gets the daily test; null for none."""
    acknowledge_days: float = Field(default=7, gt=0)
    """Shown as a clock on each report (Directive (EU) 2019/1937, art. 9.1 b)."""
    feedback_days: float = Field(default=90, gt=0)
    """The same for what was done (art. 9.1 f: three months)."""

    def reminder(self, urgent: bool) -> timedelta:
        """How long one group of people has before the next is told."""
        return timedelta(hours=self.urgent_hours if urgent else self.other_hours)


class Rates(_Strict):
    """Segments or messages a second that one sender may carry (Twilio queues what is above its own limit)."""

    sms: float = Field(default=100, gt=0)
    whatsapp: float = Field(default=80, gt=0)


class Prices(_Strict):
    """What is paid for one SMS segment and one WhatsApp message; costs shown are estimates from it."""

    sms: Decimal = Field(ge=0)
    whatsapp: Decimal = Field(default=Decimal(0), ge=0)
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    """ISO 4217."""

    def of(self, channel: str, segments: int) -> Decimal:
        """The price of so many segments or messages."""
        return segments * (self.whatsapp if channel == "whatsapp" else self.sms)


class Deployment(_Strict):
    """What differs from one deployment to the next, and is no secret."""

    organisation: str = Field(min_length=2, max_length=60)
    country: str = Field(pattern=r"^[A-Z]{2}$")
    demonstration: bool = False
    languages: list[str] = Field(min_length=1)
    default_language: str
    time_zone: str = "UTC"
    emergency_number: str | None = Field(default=None, pattern=r"^[0-9]{2,8}$")
    sites: list[str] = []
    """Places where people of the organisation work, as staff and the directory name them."""
    focal_points: list[FocalPoint] = []
    escalation: Escalation = Escalation()
    rates: Rates = Rates()
    prices: Prices | None = None
    """Without them the console shows segments and messages, and no cost."""
    engagement: list[Staff] = []
    promises: Promises = Promises()
    whatsapp_templates: dict[str, dict[str, str]] = {}
    """Twilio's ContentSid of approved templates, by name (answer_waits; alert, the code as {{1}}) and language."""
    session_hours: float = Field(default=24, gt=0)
    directory: Path | None = None
    """File of the service directory (CSV, XLSX or HSDS), taken in at the start while the directory is empty."""

    @field_validator("languages")
    @classmethod
    def _are_served(cls, value: list[str]) -> list[str]:
        unknown = [code for code in value if code not in taxonomy.languages()]
        if unknown:
            raise ValueError(f"unknown language {unknown[0]!r}")
        return value

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"unknown time zone {value!r}") from None
        return value

    @field_validator("whatsapp_templates")
    @classmethod
    def _are_templates(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        unknown = set(value) - {"answer_waits", "alert"}
        if unknown:
            raise ValueError(f"unknown template {sorted(unknown)[0]!r}; known: alert, answer_waits")
        return value

    @property
    def directory_file(self) -> Path | None:
        """The directory's file; a relative path starts at the repository."""
        return ROOT / self.directory if self.directory else None


def read(path: Path) -> Deployment:
    """Parse a deployment file; raise `SettingsError` with one sentence about the first thing that is wrong."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise SettingsError(f"SAWTI_DEPLOYMENT: the file {path} cannot be read.") from None
    except yaml.YAMLError:
        raise SettingsError(f"{path} is not valid YAML.") from None
    try:
        deployment = Deployment.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SettingsError(f"{path.name}: {place}: {str(first['msg']).removeprefix('Value error, ')}.") from None
    if deployment.default_language not in deployment.languages:
        raise SettingsError(f"{path.name}: default_language is not one of languages.")
    return deployment


def path(given: Settings) -> Path:
    """Where this deployment's file is."""
    return given.deployment or given.data_dir / "deployment.yml"


@lru_cache(maxsize=1)
def deployment() -> Deployment:
    """The deployment of this process."""
    return read(path(settings()))


def secret_keys(given: Settings | None = None) -> list[bytes]:
    """The secret keys, newest first: SAWTI_SECRET_KEY (comma-separated), or the demonstration's own key file.

    Raises:
        SettingsError: no key is set and this is not a demonstration, or a key is too short.
    """
    given = given or settings()
    if given.secret_key is not None:
        keys = [part.strip() for part in given.secret_key.get_secret_value().split(",") if part.strip()]
        if not keys or any(len(key) < 32 for key in keys):
            raise SettingsError("SAWTI_SECRET_KEY: every key must have at least 32 characters.")
        return [key.encode() for key in keys]
    key_file = given.data_dir / "demonstration.key"
    if not key_file.exists():
        raise SettingsError(
            "SAWTI_SECRET_KEY is missing; it encrypts what people write. `openssl rand -hex 32` makes one."
        )
    return [key_file.read_bytes().strip()]


def prepare_demonstration(given: Settings) -> bool:
    """Create a demonstration in the data directory where nothing else is configured. True if this is one."""
    given.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    where = path(given)
    if given.deployment is None and given.secret_key is None and not where.exists():
        where.write_text(DEMONSTRATION.read_text(encoding="utf-8"), encoding="utf-8")
    demonstration = read(where).demonstration
    if (
        demonstration
        and given.twilio_account_sid
        and given.twilio_api_url == Settings.model_fields["twilio_api_url"].default
    ):
        raise SettingsError(
            "SAWTI_DEPLOYMENT is missing: a demonstration must not write to real phones. "
            "Name your own deployment.yml, or point TWILIO_API_URL at a rehearsal."
        )
    key_file = given.data_dir / "demonstration.key"
    if demonstration and given.secret_key is None and not key_file.exists():
        handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return demonstration
