"""`python -m feedcheck` is the command `feedcheck`."""

from feedcheck.command import command

command()
