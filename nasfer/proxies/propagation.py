"""Send moments through an op tree: what each operation adds to the Zen-score, and what leaves it.

One rule an operation; `nasfer.proxies.zen_closed_form` derives them, and what gates read is in
`nasfer.proxies.readings`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache, singledispatch

from nasfer.arch import ops
from nasfer.arch.ops import Op, Shape
from nasfer.arch.parts import children
from nasfer.arch.shapes import output_shape
from nasfer.errors import ProxyError
from nasfer.proxies.gaussian_integrals import (
    KERNEL_AT_ZERO,
    SLOPE,
    SQUASHES,
    arc_cosine_kernel,
    maximum_moments,
    mean_squared_gate,
    relu6_moments,
)
from nasfer.proxies.mean_field import Signal, Terms, mean_depth, uniform_profile


@singledispatch
def propagate(op: Op, signal: Signal) -> Terms:
    """Send a signal through an operation: what the score gains, and the signal behind it.

    Raises:
        ProxyError: the derivation does not cover this operation.
    """
    raise _underived(type(op).__name__)


def _underived(what: str) -> ProxyError:
    return ProxyError(f"zen_closed_form: no mean field for {what}; use `proxy='zen'`")


REFUSED = (ops.ChannelAffine, ops.LayerNorm, ops.Outputs, ops.Resize, ops.Times)
"""Operations that the derivation does not cover; a gate reads the affine in it by itself."""


def _refused(op: Op, signal: Signal) -> Terms:
    raise _underived(type(op).__name__)


for _kind in REFUSED:
    propagate.register(_kind, _refused)


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
def _(op: ops.Linear, signal: Signal) -> Terms:
    read = signal.scaled(op.in_features, op.in_features)
    return Terms(0.0, 0, read._replace(shape=output_shape(op, signal.shape), rectified=False))


@propagate.register
def _(op: ops.ChannelConv, signal: Signal) -> Terms:
    reach, channels = op.kernel // 2, signal.shape.channels
    read = sum(max(0, channels - abs(tap)) for tap in range(-reach, reach + 1)) / channels
    return Terms(0.0, 0, signal.scaled(read, read)._replace(rectified=False))


@propagate.register
def _(op: ops.BatchNorm, signal: Signal) -> Terms:
    shape, square, mean_square, _, rows, columns = signal
    running_var = 0.81 + 0.19 * (square - mean_square)
    return Terms(0.5 * math.log(running_var), 0, Signal(shape, 1.0, 0.0, False, rows, columns))


@propagate.register
def _(op: ops.Activation, signal: Signal) -> Terms:
    if op.kind in SQUASHES:
        return Terms(0.0, 0, _squashed(op.kind, signal))
    if op.kind not in ("relu", "relu6"):
        raise _underived(op.kind)
    shape, square, mean_square, _, rows, columns = signal
    kernel = arc_cosine_kernel(mean_square / square) if mean_square else KERNEL_AT_ZERO
    after = Signal(shape, square / 2, square * kernel, True, rows, columns)
    if op.kind == "relu6":
        mean, clipped_square = relu6_moments(math.sqrt(square))
        after = after._replace(square=clipped_square)
        if not mean_square:
            after = after._replace(mean_square=mean * mean)
    return Terms(0.0, 1, after)


def _squashed(kind: str, signal: Signal) -> Signal:
    """A gate's own nonlinearity: the mean over a channel first softens what channels differ by."""
    varied = signal.variance if signal.variance > 1e-9 * signal.square else 0.0
    between_channels = signal.mean_square / (1 + math.pi / 8 * varied)  # MacKay's probit rule
    return signal._replace(
        square=mean_squared_gate(signal.square, kind),
        mean_square=mean_squared_gate(between_channels, kind),
        rectified=True,
    )


@propagate.register(ops.Shuffle)
@propagate.register(ops.Dropout)
@propagate.register(ops.StochasticDepth)
@propagate.register(ops.Unused)
@propagate.register(ops.Scale)
def _(op: Op, signal: Signal) -> Terms:
    return Terms(0.0, 0, signal)  # a fresh network's scale is 1, and nothing is dropped


