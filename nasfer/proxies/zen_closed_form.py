r"""The Zen-score in closed form: no network, no draw, no fitted constant.

The measured score sends two Gaussian batches through a network of N(0, 1) weights. Every layer of
that network has a known mean field, so the score's expectation can be written down and is a sum
over layers, which costs microseconds.

**Moments.** A signal is described by two numbers: ``square``, the mean of its squares, and
``mean_square``, the mean over channels of the squared channel mean; batch norm sees the variance
``square - mean_square``. Through a convolution with N(0, 1) weights both are multiplied by the
number of inputs that a cell reads, ``C_in / groups`` times the taps that fall inside the map.
Zero padding makes that number smaller than ``k * k``: if tap ``a`` is inside at a share ``p_a`` of
the positions, then ``square`` gains ``sum(p_a)`` and ``mean_square`` gains ``sum(p_a ** 2)``.
ReLU halves ``square``; ``mean_square`` becomes ``square * K(mean_square / square)``, with the
arc-cosine kernel ``K(c) = (sqrt(1 - c^2) + c (pi - arccos c)) / (2 pi)``.

**Batch-norm term.** ``running_var`` starts at 1 and after the scorer's two updates of momentum 0.1
is ``0.81 + 0.19 * variance``; the term is the sum of ``log(running_var) / 2``.

**Perturbation term.** The correlation of the two passes before the first ReLU is
``1 / sqrt(1 + gamma^2)``. Each layer of ReLU, convolution and batch norm maps it by the centred
kernel ``c <- (K(c) - K(0)) / (1/2 - K(0))``, whose slope at 1 exceeds 1: the perturbation grows, then
saturates at ``c = 0``. At the end ``E|relu(a) - relu(b)| = sqrt((2 - 2c) / (2 pi))``, so the term is
``log(C H W) + log(2 - 2c) / 2 - log(2 pi) / 2``.

**Assumptions.** Wide layers, independent channels, positions alike; gates (SE, SA) are constant a
channel, which scales both moments by the mean squared gate. Fidelity is measured in
``benchmarks/closed_form_fidelity.py`` and printed in ``results/closed_form_fidelity.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache, singledispatch

from nasfer.arch import Arch, Block, ops
from nasfer.arch.ops import Op, Shape
from nasfer.arch.shapes import children, output_shape
from nasfer.costs import input_shape
from nasfer.errors import ProxyError

GAMMA = 0.01
"""Size of the scorer's perturbation."""

KERNEL_AT_ZERO = 1 / (2 * math.pi)


