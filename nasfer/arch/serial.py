"""YAML and JSON forms of an architecture: one mapping a block, checked field by field."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import yaml

from nasfer.arch.arch import DEFAULT_CLASSES, MOST_BLOCKS, Arch
from nasfer.arch.block import BLOCKS, Block, field_types
from nasfer.arch.blocks.head import Head
from nasfer.arch.text import parse_arch
from nasfer.errors import SpecError, UnknownNameError
from nasfer.reading import load_json, load_yaml, read_text
from nasfer.registry import nearest

LARGEST = 2**20
"""Bytes of a file."""


def arch_to_dict(arch: Arch) -> dict[str, Any]:
    """Return the architecture as plain data; fields at their default are left out."""
    return {
        "blocks": [_block_to_dict(block) for block in arch.blocks],
        "head": _block_to_dict(arch.head),
    }


def _block_to_dict(block: Block) -> dict[str, Any]:
    defaults = block.options()
    fields = {
        field.name: getattr(block, field.name)
        for field in dataclasses.fields(block)
        if field.name not in defaults or getattr(block, field.name) != defaults[field.name]
    }
    return {"kind": type(block).__name__, **fields}


def arch_from_dict(data: Any, *, where: str = "architecture") -> Arch:
    """Build an architecture from plain data, strictly: every field known, every type right.

    Args:
        data: ``{"blocks": [{"kind": ..., fields}], "head": {...}}``, or ``{"structure": text}``;
            without a head it is the plain one.
        where: the file's name, for messages.
    Raises:
        SpecError: ``net.yaml: blocks[2].kernel: ...``.
    Example:
        >>> stem = {"kind": "SuperConv", "in_channels": 3, "out_channels": 8,
        ...         "kernel": 3, "stride": 2, "repeats": 1}
        >>> str(arch_from_dict({"blocks": [stem]}))
        'SuperConvK3BNRELU(3,8,2,1)'
    """
    if not isinstance(data, dict):
        raise SpecError(f"{where}: a mapping with 'blocks' or 'structure' is needed")
    unknown = sorted(set(map(str, data)) - {"blocks", "head", "structure"})
    if unknown:
        raise SpecError(f"{where}: unknown key {unknown[0]!r}; allowed: blocks, head, structure")
    try:
        if "structure" in data:
            if len(data) > 1 or not isinstance(data["structure"], str):
                raise SpecError("'structure' is a text and stands alone")
            return parse_arch(data["structure"])
        if not isinstance(data.get("blocks"), list) or not data["blocks"]:
            raise SpecError("'blocks' must be a list of at least one block")
        if len(data["blocks"]) > MOST_BLOCKS:
            raise SpecError(f"blocks: {len(data['blocks']):,}; {MOST_BLOCKS:,} at most are allowed")
        blocks = [
            _block_from_dict(block, f"blocks[{index}]")
            for index, block in enumerate(data["blocks"])
        ]
        if "head" not in data:
            head: Block = Head(blocks[-1].out_channels, DEFAULT_CLASSES)
        else:
            head = _block_from_dict(data["head"], "head")
        return Arch(tuple(blocks), head)
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from None


def _block_from_dict(data: Any, where: str) -> Block:
    from pydantic import ConfigDict, ValidationError, create_model  # 0.1 s, for files only

    if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
        raise SpecError(f"{where}: a mapping with a 'kind' is needed, such as kind: SuperConv")
    try:
        kind = BLOCKS.get(data["kind"])
    except UnknownNameError as error:
        raise SpecError(f"{where}.kind: {error}") from None
    fields = {name: value for name, value in data.items() if name != "kind"}
    known = [field.name for field in dataclasses.fields(kind)]
    for name in fields:
        if name not in known:
            raise SpecError(
                f"{where}: {kind.__name__} has no field {name!r}{nearest(str(name), known)}"
            )
    types, defaults = field_types(kind), kind.options()
    typed: dict[str, Any] = {name: (types[name], defaults.get(name, ...)) for name in known}
    schema = create_model(
        kind.__name__, __config__=ConfigDict(strict=True, extra="forbid"), **typed
    )
    try:
        return kind(**schema.model_validate(fields).model_dump())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise SpecError(f"{where}.{field}: {first['msg'].lower()}") from None
    except SpecError as error:
        raise SpecError(f"{where}.{error}") from None


def arch_to_yaml(arch: Arch) -> str:
    """Return the YAML form, which `read_arch` reads back to an equal value."""
    return yaml.safe_dump(arch_to_dict(arch), sort_keys=False)


def arch_to_json(arch: Arch) -> str:
    """Return the JSON form, which `read_arch` reads back to an equal value."""
    return json.dumps(arch_to_dict(arch), indent=2)


def read_arch(path: Path) -> Arch:
    """Read an architecture from a ``.yaml``, ``.json`` or ``.txt`` (structure string) file.

    Raises:
        SpecError: the file is missing, not of these kinds, or its content is wrong; the message
            starts with the file's name.
    """
    match path.suffix:
        case ".txt":
            text = read_text(path, LARGEST, SpecError)
            try:
                return parse_arch(text)
            except SpecError as error:
                raise SpecError(f"{path}: {error}") from None
        case ".yaml" | ".yml":
            data = load_yaml(path, SpecError, limit=LARGEST)
        case ".json":
            data = load_json(path, SpecError, limit=LARGEST)
        case _:
            raise SpecError(
                f"{path}: unknown kind of file {path.suffix!r}; .yaml, .json, .txt are read"
            )
    return arch_from_dict(data, where=str(path))
