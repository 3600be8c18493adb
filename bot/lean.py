"""Rasa without TensorFlow: half of its import time and a quarter of a worker's memory serve neural components only.

Rasa's processor imports them although our model has none. In a process that only reads and answers, `lean` puts empty
stand-ins in TensorFlow's place; whatever would compute with one fails at once. Training keeps the real one.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

ABSENT = frozenset({"tensorflow", "tensorflow_hub", "tensorflow_addons", "keras", "tensorboard"})


class _Anything(type):
    """Classes that have every attribute: a name to inherit from or to annotate with, nothing more."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(name, (), {"__module__": cls.__module__})

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls.__module__ in ABSENT and len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]  # a decorator
        raise RuntimeError(f"{cls.__module__} is not in this process: bot.lean")


class _Absent(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(name, (), {"__module__": self.__name__.split(".")[0]})


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if fullname.split(".")[0] in ABSENT else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        made = _Absent(spec.name)
        made.__path__ = []
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is in it."""


def lean() -> None:
    """From now on TensorFlow is absent here. Before the first import of Rasa; later it does nothing."""
    if "tensorflow" not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
