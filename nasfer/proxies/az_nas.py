"""AZ-NAS: four looks at an untrained network, joined by their places in a frozen sample."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, Whole, register_proxy
from nasfer.proxies.log_rank import log_rank
from nasfer.reading import load_json

REFERENCE = Path(__file__).with_name("reference") / "az_nas.json"
"""Parts of members of nasfer's spaces at two sizes; benchmarks/az_nas_reference.py made it."""

PARTS = ("expressivity", "progressivity", "trainability", "complexity")


@register_proxy(
    "az_nas", random=True, unit="nat", needs="gradients",
    source="Lee and Ham, CVPR 2024, arXiv:2403.19232",
)  # fmt: skip
def az_nas(arch: Arch, settings: Settings) -> float:
    r"""Expressivity, progressivity, trainability and FLOPs, by log ranks in a frozen sample.

    ``sum over the four of ln(rank / N)``; at most 0. The sample is shipped, so a score does not
    depend on who else is scored. It was measured at 48 and 224 px with 16 images, of which the
    nearer size is read; its FLOPs are scaled to the size asked. A network that beats the whole
    sample in a part is at 0 there however far: between two such, that part orders nothing.

    Raises:
        ProxyError: the network has one unit only.
    Cost: one forward pass of ``settings.batch`` images and one backward pass of the maps; no
        labels. Eigenvalues of matrices as large as a map's channels or samples, the fewer.
    Source: the paper; its ranks are among the networks of one search. The
        entropy of C channels from n cells is at most ln(n - 1), which binds on small maps: compare
        equal batches. Kaiming weights; batch norm in train mode.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> arch = parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperConvK3BNRELU(8,16,2,1)")
        >>> score = az_nas(arch, Settings(resolution=48, batch=4))
        >>> score < 0, sorted(score.parts)
        (True, ['complexity', 'expressivity', 'progressivity', 'trainability'])
    """
    from nasfer.proxies.az_nas_parts import measure

    found = measure(arch, settings)
    parts = {
        "expressivity": found.expressivity,
        "progressivity": found.progressivity,
        "trainability": found.trainability,
        "complexity": float(cost(arch, settings.resolution).flops),
    }
    sample = reference(settings.resolution)
    return Whole(sum(log_rank(parts[name], sample[name]) for name in PARTS), parts)


@lru_cache(maxsize=64)
def reference(resolution: int) -> dict[str, tuple[float, ...]]:
    """Return the frozen sample's parts by name, each ascending, for images of so many pixels.

    Raises:
        ProxyError: the shipped file is damaged.
    """
    sizes = load_json(REFERENCE, ProxyError)["sizes"]
    size = min(sizes, key=lambda px: abs(math.log(int(px) / resolution)))
    area = (resolution / int(size)) ** 2
    return {
        name: tuple(sorted(v * area if name == "complexity" else v for v in sizes[size][name]))
        for name in PARTS
    }
