"""Early loss: how far does a short training with a complete schedule get on a user's faces?"""

from __future__ import annotations

import statistics

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy

STEPS = 60
"""Of the last quarter of them the losses are averaged."""

FACES = 64
"""A step."""

LR = 2e-3
WEIGHT_DECAY = 0.01
"""Of nasfer's own recipe."""


@register_proxy(
    "early_loss", higher_is_better=False, random=True, unit="nat", needs="faces",
    source="nasfer's own; short trainings rank well with a complete schedule",
)  # fmt: skip
def early_loss(arch: Arch, settings: Settings) -> float:
    r"""Mean training loss of the last 15 of 60 steps on the faces, with a complete schedule.

    AdamW and one cycle of the learning rate, 64 faces a step, each face once before any comes
    again; no augmentation, smoothing, dropout or stochastic depth. It is no training-free score,
    but one of seconds.

    Raises:
        ProxyError: the loss is not finite.
        DataError: the data cannot be read.
    Cost: 60 forward and backward passes of 64 faces.
    Source: rates of nasfer's recipe; Smith and Topin, arXiv:1708.07120, for one cycle. Torch's
        first weights with the last batch norm of each residual body at 0, as that recipe starts.
        ``settings.batch`` is not read.
    """
    import torch
    from torch.nn import functional
    from torch.optim.lr_scheduler import OneCycleLR

    from nasfer.models.residuals import zero_residuals
    from nasfer.proxies.faces import draw_faces
    from nasfer.proxies.fresh_network import default_network, draws, logits, norms_on_the_batch

    generator = draws(settings)
    sample = draw_faces(settings, arch.in_channels, generator, STEPS * FACES, balanced=False)
    network = default_network(arch.with_classes(sample.classes), settings)
    zero_residuals(network)
    norms_on_the_batch(network.to(settings.device))
    optimizer = torch.optim.AdamW(network.parameters(), lr=LR, weight_decay=WEIGHT_DECAY)
    schedule = OneCycleLR(optimizer, LR, total_steps=STEPS, cycle_momentum=False)
    losses = []
    size = min(FACES, len(sample))
    for step in range(STEPS):
        start = step % (len(sample) // size) * size
        part = slice(start, start + size)
        loss = functional.cross_entropy(logits(network, sample.images(part)), sample.labels(part))
        losses.append(float(loss.detach()))
        if losses[-1] != losses[-1] or losses[-1] == float("inf"):
            raise ProxyError(
                f"early_loss: the loss of {arch.digest()} is {losses[-1]} at step {step}"
            )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return statistics.fmean(losses[-max(1, STEPS // 4) :])
