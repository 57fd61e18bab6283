r"""The Zen-score in closed form: no network, no draw, no fitted constant.

The measured score sends two Gaussian batches through a network of N(0, 1) weights. Every layer of
that network has a known mean field, so the score's expectation can be written down and is a sum
over layers, which costs microseconds.

**Moments.** A signal is described by two numbers: ``square``, the mean of its squares, and
``mean_square``, the mean over channels of the squared channel mean; batch norm sees the variance
``square - mean_square``. Through a convolution with N(0, 1) weights both are multiplied by the
number of inputs that a cell reads: ``C_in / groups`` times the taps. ReLU halves ``square``;
``mean_square`` becomes ``square * K(mean_square / square)``, with the arc-cosine kernel
``K(c) = (sqrt(1 - c^2) + c (pi - arccos c)) / (2 pi)``. ReLU6 of ``sigma z`` has, with
``a = 6 / sigma``, the mean ``sigma (phi(0) - phi(a)) + 6 (1 - Phi(a))`` and the mean square
``sigma^2 (Phi(a) - 1/2 - a phi(a)) + 36 (1 - Phi(a))``. Behind a batch norm ``a`` is 6 and it
differs from ReLU by less than 1e-7; its correlation map is taken to be ReLU's, which is refused
where ``a < 5``.

**Padding.** Taps on zero padding read nothing, so cells at the rim gain less than cells inside, and
the next layer reads the rim less often. The energy's profile over each axis, taken as a product of
the two, is followed through the layers of a block (it starts uniform): an axis adds
``g = mean_t sum_a e(t + a)`` to the gain of ``square``, and
``m = sum_a (mean_t sqrt(e(t + a)))^2`` to that of ``mean_square``. On a 7 x 7 map a 7 x 7 kernel
gains 32 rather than 49; without this, large kernels on small maps are overrated.

**Batch-norm term.** ``running_var`` starts at 1 and after the scorer's two updates of momentum 0.1
is ``0.81 + 0.19 * variance``; the term is the sum of ``log(running_var) / 2``.

**Perturbation term.** The correlation of the two passes before the first ReLU is
``1 / sqrt(1 + gamma^2)``. Each layer of ReLU, convolution and batch norm maps it by the centred
kernel ``c <- (K(c) - K(0)) / (1/2 - K(0))``, whose slope at 1 exceeds 1: the perturbation grows,
then saturates at ``c = 0``. At the end ``E|relu(a) - relu(b)| = sqrt((2 - 2c) / (2 pi))``, so the
term is ``log(C H W) + log(2 - 2c) / 2 - log(2 pi) / 2``.

**Assumptions.** Wide layers, independent channels, positions alike; gates (SE, SA) are constant a
channel, which scales both moments by the mean squared gate. A gate reads the mean over one image's
cells, taken as independent: right behind a ReLU, where the channel's mean rules; too small behind a
linear bottleneck, where that is 0. There each SE gate is underrated by about 0.1 nat (ECA and SA:
by under 0.02; `tests/proxies/test_closed_form_emo_net.py`). Fidelity is measured in
``benchmarks/closed_form_fidelity.py`` and printed in ``results/closed_form_fidelity.md``.
"""

from __future__ import annotations

import math
from functools import lru_cache, singledispatch

from nasfer.arch import Arch, Block, ops
from nasfer.arch.ops import Op, Shape
from nasfer.arch.shapes import children, output_shape
from nasfer.costs import input_shape
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy
from nasfer.proxies.mean_field import (
    KERNEL_AT_ZERO,
    Signal,
    Terms,
    arc_cosine_kernel,
    mean_squared_gate,
    relu6_moments,
    uniform_profile,
)
from nasfer.proxies.trunk import refuse_late_trunk

GAMMA = 0.01
"""Size of the scorer's perturbation."""