@dataclass(frozen=True, slots=True)
class Signal:
    """Shape and moments of what flows into an operation.

    Args:
        square: mean of the squared values.
        mean_square: mean over channels of the squared channel mean.
        rectified: whether the last operation on the way was a ReLU.
    """

    shape: Shape
    square: float = 1.0
    mean_square: float = 0.0
    rectified: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a part of the network adds to the score, and the signal that leaves it."""

    log_norms: float
    relus: int
    signal: Signal


def arc_cosine_kernel(correlation: float) -> float:
    """Return ``E[relu(a) relu(b)]`` of standard normals of that correlation.

    Source: Cho and Saul, NIPS 2009, eq. 1 with n = 1.
    Example:
        >>> arc_cosine_kernel(1.0), round(arc_cosine_kernel(0.0), 4)
        (0.5, 0.1592)
    """
    c = min(1.0, max(-1.0, correlation))
    return (math.sqrt(1 - c * c) + c * (math.pi - math.acos(c))) / (2 * math.pi)


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


@lru_cache(maxsize=65536)
def taps_inside(size: int, kernel: int, stride: int, dilation: int, pad: int) -> tuple[float, float]:
    """Return the sums of ``p`` and ``p ** 2`` over the taps of one axis.

    ``p`` is the share of output positions at which the tap falls inside the map, not on padding.

    Example:
        >>> taps_inside(4, kernel=3, stride=1, dilation=1, pad=1)
        (2.5, 2.125)
    """
    positions = (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
    starts = [position * stride - pad for position in range(positions)]
    shares = [
        sum(0 <= start + tap * dilation < size for start in starts) / positions
        for tap in range(kernel)
    ]
    return sum(shares), sum(share * share for share in shares)


@lru_cache(maxsize=4096)
def mean_squared_gate(square: float) -> float:
    """Return ``E[sigmoid(g) ** 2]`` for ``g`` normal with that mean square, by the midpoint rule."""
    steps, reach = 400, 8.0
    sigma, width = math.sqrt(square), 2 * reach / steps
    total = 0.0
    for step in range(steps):
        z = -reach + (step + 0.5) * width
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        total += density * width / (1 + math.exp(-min(60.0, max(-60.0, sigma * z)))) ** 2
    return total


@singledispatch
def propagate(op: Op, signal: Signal) -> Terms:
    """Send a signal through an operation: what the score gains, and the signal behind it.

    Raises:
        ProxyError: the derivation does not cover this operation.
    """
    raise ProxyError(f"zen_closed_form: no mean field for {type(op).__name__}; use --proxy zen")


@propagate.register
def _(op: ops.Conv, signal: Signal) -> Terms:
    shape = signal.shape
    rows, row_squares = taps_inside(shape.height, op.kernel, op.stride, op.dilation, op.pad)
    columns, column_squares = taps_inside(shape.width, op.kernel, op.stride, op.dilation, op.pad)
    fan_in = op.in_channels // op.groups
    square = fan_in * rows * columns * signal.square
    mean_square = fan_in * row_squares * column_squares * signal.mean_square
    return Terms(0.0, 0, Signal(output_shape(op, shape), square, mean_square))


@propagate.register
def _(op: ops.BatchNorm, signal: Signal) -> Terms:
    running_var = 0.81 + 0.19 * (signal.square - signal.mean_square)
    return Terms(0.5 * math.log(running_var), 0, Signal(signal.shape))


@propagate.register
def _(op: ops.Activation, signal: Signal) -> Terms:
    if op.kind != "relu":
        raise ProxyError(f"zen_closed_form: no mean field for {op.kind}; use --proxy zen")
    square = signal.square
    mean_square = square * arc_cosine_kernel(signal.mean_square / square)
    return Terms(0.0, 1, Signal(signal.shape, square / 2, mean_square, rectified=True))


@propagate.register
def _(op: ops.Shuffle, signal: Signal) -> Terms:
    return Terms(0.0, 0, signal)


@propagate.register
def _(op: ops.Sequence, signal: Signal) -> Terms:
    log_norms, relus = 0.0, 0
    for child in op.children:
        terms = propagate(child, signal)
        log_norms += terms.log_norms
        relus += terms.relus
        signal = terms.signal
    return Terms(log_norms, relus, signal)


@propagate.register
def _(op: ops.Residual, signal: Signal) -> Terms:
    return propagate(op.body, signal)  # the score is defined on the network without its links


@propagate.register
def _(op: ops.Gate, signal: Signal) -> Terms:
    gate = _gate_square(op.body, signal)
    square, mean_square = gate * signal.square, gate * signal.mean_square
    return Terms(0.0, 0, Signal(signal.shape, square, mean_square, signal.rectified))


@propagate.register
def _(op: ops.Fold, signal: Signal) -> Terms:
    (_, body, shape), = children(op, signal.shape)
    inside = Signal(shape, signal.square, signal.mean_square, signal.rectified)
    terms = propagate(body, inside)
    out = terms.signal
    whole = Signal(output_shape(op, signal.shape), out.square, out.mean_square, out.rectified)
    return Terms(terms.log_norms, terms.relus, whole)


@propagate.register
def _(op: ops.Split, signal: Signal) -> Terms:
    parts = [
        propagate(branch, Signal(shape, signal.square, signal.mean_square, signal.rectified))
        for _, branch, shape in children(op, signal.shape)
    ]
    if any(part.relus != parts[0].relus for part in parts):
        raise ProxyError("zen_closed_form: branches of different depth; use --proxy zen")
    square = sum(part.signal.square for part in parts) / len(parts)
    mean_square = sum(part.signal.mean_square for part in parts) / len(parts)
    shape = output_shape(op, signal.shape)
    return Terms(
        sum(part.log_norms for part in parts),
        parts[0].relus,
        Signal(shape, square, mean_square, parts[0].signal.rectified),
    )


def _gate_square(body: Op, signal: Signal) -> float:
    """Mean squared gate: the gate's own layers act on channel means, constant over positions."""
    if not isinstance(body, ops.Sequence) or body.children[-1] != ops.SIGMOID:
        raise ProxyError("zen_closed_form: a gate that does not end in a sigmoid; use --proxy zen")
    for op in body.children[:-1]:
        match op:
            case ops.ChannelAffine():  # weight 0, bias 1 in a fresh network
                return (1 / (1 + math.exp(-1))) ** 2
            case ops.GlobalMean():
                shape = output_shape(op, signal.shape)
                signal = Signal(shape, signal.mean_square, signal.mean_square)
            case ops.GroupNorm():
                signal = Signal(signal.shape)
            case _:
                signal = propagate(op, signal).signal
    return mean_squared_gate(signal.square)


def block_terms(block: Block, signal: Signal) -> Terms:
    """Return what one block adds to the score."""
    return propagate(block.ops(), signal)


def final_score(log_norms: float, relus: int, signal: Signal) -> float:
    """Join the sums over blocks to the score.

    Raises:
        ProxyError: the last map is not the output of a ReLU, which the derivation assumes.
    """
    if not signal.rectified:
        raise ProxyError("zen_closed_form: the last map does not come from a ReLU; use --proxy zen")
    return log_norms + math.log(signal.shape.numel) + perturbation_term(relus)


def zen_closed_form(arch: Arch, resolution: int | tuple[int, int] = 224) -> float:
    """Return the expected Zen-score of an architecture, in nats; larger is more expressive.

    Args:
        resolution: side of a square image, or (height, width), in pixels.
    Raises:
        ProxyError: an operation outside the derivation.
    Cost: microseconds; no network is built.
    Source: the module's derivation, for the score of Lin et al., ICCV 2021, arXiv:2102.01063.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> round(zen_closed_form(parse_arch("SuperConvK3BNRELU(3,8,2,1)")), 2)
        5.95
    """
    signal = Signal(input_shape(arch, resolution))
    log_norms, relus = 0.0, 0
    for block in arch.blocks:
        terms = block_terms(block, signal)
        log_norms += terms.log_norms
        relus += terms.relus
        signal = terms.signal
    return final_score(log_norms, relus, signal)
