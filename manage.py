#!/usr/bin/env python
"""The command line of pkyx: ``python manage.py --help`` explains every command."""

import os
import signal
import sys
import threading
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "run": "app.commands.site",
    "serve": "app.commands.site",
    "worker": "app.commands.worker",
    "demo": "app.commands.data",
    "import": "app.commands.data",
    "export": "app.commands.data",
    "backup": "app.commands.backups",
    "restore": "app.commands.backups",
    "users": "app.commands.users",
    "assets": "app.commands.assets",
    "indexes": "app.commands.maintenance",
    "check": "app.commands.maintenance",
    "shell": "app.commands.maintenance",
}


class Commands(click.Group):
    """The commands of the list above, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the list."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command ``cmd_name``: the attribute of its name (``import`` is ``import_``)."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name])
        found: click.Command = getattr(module, f"{cmd_name}_", None) or getattr(module, cmd_name)
        return found


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run and look after pkyx, a comparison wiki."""


def come_again(dropped: Any) -> None:
    """Let a Ctrl-C come again that Python dropped, since it came in a finalizer or amid an import."""
    if issubclass(dropped.exc_type, KeyboardInterrupt):
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(dropped)


if __name__ == "__main__":
    sys.unraisablehook = come_again
    try:
        main(prog_name="python manage.py")
    except KeyboardInterrupt:  # before a command could take over
        sys.exit(130)