@propagate.register
def _(op: ops.MaxPool, signal: Signal) -> Terms:
    cells = op.kernel**2
    mean, square = maximum_moments(cells, rectified=signal.rectified)
    after = signal._replace(shape=output_shape(op, signal.shape), rows=None, columns=None)
    if not signal.rectified:
        spread, grown = signal.variance, 1 / (square - mean * mean)
        pooled = after._replace(square=spread * square, mean_square=spread * mean * mean)
        return Terms(0.0, math.log(grown) / math.log(SLOPE), pooled)
    grown = 2 * (1 - 0.5**cells) * (0.5 - KERNEL_AT_ZERO) / (square - mean * mean)
    pooled = after.scaled(2 * square, mean * mean / KERNEL_AT_ZERO)
    return Terms(0.0, math.log(grown) / math.log(SLOPE), pooled)


@propagate.register
def _(op: ops.Sequence, signal: Signal) -> Terms:
    log_norms, relus = 0.0, 0.0
    for child in op.children:
        part = propagate_part if isinstance(child, ops.Sequence) else propagate
        terms, depth, signal = part(child, signal)
        log_norms += terms
        relus += depth
    return Terms(log_norms, relus, signal)


@lru_cache(maxsize=131072)
def propagate_part(op: Op, signal: Signal) -> Terms:
    """`propagate`, kept: repeats of a block, and blocks of one width, share their residuals."""
    return propagate(op, signal)


@propagate.register
def _(op: ops.Residual, signal: Signal) -> Terms:
    return propagate(op.body, signal)  # the score is defined on the network without its links


@propagate.register
def _(op: ops.Fold, signal: Signal) -> Terms:
    ((_, body, shape),) = children(op, signal.shape)
    terms = propagate(body, signal._replace(shape=shape))
    whole = terms.signal._replace(shape=output_shape(op, signal.shape))
    return terms._replace(signal=whole)


@propagate.register(ops.Split)
@propagate.register(ops.Concat)
@propagate.register(ops.Quadrants)
def _(op: ops.Split | ops.Concat | ops.Quadrants, signal: Signal) -> Terms:
    """Parts beside each other, in channels or in space: moments are means over their values.

    The rim's profile is that of the last part, the longest of every block here.
    """
    cut = isinstance(op, ops.Quadrants)
    parts = []
    for _, branch, shape in children(op, signal.shape):
        read = signal._replace(shape=shape)
        parts.append(propagate(branch, read._replace(rows=None, columns=None) if cut else read))
    sizes = [part.signal.shape.numel / sum(p.signal.shape.numel for p in parts) for part in parts]
    joined = parts[0].signal._replace(
        shape=output_shape(op, signal.shape),
        square=sum(size * part.signal.square for size, part in zip(sizes, parts)),
        mean_square=sum(size * part.signal.mean_square for size, part in zip(sizes, parts)),
        rectified=all(part.signal.rectified for part in parts),
        rows=None if cut else parts[-1].signal.rows,
        columns=None if cut else parts[-1].signal.columns,
    )
    return Terms(sum(part.log_norms for part in parts), _depth(sizes, parts), joined)


@propagate.register
def _(op: ops.Sum, signal: Signal) -> Terms:
    parts = [propagate(branch, signal) for branch in op.branches]
    signals = [part.signal for part in parts]
    rectified = all(s.rectified for s in signals)
    # Means of rectified values are positive in every channel and add up; others cancel out.
    means = sum(math.sqrt(s.mean_square) for s in signals) ** 2
    mean_square = means if rectified else sum(s.mean_square for s in signals)
    variance = sum(s.variance for s in signals)
    joined = signals[0]._replace(
        square=variance + mean_square, mean_square=mean_square, rectified=rectified
    )
    sizes = [1.0] * len(parts)
    return Terms(sum(part.log_norms for part in parts), _depth(sizes, parts), joined)


def _depth(sizes: Sequence[float], parts: Sequence[Terms]) -> float:
    return mean_depth([(size * p.signal.variance, p.relus) for size, p in zip(sizes, parts)])
