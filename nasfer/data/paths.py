"""Paths in what names a data set, ``NAME:PATH,option=value``."""

from __future__ import annotations

import os
from pathlib import Path

from nasfer.errors import DataError
from nasfer.runs.naming import absolute_path

PATH_OPTIONS = ("rename",)
"""Options whose value is a path."""


def expanded(text: str) -> Path:
    """Return a path, ``~`` and ``~name`` replaced where there is such a user."""
    return Path(os.path.expanduser(text))


def data_text(data: str | Path) -> str:
    """Return the text that names data; a path is a folder with a folder a class.

    Raises:
        DataError: a path that the text cannot hold.
    Example:
        >>> data_text(Path("my/faces")), data_text("drawn,train=70")
        ('folder:my/faces', 'drawn,train=70')
    """
    if isinstance(data, str):
        return data
    if "," in str(data):
        raise DataError(f"`data`: {str(data)!r}: a comma in a path would begin an option")
    return f"folder:{data}"


def absolute_data(data: str | Path) -> str:
    """Return a `data` value with its paths absolute: workers run elsewhere.

    Args:
        data: as `nasfer.data.load_data` reads it; a path is a folder of class folders.
    Example:
        >>> absolute_data("drawn,train=10"), absolute_data("fer2013:/a/b,split=x")
        ('drawn,train=10', 'fer2013:/a/b,split=x')
        >>> absolute_data(Path("/faces")), absolute_data("folder:/faces,rename=/a/../b.yaml")
        ('folder:/faces', 'folder:/faces,rename=/b.yaml')
    """
    head, *options = data_text(data).split(",")
    name, _, path = head.partition(":")
    if path:
        head = f"{name}:{absolute_path(path)}"
    return ",".join([head, *map(_absolute_option, options)])


def _absolute_option(option: str) -> str:
    name, equals, value = option.partition("=")
    if name in PATH_OPTIONS and value:
        return f"{name}={absolute_path(value)}"
    return f"{name}{equals}{value}"
