"""Commands that end with a sentence, not a traceback."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import click

from runtime.settings import SettingsError, settings

F = TypeVar("F", bound=Callable[..., Any])


def speaks_plainly(command: F) -> F:
    """A wrong setting ends the command with one sentence."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            if command.__name__ != "doctor":  # it tells of the settings itself
                settings()
            return command(*args, **kwargs)
        except SettingsError as error:
            click.echo(f"sawti: {error}", err=True)
            sys.exit(1)

    return cast(F, run)
