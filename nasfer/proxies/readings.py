"""Moments through gates and what they read: means, maxima, overviews, softmax.

Import `propagate` from here to have every rule: the others are in `nasfer.proxies.propagation`.
"""

from __future__ import annotations

import math
from functools import lru_cache

from nasfer.arch import ops
from nasfer.arch.ops import Op
from nasfer.arch.shapes import output_shape
from nasfer.proxies.gaussian_integrals import SQUASHES, maximum_moments
from nasfer.proxies.mean_field import Signal, Terms
from nasfer.proxies.propagation import propagate, propagate_part

__all__ = ["propagate", "propagate_part"]


@propagate.register
def _(op: ops.Gate, signal: Signal) -> Terms:
    """The gate is taken as independent of what it multiplies; its batch norms count."""
    if isinstance(op.body, ops.Sequence) and isinstance(op.body.children[-2], ops.ChannelAffine):
        constant = SQUASHES["sigmoid"](1.0) ** 2  # its weight starts at 0 and its bias at 1
        return Terms(0.0, 0, signal.scaled(constant, constant))
    log_norms, _, gate = propagate(op.body, signal)
    return Terms(log_norms, 0, signal.scaled(gate.square, gate.mean_square))


@propagate.register
def _(op: ops.GlobalMean, signal: Signal) -> Terms:
    return Terms(0.0, 0, _averaged(op, signal, signal.shape.height * signal.shape.width))


@propagate.register
def _(op: ops.AdaptiveMean, signal: Signal) -> Terms:
    cells = _window(signal.shape.height, op.size) * _window(signal.shape.width, op.size)
    return Terms(0.0, 0, _averaged(op, signal, cells))


@propagate.register
def _(op: ops.ChannelMean, signal: Signal) -> Terms:
    channels = signal.shape.channels
    mean_square = signal.mean_square * (1 - 1 / channels) if signal.rectified else 0.0
    square = mean_square + signal.square / channels
    return Terms(0.0, 0, _flat(op, signal)._replace(square=square, mean_square=mean_square))


def _averaged(op: Op, signal: Signal, cells: float) -> Signal:
    """Means over so many cells, taken as independent: a channel's own mean is what stays."""
    square = signal.mean_square + signal.variance / cells
    return _flat(op, signal)._replace(square=square)


@lru_cache(maxsize=1024)
def _window(size: int, windows: int) -> float:
    """Return the mean width of torch's adaptive windows over an axis."""
    ends = [-(-(index + 1) * size // windows) for index in range(windows)]
    starts = [index * size // windows for index in range(windows)]
    return sum(end - start for start, end in zip(starts, ends)) / windows


@propagate.register
def _(op: ops.GlobalMax, signal: Signal) -> Terms:
    return Terms(0.0, 0, _largest(op, signal, signal.shape.height * signal.shape.width))


@propagate.register
def _(op: ops.ChannelMax, signal: Signal) -> Terms:
    return Terms(0.0, 0, _largest(op, signal, signal.shape.channels))


def _largest(op: Op, signal: Signal, count: int) -> Signal:
    """The largest of so many independent values."""
    mean, square = maximum_moments(count, rectified=signal.rectified)
    spread = 2 * signal.square if signal.rectified else signal.square
    return _flat(op, signal)._replace(
        square=spread * square, mean_square=spread * mean * mean, rectified=signal.rectified
    )


def _flat(op: Op, signal: Signal) -> Signal:
    """The signal on the shape that the operation leaves, with no rim."""
    return signal._replace(shape=output_shape(op, signal.shape), rows=None, columns=None)


@propagate.register
def _(op: ops.Resized, signal: Signal) -> Terms:
    terms = propagate(op.body, signal)
    small, whole = terms.signal.shape, signal.shape
    kept = _interpolated(small.height, whole.height) * _interpolated(small.width, whole.width)
    shape = output_shape(op, whole)
    square = terms.signal.mean_square + kept * terms.signal.variance
    return terms._replace(
        signal=terms.signal._replace(shape=shape, square=square, rows=None, columns=None)
    )


@lru_cache(maxsize=1024)
def _interpolated(small: int, whole: int) -> float:
    """Return the share of the variance that bilinear interpolation of an axis leaves."""
    kept = 0.0
    for position in range(whole):
        place = min(max((position + 0.5) * small / whole - 0.5, 0.0), small - 1.0)
        weight = place - math.floor(place)
        kept += weight**2 + (1 - weight) ** 2
    return kept / whole


@propagate.register(ops.Flatten)
@propagate.register(ops.Unflatten)
@propagate.register(ops.RepeatChannels)
@propagate.register(ops.Region)
def _(op: Op, signal: Signal) -> Terms:
    shape = output_shape(op, signal.shape)
    rim = shape == signal.shape
    rows, columns = (signal.rows, signal.columns) if rim else (None, None)
    return Terms(0.0, 0, signal._replace(shape=shape, rows=rows, columns=columns))


@propagate.register
def _(op: ops.SumGroups, signal: Signal) -> Terms:
    summed = signal.scaled(op.groups, op.groups)
    return Terms(0.0, 0, summed._replace(shape=output_shape(op, signal.shape)))


@propagate.register
def _(op: ops.GroupNorm, signal: Signal) -> Terms:
    return Terms(0.0, 0, Signal(signal.shape))


@propagate.register
def _(op: ops.Softmax, signal: Signal) -> Terms:
    """With N(0, 1) weights before it a softmax picks one channel, mostly by the channels' means."""
    share = 1 / signal.shape.channels
    settled = signal.mean_square / signal.square
    mean_square = share * (settled + (1 - settled) * share)
    return Terms(0.0, 0, signal._replace(square=share, mean_square=mean_square, rectified=True))


@propagate.register
def _(op: ops.Product, signal: Signal) -> Terms:
    parts = [propagate(branch, signal) for branch in op.branches]
    square = math.prod(part.signal.square for part in parts)
    mean_square = math.prod(part.signal.mean_square for part in parts)
    shape = output_shape(op, signal.shape)
    return Terms(sum(part.log_norms for part in parts), 0, Signal(shape, square, mean_square))
