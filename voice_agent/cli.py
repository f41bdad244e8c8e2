"""The command ``voice-agent``. A command's module is imported when the command is typed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from voice_agent import __version__
from voice_agent.errors import VoiceAgentError

COMMANDS: Final = {
    "serve": "Answer calls: run the server.",
    "check": "Check settings, configuration and models, one line a fault.",
    "call": "Ring a running server as a caller would.",
    "say": "Speak a text into a WAV file.",
    "hear": "Write down what is said in WAV files.",
    "turns": "Show when the turns in WAV files begin, pause and end, and why.",
    "chat": "Talk to the agent in words, without sound.",
    "understand": "Show what callers' words are understood as.",
    "models": "Pull, list and verify the models.",
    "db": "Upgrade the database, show its revision.",
    "customers": "Write down customers from a file.",
    "calls": "Show running calls; take one over by typed sentences, end it.",
    "inbox": "Show what callers left for people, and mark it as done.",
    "operator": "Keep the accounts of the operator console.",
    "reminders": "Take in reminders of appointments, show what is planned.",
    "dnc": "Keep the list of numbers that must not be rung up.",
    "subject": "Show or erase everything that is kept of a person.",
    "retention": "Show how long what is kept; delete what is due.",
    "keys": "Replace the keys; show what is still under an old one.",
    "prove": "Show and verify what a caller heard and agreed to.",
    "verify": "Verify a proof without the database, or the whole ledger.",
    "notice": "Show, speak and check the privacy notice.",
    "records": "Write what a data-protection officer asks for.",
}
"""Commands in the order of ``--help``; each is a module of ``voice_agent.commands``."""

EXIT_FAULT: Final = 2
"""Exit status of a command that could not do its work."""

EXIT_INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells expect it."""


def _show_version(*, wanted: bool) -> None:
    if wanted:
        print(f"voice-agent {__version__}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_show_version, is_eager=True, help="Show the version and leave."
    ),
]


def build(wanted: str | None = None) -> typer.Typer:
    """The application; of its commands only the wanted one is imported and can run.

    Raises:
        VoiceAgentError: the command cannot be used because a library is missing.
    """
    app = typer.Typer(
        name="voice-agent",
        help="A telephone voice agent that asks before it listens.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # they show local variables: secrets and voices
    )

    @app.callback()
    def root(*, version: Version = False) -> None:
        """Take the options that stand before a command."""
        del version  # it has been shown by now

    for name, summary in COMMANDS.items():
        if name == wanted:
            _add(app, name, summary)
        else:
            app.command(name, help=summary)(_listed)
    return app


def _listed() -> None:
    """Stands for a command in ``--help`` only."""


def _add(app: typer.Typer, name: str, summary: str) -> None:
    try:
        module = importlib.import_module(f"voice_agent.commands.{name}")
    except ImportError as error:
        missing = error.name or "a library"
        raise VoiceAgentError(
            f"voice-agent {name} needs {missing}, which cannot be imported. Install it again"
        ) from error
    group = getattr(module, "app", None)
    if isinstance(group, typer.Typer):
        app.add_typer(group, name=name, help=summary, no_args_is_help=True)
    else:
        app.command(name)(getattr(module, name))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line and leave the process with its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    wanted = next((word for word in given if not word.startswith("-")), None)
    try:
        build(wanted)(given, prog_name="voice-agent")
    except VoiceAgentError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_FAULT)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
