"""From the arguments that the library's messages name to the flags of the command line."""

from __future__ import annotations

import re

OTHERS = {
    "arch": "ARCH",
    "calibration": "--calibrate",
    "checkpoint": "CHECKPOINT",
    "class_names": "--classes",
    "formats": "--format",
    "images": "IMAGES",
    "options": "--set",
    "proxies": "--proxy",
    "source": "SOURCE",
    "sources": "SOURCE",
}
"""Arguments whose flag is not their own name with dashes; positional ones have none."""

_ARGUMENT = re.compile(r"`(?P<name>[a-z][a-z0-9_]*)(?:=(?P<value>[^`]*))?`")


def in_flags(text: str) -> str:
    """Return a message of the library as the command line says it.

    The library writes the name of an argument, also with a value, in backticks.

    Example:
        >>> in_flags("`max_params`: '450Q' is not a number; `options` sets fields of a recipe")
        "--max-params: '450Q' is not a number; --set sets fields of a recipe"
        >>> in_flags("the paper's own: `recipe='paper'`; `reset_head=True` keeps the head")
        "the paper's own: --recipe paper; --reset-head keeps the head"
    """
    return _ARGUMENT.sub(_flag, text)


def _flag(found: re.Match[str]) -> str:
    name, value = found["name"], found["value"]
    flag = OTHERS.get(name, "--" + name.replace("_", "-"))
    return flag if value in (None, "True") else f"{flag} {value.strip(chr(39) + chr(34))}"
