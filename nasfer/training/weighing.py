"""How much each class counts in a loss: rare ones more, so that all of them are learnt."""

from __future__ import annotations

from torch import Tensor

BETA = 0.999
"""Of the effective number: classes of more images than 1 / (1 - beta) weigh nearly alike."""


def class_weights(kind: str, targets: Tensor) -> Tensor | None:
    r"""Return the weight of each class, 1 on average over the data; ``None`` where all are alike.

    Over ``n`` images of a class (the sum of its targets, also of soft ones), ``balanced`` is
    proportional to :math:`1 / n`, ``effective`` to :math:`(1 - \beta) / (1 - \beta^n)`. A class
    that does not occur weighs 0.

    Args:
        kind: ``none``, ``balanced`` or ``effective``.
        targets: ``(N, K)`` distributions, of the training split.
    Returns:
        ``(K,)`` float32.
    Source: of ``effective``: Cui et al., CVPR 2019, arXiv:1901.05555, equation 2.
    Example:
        >>> import torch
        >>> class_weights("balanced", torch.eye(2)[[0, 0, 0, 1]])
        tensor([0.6667, 2.0000])
    """
    if kind == "none":
        return None
    counts = targets.double().sum(0)
    there = counts > 0
    weights = 1 / counts if kind == "balanced" else (1 - BETA) / (1 - BETA**counts)
    weights = weights.where(there, 0)
    return (weights * counts.sum() / (weights * counts).sum()).float()
