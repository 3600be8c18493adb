"""A wrong setting stops the start with one sentence that names it, and tells no secret."""

from pathlib import Path

import pytest

from runtime import deployment
from runtime.settings import SettingsError, load

GOOD = (Path(__file__).parents[1] / "deployment.yml").read_text()

WRONG = [
    ({"DATABASE_URL": "mysql://u:secret@h/d"}, "DATABASE_URL"),
    ({"REDIS_URL": "http://x"}, "REDIS_URL"),
    ({"PUBLIC_URL": "sawti.example.org"}, "PUBLIC_URL"),
    ({"PORT": "eighty"}, "PORT"),
    ({"PORT": "70000"}, "PORT"),
    ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
    ({"TWILIO_API_KEY": "SK1"}, "TWILIO_API_SECRET"),
    ({"TWILIO_SMS_FROM": ""}, "TWILIO_SMS_FROM"),
    ({"TWILIO_API_URL": "nonsense"}, "TWILIO_API_URL"),
]


@pytest.mark.parametrize(("env", "name"), WRONG)
def test_a_wrong_setting_is_named_in_one_sentence(
    env: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in env.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError) as caught:
        load()
    told = str(caught.value)
    assert name in told and told.endswith(".") and "\n" not in told and "secret" not in told


def test_postgresql_addresses_get_our_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
    assert load().sqlalchemy_url() == "postgresql+psycopg://u:p@h/d"


DEPLOYMENTS = [
    ("country: KE", "country: Kenya", "country"),
    ("default_language: en", "default_language: tr", "default_language"),
    ("[en, fr, es, ar, ", "[en, xx, ", "languages"),
    ("Africa/Nairobi", "Africa/Atlantis", "time_zone"),
    ("+254700000001", "0700", "phone"),
    (", language: en}", ", language: en, categories: [gossip]}", "gossip"),
    ("organisation:", "organization:", "organi"),
    ("organisation: Test Aid", "organisation: [", "YAML"),
]


@pytest.mark.parametrize(("old", "new", "named"), DEPLOYMENTS)
def test_a_wrong_deployment_is_named_in_one_sentence(old: str, new: str, named: str, tmp_path: Path) -> None:
    assert old in GOOD
    file = tmp_path / "deployment.yml"
    file.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(SettingsError) as caught:
        deployment.read(file)
    assert named in str(caught.value) and "\n" not in str(caught.value)


def test_outside_a_demonstration_a_key_is_required(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAWTI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SAWTI_SECRET_KEY", "")
    with pytest.raises(SettingsError, match="SAWTI_SECRET_KEY is missing"):
        deployment.secret_keys(load())
    monkeypatch.setenv("SAWTI_SECRET_KEY", "short")
    with pytest.raises(SettingsError, match="32 characters"):
        deployment.secret_keys(load())


def test_a_demonstration_makes_its_own_key_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAWTI_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("SAWTI_SECRET_KEY", "")
    monkeypatch.setenv("SAWTI_DEPLOYMENT", "")
    with pytest.raises(SettingsError, match="must not write to real phones"):
        deployment.prepare_demonstration(load())
    monkeypatch.setenv("TWILIO_API_URL", "http://127.0.0.1:1")
    given = load()
    assert deployment.prepare_demonstration(given)
    first = deployment.secret_keys(given)
    assert deployment.prepare_demonstration(given) and deployment.secret_keys(given) == first
    assert (tmp_path / "var" / "demonstration.key").stat().st_mode & 0o077 == 0
