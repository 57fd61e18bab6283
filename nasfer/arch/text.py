"""Structure strings: ``Name(args)Name(args)...`` to `Arch`; ``str(arch)`` is the way back."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

from nasfer.arch.arch import MOST_BLOCKS, Arch
from nasfer.arch.block import BLOCKS, Block, field_types, name_pattern
from nasfer.errors import SpecError
from nasfer.registry import nearest

_ITEM = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)\((?P<args>[^()]*)\)")


LONGEST_NAME = 255
"""Bytes of a file's name that file systems allow."""

LONGEST_WORD = 100
"""Letters of a block's name, or of a number."""

SHOWN = 60
"""So many letters of a wrong word are shown."""

_FILE = re.compile(r"[^\n]*\.(ya?ml|json|txt)")


def is_structure(text: str) -> bool:
    """Whether a text begins as a structure does; to be asked before it is taken for a path.

    Example:
        >>> is_structure("SuperConvK3BNRELU(3,8,2,1)"), is_structure("runs (copy)/best.yaml")
        (True, False)
        >>> is_structure("net(2).yaml"), is_structure("Conv(1)" * 50 + ".yaml")
        (False, True)
    """
    if re.match(r"\s*[A-Za-z_]\w*\(", text) is None:
        return False
    return _FILE.fullmatch(text) is None or len(text.encode()) > LONGEST_NAME


def parse_arch(text: str) -> Arch:
    """Read a structure string.

    White space between items is ignored. ``str(parse_arch(text))`` is the text again, for every
    published structure.

    Args:
        text: blocks, then possibly a head such as ``Head(2048,8,sa=8)``; without one the head is
            global mean and a linear layer to 7 classes.
    Raises:
        SpecError: with the position in the text, what stands there and what is allowed.
    Example:
        >>> str(parse_arch("SuperConvK3BNRELU(3,8,2,1) SuperResK3K3(8,16,1,8,1)"))
        'SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)'
        >>> parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperRezK3K3(8,16,1,8,1)")
        Traceback (most recent call last):
        nasfer.errors.SpecError: position 26: unknown block 'SuperRezK3K3'; did you mean ...
    """
    blocks: list[Block] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        item = _ITEM.match(text, position)
        if item is None:
            found = text[position : position + 20]
            raise SpecError(f"position {position}: expected Name(numbers), found {found!r}")
        try:
            blocks.append(_parse_block(item["name"], item["args"]))
        except SpecError as error:
            raise SpecError(f"position {position}: {error}") from None
        if len(blocks) > MOST_BLOCKS + 1:
            raise SpecError(f"position {position}: more than {MOST_BLOCKS:,} blocks")
        position = item.end()
    if blocks and blocks[-1].is_head:
        return Arch(tuple(blocks[:-1]), blocks[-1])
    return Arch.of(*blocks)


@lru_cache(maxsize=65536)
def _parse_block(name: str, args: str) -> Block:
    """Return the block of one item; thousands of structures are written with few of them."""
    if len(name) > LONGEST_WORD:
        raise SpecError(f"a name of {len(name):,} letters; {LONGEST_WORD} are allowed")
    for kind in BLOCKS:
        match = name_pattern(kind).fullmatch(name)
        if match is not None:
            break
    else:
        known = {_readable(kind.name_format): kind.name_format for kind in BLOCKS}
        raise SpecError(f"unknown block {name!r}{nearest(name, list(known))}")
    fields: dict[str, Any] = {field: int(value) for field, value in match.groupdict().items()}
    values = [value.strip() for value in args.split(",")]
    numbers = [value for value in values if "=" not in value]
    if len(numbers) != len(kind.arguments):
        raise SpecError(
            f"{name} has {len(numbers)} numbers in its bracket; it takes"
            f" {len(kind.arguments)}: {', '.join(kind.arguments)}"
        )
    for field, value in zip(kind.arguments, numbers):
        fields[field] = _read(value, int, f"{name}: {field}")
    types = field_types(kind)
    for value in values[len(numbers) :]:
        field, _, number = (part.strip() for part in value.partition("="))
        if field not in kind.options():
            allowed = nearest(field, list(kind.options()))
            raise SpecError(f"{name} has no option {shorten(field)}{allowed}")
        fields[field] = _read(number, types[field], f"{name}: {field}")
    try:
        return kind(**fields)
    except SpecError as error:
        raise SpecError(f"{name}: {error}") from None


def _readable(name_format: str) -> str:
    return re.sub(r"{(\w)\w*}", r"{\1}", name_format)


def _read(value: str, kind: Any, where: str) -> Any:
    """Read a value by its field's type; a ``Literal`` type lists the words that it allows."""
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise SpecError(f"{where}: {shorten(value)} is not one of {', '.join(get_args(kind))}")
        return value
    if kind is bool:
        if value not in ("0", "1"):
            raise SpecError(f"{where}: {shorten(value)} is not 0 or 1")
        return value == "1"
    try:
        if len(value) > LONGEST_WORD:
            raise ValueError
        return kind(value) if kind in (float, str) else int(value)
    except ValueError:
        raise SpecError(f"{where}: {shorten(value)} is not a number") from None


def shorten(text: str) -> str:
    """Quote what was given, cut to a length that fits into a line."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
