"""What is no regular file of its kind is refused at once, in one line with file and field."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from nasfer.errors import SpecError
from nasfer.reading import load_json, load_yaml, load_yaml_texts, read_bytes, read_text


def test_what_is_no_file_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(str(tmp_path / "socket"))
        names = ("pipe", "loop", "socket", ".", "none", "a\0b", "x" * 300, "\ud800")
        for path in (*(f"{tmp_path}/{name}" for name in names), "/dev/zero", "/dev/stdin"):
            with pytest.raises(SpecError, match="cannot be read: "):
                read_text(path, 100, SpecError)


def test_a_file_over_its_limit_or_of_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("x" * 101)
    (tmp_path / "latin").write_bytes("é".encode("latin-1"))
    with pytest.raises(SpecError, match="it has 101 bytes, 100 bytes at most are read"):
        read_text(tmp_path / "long", 100, SpecError)
    with pytest.raises(SpecError, match="no text in UTF-8"):
        read_text(tmp_path / "latin", 100, SpecError)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi")
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "nested deeper than 64"),
        (LAUGHS, "more than 50,000 values"),
        ("a: &a [*a]", "stands within itself"),
        ("a: !!python/object:os.system x", "tags such as"),
        ("a: !!timestamp x", "tags such as"),
        ("a: {b: [1, " + "9" * 5000 + "]}", r"a\.b\[1\]: a number of 5,000 digits"),
        ("a: {b: .inf}", r"a\.b: .inf is no finite number"),
        ("a: 1\na: 2", "a: stands there twice"),
        ("[1]: 2", "is no text"),
        ("<<: {a: 1}", "merging is not read"),
        ("\x00", "cannot be read"),
    ],
)
def test_traps_of_yaml_are_errors_of_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "my.yaml").write_text(text)
    with pytest.raises(SpecError, match=message) as caught:
        load_yaml(tmp_path / "my.yaml", SpecError)
    assert str(caught.value).startswith(f"{tmp_path}/my.yaml: ")
    assert "\n" not in str(caught.value)


def test_what_only_looks_like_a_number_or_a_date_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("a: [2001-13-45, 0x1F, 010, 1:30, 1, 1.5]\n1: b\n")
    assert load_yaml(path, SpecError) == {
        "a": ["2001-13-45", "0x1F", "010", "1:30", 1, 1.5], "1": "b",
    }  # fmt: skip
    path.write_text("a: 010\nb: off\n")
    assert load_yaml_texts(path, SpecError) == {"a": "010", "b": "off"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "nested deeper"),
        ("[" * 65 + "]" * 65, "nested deeper"),
        ("9" * 5000, "5,000 digits"),
        ("1e9999", "no finite number"),
        ("NaN", "no finite number"),
        ('{"a": 1, "a": 2}', "a: stands there twice"),
        ("{", "no JSON"),
    ],
)
def test_traps_of_json_are_errors_of_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "my.json").write_text(text)
    with pytest.raises(SpecError, match=message):
        load_json(tmp_path / "my.json", SpecError)


def test_a_file_takes_memory_for_itself_and_not_for_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 5000)
    assert read_bytes(path, 2**50, SpecError) == b"x" * 5000
    assert read_bytes("/proc/self/status", 2**50, SpecError).startswith(b"Name:")
    with pytest.raises(SpecError, match="more, 10 bytes at most"):
        read_bytes("/proc/self/status", 10, SpecError)
