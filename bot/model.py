"""The trained model: one file per state of the data it was trained on, so that a stale one is never used."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from runtime.settings import ROOT

FOLDER = ROOT / "models"
_SOURCES = (
    "config.yml",
    "data/nlu",
    "data/rules",
    "data/taxonomy.yml",
    "bot/domain",
    "bot/nlu",
    "bot/encoder.py",
    "bot/e5.py",
    "runtime/folding.py",
    "uv.lock",
)


class NoModel(Exception):
    """There is no model for the present data; `sawti train` makes one."""


def fingerprint() -> str:
    """Hash of everything that the model is made from."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        place = ROOT / source
        files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.suffix in (".yml", ".py"))
        for file in files:
            digest.update(str(file.relative_to(ROOT)).encode() + b"\x00" + file.read_bytes() + b"\x00")
    return digest.hexdigest()[:16]


def name() -> str:
    """The file name of the model for the present data, without its ending."""
    return f"sawti-{fingerprint()}"


def exists() -> bool:
    """True if the present data needs no training."""
    return (FOLDER / f"{name()}.tar.gz").exists()


@lru_cache(maxsize=1)
def path() -> Path:
    """The model for the present data; SAWTI_MODEL names another one.

    Raises:
        NoModel: nothing was trained on the present data.
    """
    chosen = os.environ.get("SAWTI_MODEL")
    found = Path(chosen) if chosen else FOLDER / f"{name()}.tar.gz"
    if not found.exists():
        raise NoModel
    return found


def train() -> Path:
    """Train on the present data, with progress bars. Older models of ours are removed."""
    import rasa

    from bot.language import identify

    identify("hello")  # makes the profiles of the languages, so that the parts find them
    FOLDER.mkdir(exist_ok=True)
    result = rasa.train(
        domain=str(ROOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(ROOT / "data")],
        output=str(FOLDER),
        fixed_model_name=name(),
        force_training=True,
    )
    if result.code != 0 or not result.model:
        raise RuntimeError("training failed; the lines above say why")
    made = Path(result.model)
    for old in FOLDER.glob("sawti-*.tar.gz"):
        if old != made:
            old.unlink()
    return made