@lru_cache(maxsize=4096)
def perturbation_term(relus: int, gamma: float = GAMMA) -> float:
    """Return the log of the mean absolute difference after ``relus`` layers, for one output value.

    Example:
        >>> perturbation_term(1) < perturbation_term(20) < perturbation_term(60)
        True
    """
    correlation = 1 / math.sqrt(1 + gamma * gamma)
    for _ in range(relus - 1):
        spread = arc_cosine_kernel(correlation) - KERNEL_AT_ZERO
        correlation = spread / (0.5 - KERNEL_AT_ZERO)
    return 0.5 * math.log((2 - 2 * correlation) / (2 * math.pi))


@singledispatch
def propagate(op: Op, signal: Signal) -> Terms:
    """Send a signal through an operation: what the score gains, and the signal behind it.

    Raises:
        ProxyError: the derivation does not cover this operation.
    """
    raise ProxyError(f"zen_closed_form: no mean field for {type(op).__name__}; use --proxy zen")


@propagate.register
def _(op: ops.Conv, signal: Signal) -> Terms:
    shape, square, mean_square, _, row_profile, column_profile = signal
    axis = (op.kernel, op.stride, op.dilation, op.pad)
    row_profile = row_profile or uniform_profile(shape.height)
    column_profile = column_profile or uniform_profile(shape.width)
    row_gain, row_mean, rows = row_profile.read(*axis)
    column_gain, column_mean, columns = column_profile.read(*axis)
    fan_in = op.in_channels // op.groups
    out = Shape(op.out_channels, len(rows.energy), len(columns.energy), shape.copies)
    square *= fan_in * row_gain * column_gain
    mean_square *= fan_in * row_mean * column_mean
    return Terms(0.0, 0, Signal(out, square, mean_square, False, rows, columns))


@propagate.register
def _(op: ops.BatchNorm, signal: Signal) -> Terms:
    shape, square, mean_square, _, rows, columns = signal
    running_var = 0.81 + 0.19 * (square - mean_square)
    return Terms(0.5 * math.log(running_var), 0, Signal(shape, 1.0, 0.0, False, rows, columns))


@propagate.register
def _(op: ops.Activation, signal: Signal) -> Terms:
    if op.kind not in ("relu", "relu6"):
        raise ProxyError(f"zen_closed_form: no mean field for {op.kind}; use --proxy zen")
    shape, square, mean_square, _, rows, columns = signal
    kernel = arc_cosine_kernel(mean_square / square) if mean_square else KERNEL_AT_ZERO
    after = Signal(shape, square / 2, square * kernel, True, rows, columns)
    if op.kind == "relu6":
        mean, clipped_square = relu6_moments(math.sqrt(square))
        after = after._replace(square=clipped_square)
        if not mean_square:
            after = after._replace(mean_square=mean * mean)
    return Terms(0.0, 1, after)


@propagate.register
def _(op: ops.ChannelConv, signal: Signal) -> Terms:
    reach, channels = op.kernel // 2, signal.shape.channels
    read = sum(max(0, channels - abs(tap)) for tap in range(-reach, reach + 1)) / channels
    square, mean_square = read * signal.square, read * signal.mean_square
    return Terms(0.0, 0, signal._replace(square=square, mean_square=mean_square, rectified=False))


@propagate.register
def _(op: ops.Shuffle, signal: Signal) -> Terms:
    return Terms(0.0, 0, signal)


@propagate.register
def _(op: ops.Sequence, signal: Signal) -> Terms:
    log_norms, relus = 0.0, 0
    for child in op.children:
        part = _propagate_part if isinstance(child, ops.Sequence) else propagate
        terms, depth, signal = part(child, signal)
        log_norms += terms
        relus += depth
    return Terms(log_norms, relus, signal)


@lru_cache(maxsize=131072)
def _propagate_part(op: Op, signal: Signal) -> Terms:
    """`propagate`, kept: repeats of a block, and blocks of one width, share their residuals."""
    return propagate(op, signal)


