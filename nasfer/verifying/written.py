"""Where things stand in the files of the presets: file and line of figures and of blocks.

It reads the files as text, so that it can also speak of one that cannot be imported.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from types import TracebackType


def figure_line(path: Path, name: str, value: int) -> str:
    """Return ``file:line`` of a number in the call that names the preset."""
    for call in _calls(path):
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        literals = [node for node in given if isinstance(node, ast.Constant)]
        if name in [node.value for node in literals]:
            lines = [node.lineno for node in literals if node.value == value]
            return f"{path}:{(lines or [call.lineno])[0]}"
    return str(path)


def block_line(path: Path, structure: str, index: int = 0) -> str:
    """Return ``file:line`` of a block in the written structure that is most like ``structure``.

    Args:
        index: of the block; the head stands behind the last. A head that is not written stands
            where the last block does.
    """
    texts = [text for call in _calls(path) if (text := _structure(call)) is not None]
    if not texts:
        return str(path)
    best = max(texts, key=lambda text: SequenceMatcher(None, str(text.value), structure).ratio())
    return _line(path, best, _start(str(best.value), index))


def broken_line(error: Exception, folder: Path) -> str:
    """Return ``file:line`` of what stopped the import of a file in ``folder``.

    Where a structure cannot be read, it is the line of the place that the message names.
    """
    path, line = _last_statement(error.__traceback__, folder)
    for call in _calls(path) if line else ():
        text = _structure(call)
        if text is not None and call.lineno == line:
            position = re.search(r"\bposition (\d+)", str(error))
            block = re.search(r"\bblocks\[(\d+)\]", str(error))
            index = (
                int(block[1]) if block else len(str(text.value))
            )  # without: the head, behind all
            start = int(position[1]) if position else _start(str(text.value), index)
            return _line(path, text, start)
    return f"{path}:{line}"


def _last_statement(trace: TracebackType | None, folder: Path) -> tuple[Path, int]:
    """Return the module and the line in it that were being imported last."""
    path, line = folder, 0
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == "<module>" and Path(code.co_filename).parent == folder:
            path, line = Path(code.co_filename), trace.tb_lineno
        trace = trace.tb_next
    return path, line


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))


def _structure(call: ast.Call) -> ast.Constant | None:
    """Return the string that a call of ``parse_arch`` reads, if it stands there."""
    named = isinstance(call.func, ast.Name) and call.func.id == "parse_arch"
    if named and call.args and isinstance(call.args[0], ast.Constant):
        return call.args[0]
    return None


def _start(structure: str, index: int) -> int:
    starts = [item.start() for item in re.finditer(r"\w+\s*\(", structure)] or [0]
    return starts[min(index, len(starts) - 1)]


def _line(path: Path, text: ast.Constant, offset: int) -> str:
    """Return ``file:line`` of a character of a string of adjacent literals."""
    line = text.lineno
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            inside = text.lineno <= token.start[0] <= (text.end_lineno or text.lineno)
            if token.type == tokenize.STRING and inside and offset >= 0:
                line = token.start[0]
                offset -= len(ast.literal_eval(token.string))
    return f"{path}:{line}"
