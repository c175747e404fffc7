"""Every command explains itself, with an example."""

import click
import pytest
from click.testing import CliRunner

import manage


def commands():
    group = manage.main
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield name, command
        for below, nested in getattr(command, "commands", {}).items():
            yield f"{name} {below}", nested


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_has_help_with_an_example(name, command):
    assert command.get_short_help_str()
    assert f"python manage.py {name}" in (command.epilog or "") or "commands" in vars(command)


def test_the_list_of_commands_is_shown():
    output = CliRunner().invoke(manage.main, ["--help"]).output
    assert all(name in output for name in manage.COMMANDS)
