"""Eigenvalues of what networks compute, in float64, and their entropy."""

from __future__ import annotations

import torch
from torch import Tensor


def eigenvalues(matrix: Tensor) -> Tensor:
    """Return the eigenvalues of a symmetric matrix with none below zero, ascending.

    What rounding makes negative is 0.

    Args:
        matrix: ``(n, n)``, positive semi-definite but for rounding.
    Returns:
        ``(n,)`` float64 on the CPU.
    Example:
        >>> eigenvalues(torch.tensor([[3.0, 2.0], [2.0, 3.0]])).round(decimals=6).tolist()
        [1.0, 5.0]
    """
    return torch.linalg.eigvalsh(matrix.detach().cpu().double()).clamp(min=0.0)


def gram(rows: Tensor) -> Tensor:
    """Return the smaller of ``rows @ rows.T`` and ``rows.T @ rows``: both have the same spectrum.

    Args:
        rows: ``(n, m)``.
    Returns:
        ``(k, k)`` float64, k the smaller of n and m.
    """
    exact = rows.detach().double()
    return exact @ exact.T if exact.shape[0] <= exact.shape[1] else exact.T @ exact


def channel_spectrum(maps: Tensor) -> Tensor:
    """Return the eigenvalues of the covariance of a map's channels, but for those that must be 0.

    Args:
        maps: ``(N, C, H, W)``; all cells of all images are samples.
    Returns:
        ``(k,)`` float64, k the smaller of the channels and the samples, not normalised.
    """
    samples = maps.detach().double().transpose(0, 1).flatten(1)
    return eigenvalues(gram(samples - samples.mean(1, keepdim=True)))


def entropy(values: Tensor) -> float:
    """Return the entropy of values that are none below zero, normalised to sum 1, in nats.

    It is 0 where one holds all, ``ln n`` where n are equal, and 0 where all are 0.

    Example:
        >>> round(entropy(torch.tensor([2.0, 2.0, 2.0])), 4)  # ln 3
        1.0986
        >>> entropy(torch.tensor([0.0, 5.0]))
        0.0
    """
    total = values.sum()
    if total <= 0:
        return 0.0
    return float(torch.special.entr(values / total).sum())


def largest_singular_value(matrix: Tensor) -> float:
    """Return the largest singular value of any matrix.

    Example:
        >>> round(largest_singular_value(torch.tensor([[3.0, 0.0], [0.0, -4.0]])), 4)
        4.0
    """
    return float(eigenvalues(gram(matrix))[-1].sqrt())
