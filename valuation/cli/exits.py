"""How a command ends: exit codes, one sentence for every error, signals, closed pipes."""

import functools
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import click

from valuation.errors import (
    InputError,
    ModelError,
    OutputBusy,
    OutputError,
    PriceGap,
    SettingsError,
    TableError,
    UsageError,
    ValuationError,
)
from valuation.settings import DEBUG

BUG: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130
_CODES: Final[tuple[tuple[type[ValuationError], int], ...]] = (
    (UsageError, USAGE),
    (OutputError, USAGE),  # the path given as output is none, or there is no room at it
    (OutputBusy, 6),
    (InputError, 3),
    (TableError, 3),
    (SettingsError, 3),
    (ModelError, 3),
    (PriceGap, 5),
)


def exit_code(error: Exception) -> int:
    """The exit code an error ends the program with; 1 for what we did not foresee.

    >>> exit_code(OutputBusy("taken")), exit_code(ZeroDivisionError())
    (6, 1)
    """
    return next((code for kind, code in _CODES if isinstance(error, kind)), BUG)


def reports_errors(command: Callable[..., int]) -> Callable[..., int]:
    """Wrap a command: an error becomes a sentence on stderr, an exit code and, if asked, JSON.

    The command's parameter `as_json`, where it has one, says whether stdout carries JSON.
    """

    @functools.wraps(command)
    def reported(**options: Any) -> int:
        try:
            return command(**options)
        except click.ClickException:
            raise
        except Exception as error:  # the last place that can put it into words
            if click.get_current_context().obj:  # a library's own error in the wake of a signal
                raise KeyboardInterrupt from error
            return _report(error, as_json=options.get("as_json", False))

    return reported


def _report(error: Exception, *, as_json: bool) -> int:
    code = exit_code(error)
    hint = error.hint if isinstance(error, ValuationError) else ""
    message = error.message if isinstance(error, ValuationError) else ""
    if code == BUG:
        message = f"This is a fault of the program: {type(error).__name__}: {message or error}"
        hint = f"Run again with {DEBUG}=1 for the traceback, and report it."
    if os.environ.get(DEBUG, "0") not in ("", "0"):
        traceback.print_exception(error)
    click.echo(f"error: {message} {hint}".replace("\n", " ").rstrip(), err=True)
    if as_json and code != USAGE:
        emit(json.dumps({"error": message, "hint": hint, "exit_code": code}, ensure_ascii=False))
    return code


def emit(text: str) -> None:
    """Print a result to stdout; a reader that has gone away (`| head`) is no error."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered would fail again when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def signals_as_interrupts() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt for SIGINT and SIGTERM, so that every `with` block cleans up.

    Yields:
        The signals received: a library may turn the interrupt into an error of its own.
    """
    received: list[int] = []

    def interrupt(number: int, _: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
