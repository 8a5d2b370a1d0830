"""How ``kg --help`` teaches: its commands in the order in which one needs them."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

__all__ = ["GROUPS", "GroupedCommands", "complete_files"]

# A command that is in none of these is listed at the end.
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Begin": ("demo", "doctor"),
    "Papers to graph": ("fetch", "build", "extract"),
    "Look and ask": ("info", "query", "explain"),
    "Correct": ("review", "merge", "split", "rename"),
    "Hand on": ("export", "serve", "push", "ontology"),
    "Check": ("validate", "evaluate"),
}


class GroupedCommands(click.Group):
    """A group that shows its commands under headings, and ends well when the reader of its output has had enough."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; ``| head`` is no failure, which click would make of it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still to be flushed goes there
            return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, one section a heading."""
        placed = {name for names in GROUPS.values() for name in names}
        rest = tuple(name for name in self.list_commands(ctx) if name not in placed)
        for title, names in {**GROUPS, "More": rest}.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            # As wide as the longest name, so that all descriptions begin in one column.
            rows = [(f"{name:<8}", command.get_short_help_str(160)) for name, command in commands if command]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def complete_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete names of files, for arguments that may be something else too."""
    return [CompletionItem(incomplete, type="file")]
