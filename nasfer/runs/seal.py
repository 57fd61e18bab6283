"""Plain data that carries a digest of itself, so that damage is noticed when it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SEAL = "sha256"
"""Key of the digest, beside what it is of."""


def digest_of(data: Any) -> str:
    """Return the SHA-256 of plain data, the same before it was written and after it was read.

    Example:
        >>> digest_of({"a": (1, 2.5)}) == digest_of(json.loads('{"a": [1, 2.5]}'))
        True
    """
    text = json.dumps(data, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with its digest as the first key: a file that is cut still has it.

    Example:
        >>> unsealed(sealed({"lines": 3}))
        {'lines': 3}
    """
    return {SEAL: digest_of(data), **data}


def unsealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data without its digest; data of older versions have none.

    Raises:
        ValueError: the digest is of other data.
    Example:
        >>> unsealed({**sealed({"lines": 3}), "lines": 4})
        Traceback (most recent call last):
        ValueError: does not fit its digest
    """
    rest = {name: value for name, value in data.items() if name != SEAL}
    if SEAL in data and data[SEAL] != digest_of(rest):
        raise ValueError("does not fit its digest")
    return rest
