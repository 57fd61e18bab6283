"""YAML, read as plain data, without its traps.

Dates stay texts, so do ``0x1F``, ``010`` and ``1:30``; tags and merge keys are refused; keys are
texts, whatever they look like, and stand once; numbers are finite and of at most 100 digits.
Nesting and the number of nodes are limited, those that aliases stand for included. All this is a
subset of what YAML writers write.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import yaml

from nasfer.errors import NasferError
from nasfer.reading.files import MIB, read_text
from nasfer.reading.json_text import DEEPEST, LONGEST_NUMBER

LARGEST = MIB
"""Bytes of a file."""

MOST_NODES = 50_000
"""Keys, values and lists of a file, each as often as an alias repeats it."""

_TAG = "tag:yaml.org,2002:"
_FLOAT = r"[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|[-+]?\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
_KINDS = {
    "bool": (r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"),
    "float": _FLOAT + r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    "int": r"[-+]?(?:0|[1-9][0-9_]*)",
    "null": r"~|null|Null|NULL|",
}
"""How plain texts are told apart: by PyYAML's rules, without those that surprise."""


class _Refused(Exception):
    """What is wrong with a text; the place is in front of it."""


def load_yaml(path: str | Path, error: type[NasferError], *, limit: int = LARGEST) -> Any:
    """Return what a YAML file holds as plain data: texts, numbers, lists, mappings.

    Args:
        path: of the file.
        error: what is raised.
        limit: of its size, in bytes.
    Raises:
        NasferError: of the class ``error``, one line with file and field or line.
    """
    node = _compose(path, error, limit)
    try:
        return None if node is None else _plain(node, "", {})
    except _Refused as fault:
        raise error(f"{path}: {fault}") from None


def load_yaml_texts(
    path: str | Path, error: type[NasferError], *, limit: int = LARGEST
) -> dict[str, str] | None:
    """Return a YAML file of one mapping with each value as the text that stands there.

    Returns:
        ``None`` where the file holds something else.
    Raises:
        NasferError: as `load_yaml`; also where a value is a list or a mapping.
    """
    node = _compose(path, error, limit)
    if not isinstance(node, yaml.MappingNode):
        return None
    texts: dict[str, str] = {}
    try:
        for key, value in node.value:
            name = _key(key, "", texts)
            if not isinstance(value, yaml.ScalarNode):
                raise _Refused(f"{name}: one value is needed, not a list or a mapping")
            texts[name] = str(value.value)
    except _Refused as fault:
        raise error(f"{path}: {fault}") from None
    return texts


def _compose(path: str | Path, error: type[NasferError], limit: int) -> yaml.Node | None:
    text = read_text(path, limit, error)
    try:
        node: yaml.Node | None = _Loader(text).get_single_node()
    except _Refused as fault:
        raise error(f"{path}: cannot be read: {fault}") from None
    except yaml.YAMLError as fault:
        raise error(f"{path}: cannot be read: no YAML: {' '.join(str(fault).split())}") from None
    except (ValueError, OverflowError):  # of an escape such as "\UFFFFFFFF"
        raise error(f"{path}: cannot be read: no YAML: no such character") from None
    return node


class _Loader(yaml.SafeLoader):
    """Makes nodes of a text, and refuses tags, circles and too much."""

    yaml_implicit_resolvers = {}  # noqa: RUF012

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._nodes = 0
        self._sizes: dict[int, tuple[int, int]] = {}  # nodes and levels of a node that is whole

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()
        where = f"line {event.start_mark.line + 1}"
        if getattr(event, "tag", None) not in (None, "!"):
            raise _Refused(f"{where}: tags such as {str(event.tag)[:40]} are not read")
        self._depth += 1
        before = self._nodes
        levels = 1
        if self._depth <= DEEPEST:
            node: Any = super().compose_node(parent, index)
            if isinstance(event, yaml.AliasEvent):
                if id(node) not in self._sizes:
                    raise _Refused(f"{where}: *{event.anchor} stands within itself")
                count, levels = self._sizes[id(node)]
                self._nodes += count
            else:
                self._nodes += 1
                levels = 1 + max((self._sizes[id(part)][1] for part in _parts(node)), default=0)
                self._sizes[id(node)] = self._nodes - before, levels
        if self._depth + levels - 1 > DEEPEST:
            raise _Refused(f"{where}: nested deeper than {DEEPEST} brackets")
        if self._nodes > MOST_NODES:
            raise _Refused(f"{where}: more than {MOST_NODES:,} values")
        self._depth -= 1
        return node


for _name, _pattern in _KINDS.items():
    _letters = [*"-+.0123456789"] if _name in ("int", "float") else [*"yYnNtTfFoO~", ""]
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"(?:{_pattern})$"), _letters)


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _plain(node: yaml.Node, field: str, done: dict[int, Any]) -> Any:
    """Return the data that a node stands for; an alias is the very same data."""
    if id(node) in done:
        return done[id(node)]
    found: Any
    if isinstance(node, yaml.ScalarNode):
        found = _scalar(node, field)
    elif isinstance(node, yaml.SequenceNode):
        found = [_plain(part, f"{field}[{i}]", done) for i, part in enumerate(node.value)]
    else:
        assert isinstance(node, yaml.MappingNode)
        found = {}
        for key, value in node.value:
            name = _key(key, field, found)
            found[name] = _plain(value, f"{field}.{name}" if field else name, done)
    done[id(node)] = found
    return found


def _key(key: yaml.Node, field: str, there: dict[str, Any]) -> str:
    place = f"{field}: " if field else ""
    if not isinstance(key, yaml.ScalarNode):
        raise _Refused(f"{place}the key in line {key.start_mark.line + 1} is no text")
    name = str(key.value)
    if name == "<<":
        raise _Refused(f"{place}key << in line {key.start_mark.line + 1}: merging is not read")
    if name in there:
        raise _Refused(f"{field}.{name}: stands there twice".removeprefix("."))
    return name


def _scalar(node: yaml.ScalarNode, field: str) -> str | int | float | bool | None:
    kind, text = node.tag.removeprefix(_TAG), str(node.value)
    place = field or f"line {node.start_mark.line + 1}"
    if kind in ("int", "float") and len(text) > LONGEST_NUMBER:
        raise _Refused(f"{place}: a number of {len(text):,} digits; {LONGEST_NUMBER} are allowed")
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() in ("yes", "true", "on")
        case "int":
            return int(text.replace("_", ""))
        case "float":
            value = float(re.sub(r"\.(?=inf|nan)", "", text.replace("_", "").lower()))
            if not math.isfinite(value):
                raise _Refused(f"{place}: {text} is no finite number")
            return value
    return text
