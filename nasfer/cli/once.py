"""An option that takes one value is given once: a second would silently win over the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typer.core import TyperGroup

from nasfer.errors import SpecError


class Commands(TyperGroup):
    """Commands that refuse an option of one value that is given twice."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return what the words name, and the words behind it.

        Raises:
            SpecError: an option of one value stands there twice.
        """
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            refuse_twice(command.params, rest)
        return name, command, rest


def refuse_twice(params: Sequence[Any], words: Sequence[str]) -> None:
    """Refuse words that give an option of one value twice.

    Args:
        params: of the command.
        words: behind its name.
    Raises:
        SpecError: they do.
    """
    single = {
        flag: param.opts[0]
        for param in params
        if param.param_type_name == "option" and not param.multiple and not param.is_flag
        for flag in param.opts
    }
    taking = {
        flag for param in params if param.param_type_name == "option" and not param.is_flag
        for flag in param.opts
    }  # fmt: skip
    seen: dict[str, str] = {}
    left = iter(words)
    for word in left:
        if word == "--":
            return
        flag, equals, value = word.partition("=")
        if flag not in taking:
            continue
        value = value if equals else next(left, "")
        if flag not in single:
            continue
        if single[flag] in seen:
            raise SpecError(
                f"{flag}: given twice, {seen[single[flag]]!r} and {value!r}; one is allowed"
            )
        seen[single[flag]] = value
