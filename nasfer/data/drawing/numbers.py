"""Random numbers without a generator: each is a hash of where it is used.

A picture must not depend on the pictures drawn before it, so there is no state to advance.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import torch
from torch import Tensor

_WORD = 0xFFFFFFFF  # hashes are 32-bit words, held in int64


def _mixed(words: Tensor) -> Tensor:
    """Scramble 32-bit words: the finaliser ``lowbias32`` (Ellis and Wellons), a bijection."""
    words = (words ^ (words >> 16)) * 0x7FEB352D & _WORD
    words = (words ^ (words >> 15)) * 0x846CA68B & _WORD  # int64 wraps; the low word is right
    return words ^ (words >> 16)


def hashed(seed: int, stream: str, indices: Tensor, names: Sequence[str]) -> Tensor:
    """Return one 32-bit word for each index and name.

    Args:
        seed: from 0 to 2^63 - 1.
        stream: what the numbers are for; other streams are independent.
        indices: ``(N,)`` int64, from 0.
        names: of the numbers, K of them. A name's numbers stay when other names are added.
    Returns:
        ``(N, K)`` int64, 0 to 2^32 - 1.
    Example:
        >>> a = hashed(0, "train", torch.tensor([5, 6]), ["roll", "light"])
        >>> b = hashed(0, "train", torch.tensor([6]), ["light"])
        >>> int(a[1, 1]) == int(b[0, 0])
        True
    """
    low, high = indices[:, None] & _WORD, indices[:, None] >> 32
    rows = []
    for start in (0x9E3779B9, 0x7F4A7C15):  # two words, so that streams hardly ever meet
        key = torch.tensor(start)
        for word in (seed & _WORD, seed >> 32, zlib.crc32(stream.encode())):
            key = _mixed(key + word & _WORD)
        rows.append(_mixed(_mixed(key + low & _WORD) + high & _WORD))
    words = [zlib.crc32(name.encode()) for name in names]
    columns = _mixed(torch.tensor(words, dtype=torch.int64))
    return _mixed(_mixed(rows[0] ^ columns) + rows[1] & _WORD)


def uniforms(seed: int, stream: str, indices: Tensor, names: Sequence[str]) -> Tensor:
    """Return `hashed` as ``(N, K)`` float64 in [0, 1).

    Example:
        >>> u = uniforms(0, "train", torch.arange(10_000), ["roll"])
        >>> round(float(u.mean()), 1), bool((u.min() >= 0) & (u.max() < 1))
        (0.5, True)
    """
    return hashed(seed, stream, indices, names).double() / 2.0**32


def dealt(seed: int, stream: str, indices: Tensor, classes: int) -> Tensor:
    """Return a class for each index: every run of ``classes`` indices is one shuffled deal.

    So classes are balanced at any length, and a longer split begins with the shorter one.

    Returns:
        ``(N,)`` int64, 0 to ``classes - 1``.
    Example:
        >>> dealt(0, "train", torch.arange(14), 7).sort().values.tolist()
        [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    """
    cards = [f"card {number}" for number in range(classes)]
    deck = hashed(seed, stream, indices // classes, cards).argsort(dim=1, stable=True)
    return deck.gather(1, (indices % classes)[:, None])[:, 0]
