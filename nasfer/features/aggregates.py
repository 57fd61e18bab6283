"""Features of a whole network: how deep, wide and costly it is, and how far it looks."""

from __future__ import annotations

import numpy as np

from nasfer.features._base import register_feature
from nasfer.features.facts import Facts


@register_feature("layers", group="aggregates", unit="layers", additive=True)
def layers(facts: Facts) -> np.ndarray:
    """Convolutions of more than one tap outside gates: the depth."""
    return facts.sum("layers")


@register_feature("convs", group="aggregates", unit="convolutions", additive=True)
def convs(facts: Facts) -> np.ndarray:
    """Convolutions outside gates."""
    return facts.sum("convs")


@register_feature("expansion", group="aggregates", unit="layers", additive=True)
def expansion(facts: Facts) -> np.ndarray:
    """Layers, each times what the 1 x 1 convolution before it widens its input by."""
    return facts.sum("expansion")


@register_feature("log_width", group="aggregates", unit="nat", additive=True)
def log_width(facts: Facts) -> np.ndarray:
    """Sum over layers of the logarithm of their output channels."""
    return facts.sum("log_width")


@register_feature("large_kernels", group="aggregates", unit="layers", additive=True)
def large_kernels(facts: Facts) -> np.ndarray:
    """Layers with a kernel of 5 and more."""
    return facts.sum("large_kernels")


@register_feature("mean_kernel", group="aggregates", unit="cells")
def mean_kernel(facts: Facts) -> np.ndarray:
    """Mean side of the layers' kernels."""
    return facts.sum("kernels") / np.maximum(1, facts.sum("layers"))


@register_feature("depthwise", group="aggregates", unit="layers", additive=True)
def depthwise(facts: Facts) -> np.ndarray:
    """Layers with one group a channel."""
    return facts.sum("depthwise")


@register_feature("gates", group="aggregates", unit="gates", additive=True)
def gates(facts: Facts) -> np.ndarray:
    """Gates: squeeze-and-excitation and other attention."""
    return facts.sum("gates")


@register_feature("links", group="aggregates", unit="links", additive=True)
def links(facts: Facts) -> np.ndarray:
    """Residual links, with a projection or without."""
    return facts.sum("links")


@register_feature("activations", group="aggregates", unit="activations", additive=True)
def activations(facts: Facts) -> np.ndarray:
    """Activations outside gates: ReLUs and their kin."""
    return facts.sum("activations")


@register_feature("log_flops", group="aggregates", unit="nat")
def log_flops(facts: Facts) -> np.ndarray:
    """Logarithm of the FLOPs of one image."""
    return np.log(np.maximum(1, facts.sum("flops")))


@register_feature("log_params", group="aggregates", unit="nat")
def log_params(facts: Facts) -> np.ndarray:
    """Logarithm of the parameters."""
    return np.log(np.maximum(1, facts.sum("params")))


@register_feature("log_peak", group="aggregates", unit="nat")
def log_peak(facts: Facts) -> np.ndarray:
    """Logarithm of the bytes of activations that are alive at once, at most."""
    return np.log(np.maximum(1, facts.peak))


@register_feature("log_narrowest", group="aggregates", unit="nat")
def log_narrowest(facts: Facts) -> np.ndarray:
    """Logarithm of the channels of the narrowest convolution outside gates."""
    return np.log(np.where(np.isfinite(facts.narrowest), facts.narrowest, 1))


@register_feature("log_reach", group="aggregates", unit="nat")
def log_reach(facts: Facts) -> np.ndarray:
    """Logarithm of the last map's receptive field, as a share of the image's side."""
    return np.log(facts.reach / facts.image)


@register_feature("log_end", group="aggregates", unit="nat")
def log_end(facts: Facts) -> np.ndarray:
    """Logarithm of the side of the last map, in cells."""
    return np.log(facts.end)


@register_feature("params", group="sums", unit="million parameters", additive=True)
def params(facts: Facts) -> np.ndarray:
    """Parameters, in millions."""
    return facts.sum("params") / 1e6


@register_feature("flops", group="sums", unit="million multiply-adds", additive=True)
def flops(facts: Facts) -> np.ndarray:
    """FLOPs of one image, in millions."""
    return facts.sum("flops") / 1e6
