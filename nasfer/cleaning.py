"""Text from files and users, made safe for a terminal and a page."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Controls, and signs that turn the direction of writing around."""


def clean(text: str) -> str:
    r"""Return a text without what would steer a terminal: such signs are written as escapes.

    Example:
        >>> print(clean("face\x1b[31m.png"))
        face\x1b[31m.png
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str, most: int) -> str:
    r"""Return a text cleaned, on one line, in no more signs than these, all of which UTF-8 has.

    Example:
        >>> one_line("two\nlines", 20), one_line("a" * 30, 10)
        ('two lines', 'aaaaaaa...')
    """
    signs = text.encode("utf-8", "backslashreplace").decode()  # names of files may have others
    line = " ".join(clean(signs).split())
    return line if len(line) <= most else f"{line[: most - 3]}..."
