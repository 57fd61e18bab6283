"""Losses of logits against class distributions: cross entropy, focal, label distributions."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

from nasfer.errors import SpecError
from nasfer.training.recipe import Recipe
from nasfer.training.weighing import class_weights

Loss = Callable[[tuple[Tensor, ...], Tensor], Tensor]
"""From one tensor of logits a branch, ``(B, K)`` each, and ``(B, K)`` targets to a scalar."""


def make_loss(
    recipe: Recipe,
    *,
    output_weights: tuple[float, ...] = (1.0,),
    train_targets: Tensor | None = None,
) -> Loss:
    """Return the recipe's loss of a network's outputs, the weighted sum over its branches.

    Computed in float32, also under autocast. Class weights multiply the share of each class in each
    target; the mean is over images, as torch's is for distributions (for class numbers, torch
    divides by the weights of the batch).

    Args:
        output_weights: one a branch; those of the network
            ``beta`` and ``1 - beta``.
        train_targets: ``(N, K)`` distributions of all training images, for class weights.
    Raises:
        SpecError: loss ``ldl`` without a teacher, or class weights without ``train_targets``.
    Example:
        >>> import torch
        >>> loss = make_loss(Recipe())
        >>> logits, targets = torch.zeros(2, 4), torch.eye(4)[:2]
        >>> round(loss((logits,), targets).item(), 4)  # log 4
        1.3863
    """
    if recipe.loss == "ldl" and recipe.teacher is None:
        raise SpecError(
            "teacher: loss ldl needs the checkpoint of a network that gives the targets;"
            " loss cross_entropy needs none"
        )

    if recipe.class_weights != "none" and train_targets is None:
        raise SpecError(f"class_weights: {recipe.class_weights} needs the training images' targets")
    weights = None
    if train_targets is not None:
        weights = class_weights(recipe.class_weights, train_targets)

    def one(logits: Tensor, targets: Tensor) -> Tensor:
        logits, targets = logits.float(), targets.float()
        weight = None if weights is None else weights.to(logits.device)
        if recipe.loss == "ldl":
            return label_distribution_loss(logits, targets)
        smoothing, gamma = recipe.label_smoothing, recipe.focal_gamma
        if gamma:
            return focal_loss(logits, smooth(targets, smoothing), gamma, weight)
        return functional.cross_entropy(logits, targets, weight, label_smoothing=smoothing)

    def loss(outputs: tuple[Tensor, ...], targets: Tensor) -> Tensor:
        parts = [w * one(o, targets) for w, o in zip(output_weights, outputs, strict=True)]
        return sum(parts[1:], parts[0])

    return loss


def smooth(targets: Tensor, smoothing: float) -> Tensor:
    """Spread a share of each ``(B, K)`` target over all classes, as torch's cross entropy does.

    Example:
        >>> import torch
        >>> smooth(torch.eye(4)[:1], 0.1)
        tensor([[0.9250, 0.0250, 0.0250, 0.0250]])
    """
    return targets * (1 - smoothing) + smoothing / targets.shape[1]


def focal_loss(
    logits: Tensor, targets: Tensor, gamma: float, weight: Tensor | None = None
) -> Tensor:
    r"""Mean over images of :math:`-\sum_k w_k t_k (1 - p_k)^\gamma \log p_k`.

    Classes that the network is sure of weigh less; ``gamma`` 0 is cross entropy.

    Args:
        logits: ``(B, K)``; :math:`p` is their softmax.
        targets: ``(B, K)`` distributions.
        weight: ``(K,)``; ``None`` is 1.
    Source: Lin et al., ICCV 2017, arXiv:1708.02002, equation 4, for softmax and soft targets.
    """
    log_p = functional.log_softmax(logits, dim=1)
    missing = (1 - log_p.exp()).clamp_min(1e-12)  # 0 has no gradient under gamma < 1
    weighted = targets if weight is None else targets * weight
    return -(weighted * missing**gamma * log_p).sum(1).mean()


def label_distribution_loss(logits: Tensor, targets: Tensor) -> Tensor:
    r"""Mean over all ``B * K`` entries of :math:`-t \log p`: cross entropy divided by ``K``.

    The divisor is the published code's, and part of what its learning rate means.

    Args:
        logits: ``(B, K)``.
        targets: ``(B, K)`` distributions, a teacher's softmax.
    Source: Zhao et al., AAAI 2021 (EfficientFace), published code.
    """
    return -(targets * functional.log_softmax(logits, dim=1)).mean()
