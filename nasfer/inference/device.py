"""Where torch computes: what a user names, checked before anything starts."""

from __future__ import annotations

import torch

from nasfer.errors import UnknownNameError


def chosen_device(name: str | None) -> str:
    """Return a device that torch has.

    Args:
        name: ``cpu``, ``cuda``, ``cuda:1``, ...; ``auto`` or ``None``: a GPU if there is one.
    Raises:
        UnknownNameError: torch has no such device here.
    Example:
        >>> chosen_device("cpu")
        'cpu'
    """
    if name in (None, "auto"):
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError):  # torch without CUDA asserts
        raise UnknownNameError(
            f"`device`: {name!r}; torch has no such device here; allowed: auto, cpu"
            f"{', cuda' if torch.cuda.is_available() else ''}"
        ) from None
    return str(name)
