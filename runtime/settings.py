"""Settings from the environment or `.env`, parsed once. A bad one is a `SettingsError` whose text is one sentence."""

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting is missing or malformed; the text names it and says what to do."""


class Settings(BaseSettings):
    """Everything that the environment decides. Names are those of docs/deploying.md; empty values count as unset."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True
    )

    data_dir: Path = Field(default=ROOT / "var", validation_alias="SAWTI_DATA_DIR")
    secret_key: SecretStr | None = Field(default=None, validation_alias="SAWTI_SECRET_KEY")
    deployment: Path | None = Field(default=None, validation_alias="SAWTI_DEPLOYMENT")
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    redis_url: SecretStr | None = Field(default=None, validation_alias="REDIS_URL")
    public_url: str | None = Field(default=None, validation_alias="PUBLIC_URL")
    port: int = Field(default=8080, ge=1, le=65535, validation_alias="PORT")
    host: str = Field(default="127.0.0.1", validation_alias="SAWTI_HOST")
    metrics_allow: str = Field(default="127.0.0.1,::1", validation_alias="SAWTI_METRICS_ALLOW")
    twilio_account_sid: str | None = Field(default=None, validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr | None = Field(default=None, validation_alias="TWILIO_AUTH_TOKEN")
    twilio_api_key: str | None = Field(default=None, validation_alias="TWILIO_API_KEY")
    twilio_api_secret: SecretStr | None = Field(default=None, validation_alias="TWILIO_API_SECRET")
    twilio_sms_from: str | None = Field(default=None, validation_alias="TWILIO_SMS_FROM")
    twilio_messaging_service_sid: str | None = Field(default=None, validation_alias="TWILIO_MESSAGING_SERVICE_SID")
    twilio_whatsapp_from: str | None = Field(default=None, validation_alias="TWILIO_WHATSAPP_FROM")
    twilio_api_url: str = Field(default="https://api.twilio.com", validation_alias="TWILIO_API_URL")
    smtp_url: SecretStr | None = Field(default=None, validation_alias="SMTP_URL")

    @field_validator("public_url", "twilio_api_url")
    @classmethod
    def _is_an_origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an address such as https://sawti.example.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: SecretStr | None) -> SecretStr | None:
        known = ("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")
        if value is not None and not value.get_secret_value().startswith(known):
            raise ValueError("must start with postgresql:// or sqlite:///")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_a_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("smtp://", "smtps://")):
            raise ValueError("must start with smtp:// or smtps://")
        return value

    @field_validator("data_dir")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def uses_twilio(self) -> bool:
        """True when messages leave by Twilio; otherwise only the simulator's phones are reached."""
        return self.twilio_account_sid is not None

    @property
    def origin(self) -> str:
        """The address that Twilio and staff see, without a trailing slash."""
        return self.public_url or f"http://localhost:{self.port}"

    def sqlalchemy_url(self) -> str:
        """The database's address in SQLAlchemy's form; SQLite in the data directory where none is set."""
        if self.database_url is None:
            return f"sqlite:///{self.data_dir / 'sawti.db'}"
        url = self.database_url.get_secret_value()
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url.removeprefix(plain)
        return url


_TOGETHER = {
    "twilio_account_sid": ("twilio_auth_token", "TWILIO_AUTH_TOKEN"),
    "twilio_auth_token": ("twilio_account_sid", "TWILIO_ACCOUNT_SID"),
    "twilio_api_key": ("twilio_api_secret", "TWILIO_API_SECRET"),
}


def load(**given: Any) -> Settings:
    """Read the settings; raise `SettingsError` with one sentence about the first thing that is wrong."""
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        message = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsError(f"{first['loc'][0]}: {message}.") from None
    for name, (partner, partner_name) in _TOGETHER.items():
        if getattr(settings, name) and not getattr(settings, partner):
            raise SettingsError(f"{partner_name} is missing: {name.upper()} is set and needs it.")
    if settings.uses_twilio and not (
        settings.twilio_sms_from or settings.twilio_messaging_service_sid or settings.twilio_whatsapp_from
    ):
        raise SettingsError(
            "TWILIO_SMS_FROM, TWILIO_MESSAGING_SERVICE_SID or TWILIO_WHATSAPP_FROM is missing: "
            "Twilio is set up but no sender is named."
        )
    return settings


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return load()