@propagate.register
def _(op: ops.Residual, signal: Signal) -> Terms:
    return propagate(op.body, signal)  # the score is defined on the network without its links


@propagate.register
def _(op: ops.Gate, signal: Signal) -> Terms:
    gate = _gate_square(op.body, signal)
    square, mean_square = gate * signal.square, gate * signal.mean_square
    return Terms(0.0, 0, signal._replace(square=square, mean_square=mean_square))


@propagate.register
def _(op: ops.Fold, signal: Signal) -> Terms:
    ((_, body, shape),) = children(op, signal.shape)
    terms = propagate(body, signal._replace(shape=shape))
    whole = terms.signal._replace(shape=output_shape(op, signal.shape))
    return terms._replace(signal=whole)


@propagate.register
def _(op: ops.Split, signal: Signal) -> Terms:
    parts = [
        propagate(branch, signal._replace(shape=shape))
        for _, branch, shape in children(op, signal.shape)
    ]
    if any(part.relus != parts[0].relus for part in parts):
        raise ProxyError("zen_closed_form: branches of different depth; use --proxy zen")
    joined = parts[0].signal._replace(
        shape=output_shape(op, signal.shape),
        square=sum(part.signal.square for part in parts) / len(parts),
        mean_square=sum(part.signal.mean_square for part in parts) / len(parts),
    )
    return Terms(sum(part.log_norms for part in parts), parts[0].relus, joined)


def _gate_square(body: Op, signal: Signal) -> float:
    """Mean squared gate: the gate's own layers act on channel means, constant over positions."""
    if not isinstance(body, ops.Sequence) or body.children[-1] != ops.SIGMOID:
        raise ProxyError("zen_closed_form: a gate that does not end in a sigmoid; use --proxy zen")
    for op in body.children[:-1]:
        match op:
            case ops.ChannelAffine():  # weight 0, bias 1 in a fresh network
                return (1 / (1 + math.exp(-1))) ** 2
            case ops.GlobalMean():
                cells = signal.shape.height * signal.shape.width
                mean = signal.mean_square + (signal.square - signal.mean_square) / cells
                signal = Signal(output_shape(op, signal.shape), mean, mean)
            case ops.GroupNorm():
                signal = Signal(signal.shape)
            case _:
                signal = propagate(op, signal).signal
    return mean_squared_gate(signal.square)


def block_terms(block: Block, signal: Signal) -> Terms:
    """Return what one block adds to the score; the energy profile starts uniform behind it.

    So a block's terms depend on its fields and the moments before it alone, and can be kept.
    """
    terms = propagate(block.ops(), signal)
    return terms._replace(signal=terms.signal._replace(rows=None, columns=None))


def final_score(log_norms: float, relus: int, signal: Signal) -> float:
    """Join the sums over blocks to the score.

    Raises:
        ProxyError: the last map is not the output of a ReLU, which the derivation assumes.
    """
    if not signal.rectified:
        raise ProxyError("zen_closed_form: the last map does not come from a ReLU; use --proxy zen")
    return log_norms + math.log(signal.shape.numel) + perturbation_term(relus)


@register_proxy(
    "zen_closed_form", unit="nat", source="derivation in nasfer.proxies.zen_closed_form"
)
def zen_closed_form(arch: Arch, settings: Settings) -> float:
    """Expected Zen-score by mean-field theory, in microseconds and without a network.

    Raises:
        ProxyError: an operation outside the derivation, or the trunk goes on in the head.
    Source: the module's derivation, for the score of Lin et al., ICCV 2021, arXiv:2102.01063.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> round(zen_closed_form(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), Settings()), 2)
        6.88
    """
    refuse_late_trunk(arch, "zen_closed_form")
    signal = Signal(input_shape(arch, settings.resolution))
    log_norms, relus = 0.0, 0
    for block in arch.blocks:
        terms = block_terms(block, signal)
        log_norms += terms.log_norms
        relus += terms.relus
        signal = terms.signal
    return final_score(log_norms, relus, signal)
