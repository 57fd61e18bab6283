"""Which files a front may be written as."""

from __future__ import annotations

from collections.abc import Sequence

from nasfer.errors import UnknownNameError

PICTURES = ("png", "pdf")
FOUND_FORMATS = ("csv", "md", "tex", *PICTURES)
"""Of what searches found."""

TRAINED_FORMATS = (*FOUND_FORMATS, "html")
"""Of what was trained."""


def check_formats(formats: Sequence[str], allowed: Sequence[str]) -> None:
    """Refuse a format that is not among those.

    Raises:
        UnknownNameError: it is not; the message holds the allowed ones.
    """
    for name in formats:
        if name not in allowed:
            raise UnknownNameError(f"`formats`: unknown {name!r}; allowed: {', '.join(allowed)}")
