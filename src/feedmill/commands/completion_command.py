"""completion: a script by which a shell completes verbs, options and files, made from the command line's own parser."""

from __future__ import annotations

import argparse

from feedmill.running.outcome import Outcome, RunContext

HELP = "print a script by which your shell completes verbs and options"
EXAMPLES = """examples:
  feedmill completion bash > ~/.local/share/bash-completion/completions/feedmill
  feedmill completion zsh > "${fpath[1]}/_feedmill"
  feedmill completion fish > ~/.config/fish/completions/feedmill.fish"""
_SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the shell."""
    parser.add_argument("shell", choices=_SHELLS, metavar="SHELL", help=", ".join(_SHELLS))


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Return the script as the answer."""
    import shtab  # no other verb needs it

    script: str = shtab.complete(context.parser(), shell=arguments.shell)
    return Outcome(lines=tuple(script.rstrip("\n").split("\n")), data={"shell": arguments.shell, "script": script})
