"""What stops a run, with the exit code that each cause has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedmill.model import Problem


class FeedmillError(Exception):
    """A run cannot go on.

    `problems` are the findings that led to it, in the order in which a person should read them;
    `remedy` says what to do when no problem says it already. `told_before` is set on one that a person has heard
    of today already, in the very same words.
    """

    exit_code = 2

    def __init__(self, message: str, *, remedy: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.problems = tuple(problems)
        self.told_before = False


class UsageError(FeedmillError):
    """The command line asks for something that cannot be done."""


class ConfigurationError(FeedmillError):
    """feedmill.yaml is missing or wrong."""


class Refused(FeedmillError):
    """A document failed validation (or a brake holds): nothing was replaced."""

    exit_code = 3


class Locked(FeedmillError):
    """Another run holds the lock."""

    exit_code = 4


class Unreadable(FeedmillError):
    """The machine cannot read content now: what is missing may be there the next time, so nothing is replaced."""

    exit_code = 5


class PublishingError(FeedmillError):
    """The output could not be written; every document there is whole, old or new."""

    exit_code = 5


class Stopped(BaseException):
    """A signal ends the run: every document is whole. `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """What shells call a process that a signal ended."""
        return 128 + self.number


def exit_code_of(error: Exception) -> int:
    """Return the exit code of whatever stops a run: a fault in Feedmill itself is a failure of the machinery, too."""
    return error.exit_code if isinstance(error, FeedmillError) else PublishingError.exit_code


class LedgerError(FeedmillError):
    """The ledger cannot be used. It is never replaced without being asked; every feed is as it was."""

    exit_code = 5
