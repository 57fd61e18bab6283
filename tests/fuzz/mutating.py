"""What may happen to a file: parts lost, doubled, flipped, retyped, nested, made huge."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

HOSTILE = (
    None, True, False, 0, -1, 1, 3, 10**30, -(10**400), 1e308, float("nan"), float("inf"), 0.5, "",
    " ", "x", "\x00", "\x1b[31m", "../..", "/dev/zero", "$x^{$", "=1+2", "<b>", "[/b]", "\ud800",
    "9" * 5000, "nan", "1e9999", "2001-13-45", [], {}, [[]], [None], {"a": 1}, {"": {}},
    "x" * 10**5,
)  # fmt: skip
"""Values that stand where others are expected."""

BYTES = (
    b"", b"\x00", b"\xff\xfe", b"[" * 2000, b"{", b"}", b"\n", b": ", b"- ", b"&a [*a]", b"*a",
    b"!!python/object:os.system ", b"<<: ", b"0x_", b"2001-13-45", b"NaN", b"1e9999", b'"', b",",
    b"9" * 5000, b"\xed\xa0\x80", b"\xe2\x80\xae", b"\r", b"\t", b"#", b"'", b"%", b"|", b">",
)  # fmt: skip
"""Pieces that are put into files."""


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw a damaged copy of a file."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        piece = content[start:end]
        match draw(st.sampled_from(("cut", "drop", "twice", "flip", "put", "put"))):
            case "cut":
                content = content[:start]
            case "drop":
                content = content[:start] + content[end:]
            case "twice":
                content = content[:end] + piece + content[end:]
            case "flip":
                mask = draw(st.integers(1, 255))
                content = content[:start] + bytes(b ^ mask for b in piece) + content[end:]
            case _:
                content = content[:start] + draw(st.sampled_from(BYTES)) + content[end:]
    return content


@st.composite
def changed(draw: st.DrawFn, data: Any) -> Any:
    """Draw a changed copy of plain data: one to three values lost, retyped, nested or twice."""
    data = copy.deepcopy(data)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(data))
        if not places:
            return draw(st.sampled_from(HOSTILE))
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(("drop", "retype", "retype", "retype", "nest", "add"))):
            case "drop":
                del holder[key]
            case "nest":
                holder[key] = [holder[key]] if draw(st.booleans()) else {"x": holder[key]}
            case "add" if isinstance(holder, list):
                holder.insert(key, copy.deepcopy(holder[key]))
            case "add":
                holder[draw(st.sampled_from(("x", "", "\x1b", "$", "kind")))] = holder[key]
            case _:
                holder[key] = draw(st.sampled_from(HOSTILE))
    return data


def _places(data: Any) -> Any:
    """Yield every holder and key in plain data."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(pairs):
        yield data, key
        if isinstance(value, dict | list):
            yield from _places(value)


@st.composite
def misspelt(draw: st.DrawFn, text: str) -> str:
    """Draw a text with one to three pieces lost, doubled or put in."""
    pieces = st.one_of(
        st.sampled_from(
            ("(", ")", ",", "=", ":", "-1", "0", "nan", "inf", "1e9999", "9" * 400, "é", "\x1b",
             "\u202e", "\n", " ", "\x00", "sa=3", "..", "/", "%", "k", "G", "1_0", "٣")
        ),
        st.text(max_size=5),
    )  # fmt: skip
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 6)))
        text = text[:start] + draw(pieces) + text[end:]
    return text
