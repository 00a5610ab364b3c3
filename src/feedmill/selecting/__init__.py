"""Entries → feeds: which entries each feed shows at a moment, in which order, and why."""

from feedmill.selecting.choosing import (
    Selection,
    Standing,
    belonging,
    explain,
    hidden_because,
    leaves,
    newest,
    select,
    with_more,
)
from feedmill.selecting.sifting import Known, Sieve, sieve_for

__all__ = [
    "Known",
    "Selection",
    "Sieve",
    "Standing",
    "belonging",
    "explain",
    "hidden_because",
    "leaves",
    "newest",
    "select",
    "sieve_for",
    "with_more",
]
