"""Ridge probe: how well does a linear model read a user's faces off an untrained network?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    from torch import Tensor

FACES = 640
"""Drawn from the training split, alike many of each class as far as they go."""

CHUNK = 64
"""Faces a pass; the statistics of batch norms are those of the first."""

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Of the penalty, times the mean square of a face's features."""


@register_proxy(
    "ridge_probe", random=True, unit="%", needs="faces",
    source="ridge by leave-one-out, as in Allen, Technometrics 1974; random features",
)  # fmt: skip
def ridge_probe(arch: Arch, settings: Settings) -> float:
    r"""Cross-validated accuracy of a ridge classifier on the untrained network's features of faces.

    640 faces, each class alike often as far as it goes, are read by a network of Kaiming weights; a
    ridge regression on the features before the class layer, without each face in turn, names that
    face. The penalty is the one with the smallest squared error, left out likewise.

    Raises:
        ProxyError: under 10 faces, or one class only.
        DataError: the data cannot be read.
    Cost: eleven forward passes of 64 faces, and the eigenvalues of a matrix of 640; no gradients.
    Source: leave-one-out errors of a linear smoother are exact, ``(y - yhat) / (1 - h)``. Batch
        norms hold the statistics of the first 64 faces; ``settings.batch`` is not read.
    """
    import torch

    from nasfer.proxies.faces import draw_faces
    from nasfer.proxies.fresh_network import draws, features, fresh_network, settle_norms

    generator = draws(settings)
    network = fresh_network(arch, settings, generator)
    sample = draw_faces(settings, arch.in_channels, generator, FACES, balanced=True)
    labels = sample.labels().cpu()
    if len(sample) < 10 or len(labels.unique()) < 2:
        raise ProxyError(
            f"ridge_probe: {len(sample)} faces of {len(labels.unique())} classes; 10 faces of 2"
            " classes at least are needed"
        )
    parts = [slice(start, start + CHUNK) for start in range(0, len(sample), CHUNK)]
    settle_norms(network, sample.images(parts[0]))
    with torch.no_grad():
        rows = torch.cat([features(network, sample.images(part)).cpu() for part in parts])
    return 100 * left_out_accuracy(rows, labels)


def left_out_accuracy(rows: Tensor, labels: Tensor) -> float:
    """Return the share of rows that a ridge classifier of all others names rightly.

    Args:
        rows: ``(n, features)``; each feature is standardised over all rows.
        labels: ``(n,)`` int64.
    Example:
        >>> import torch
        >>> apart = torch.tensor([[0.0], [0.1], [1.0], [1.1]])
        >>> left_out_accuracy(apart, torch.tensor([0, 0, 1, 1]))
        1.0
    """
    import torch
    from torch.nn import functional

    exact = rows.double()
    centred = exact - exact.mean(0)
    spread = centred.square().mean(0).sqrt()
    standard = centred[:, spread > 0] / spread[spread > 0]
    targets = functional.one_hot(labels).double()
    centre = targets.mean(0)
    values, vectors = torch.linalg.eigh(standard @ standard.T)
    values = values.clamp(min=0.0)
    turned = vectors.T @ (targets - centre)
    best, accuracy = float("inf"), float("nan")
    for strength in STRENGTHS:
        kept = values / (values + strength * max(1, standard.shape[1]))
        hat = vectors.square() @ kept + 1 / len(rows)  # the intercept is not penalised
        errors = (targets - centre - vectors @ (kept[:, None] * turned)) / (1 - hat)[:, None]
        squared = float(errors.square().mean())
        if squared < best:
            named = (targets - errors).argmax(1)
            best, accuracy = squared, float((named == labels).double().mean())
    return accuracy
