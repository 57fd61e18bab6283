"""Every operation has a rule for every reader, and the readers agree with its torch module."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from nasfer.arch import ops
from nasfer.arch.ops import Op, Shape, operation
from nasfer.arch.parts import COMBINATORS, children, leaves
from nasfer.arch.shapes import output_shape
from nasfer.costs.cost import _tree_cost
from nasfer.costs.counters import count
from nasfer.costs.memory import BRANCHES, CHAINS, peak_activation_bytes, peak_values
from nasfer.errors import ProxyError, SpecError
from nasfer.models import build
from nasfer.proxies.mean_field import Signal
from nasfer.proxies.propagation import REFUSED
from nasfer.proxies.readings import propagate

MAP, POOLED = Shape(8, 6, 6), Shape(8, 1, 1)
CONV, WIDER = ops.Conv(8, 8, 3), ops.Conv(8, 16, 3, stride=2)

EXAMPLES: dict[type[Op], tuple[Op, Shape]] = {
    type(op): (op, shape)
    for op, shape in (
        (ops.Conv(8, 16, 3, 2, groups=2, bias=True), MAP),
        (ops.Linear(8, 5), POOLED),
        (ops.BatchNorm(8), MAP),
        (ops.GroupNorm(2, 8), MAP),
        (ops.RELU, MAP),
        (ops.GlobalMean(), MAP),
        (ops.MaxPool(3, 2, 1), MAP),
        (ops.Dropout(0.5), MAP),
        (ops.Flatten(), POOLED),
        (ops.ChannelAffine(8), MAP),
        (ops.Scale(), MAP),
        (ops.Shuffle(2), MAP),
        (ops.Times(0.5), MAP),
        (ops.ChannelConv(3), POOLED),
        (ops.LayerNorm(8), POOLED),
        (ops.Unflatten(), POOLED),
        (ops.AdaptiveMean(2), MAP),
        (ops.GlobalMax(), MAP),
        (ops.ChannelMean(), MAP),
        (ops.ChannelMax(), MAP),
        (ops.Softmax(), MAP),
        (ops.RepeatChannels((1, 2, 1, 1, 1, 1, 1, 3)), MAP),
        (ops.SumGroups(2), MAP),
        (ops.Resize(12, 9), MAP),
        (ops.StochasticDepth(0.1), MAP),
        (ops.Region("window", 2), MAP),
        (ops.Unused(CONV), MAP),
        (ops.sequence(CONV, ops.RELU, WIDER), MAP),
        (ops.Residual(WIDER, ops.Conv(8, 16, 1, 2)), MAP),
        (ops.Gate(ops.sequence(ops.GlobalMean(), ops.Conv(8, 8, 1), ops.SIGMOID)), MAP),
        (ops.Sum((CONV, ops.sequence())), MAP),
        (ops.Product((CONV, ops.GlobalMean())), MAP),
        (ops.Concat((CONV, ops.ChannelMax())), MAP),
        (ops.Split((ops.Conv(4, 2, 3), ops.Conv(4, 3, 1))), MAP),
        (ops.Fold(2, ops.Conv(4, 4, 3)), MAP),
        (ops.Quadrants((WIDER,) * 4, stride=2), MAP),
        (ops.Resized(WIDER), MAP),
        (ops.Outputs((CONV, CONV), (0.5, 0.5)), MAP),
    )
}


def kinds(base: type[Op] = Op) -> Iterator[type[Op]]:
    """Yield nasfer's operations; `dataclass(slots=True)` leaves a twin of each behind."""
    for kind in base.__subclasses__():
        yield from kinds(kind)
        if kind.__module__.startswith("nasfer."):
            yield getattr(sys.modules[kind.__module__], kind.__name__)


KINDS = sorted(set(kinds()), key=lambda kind: kind.__name__)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@each_kind
def test_every_reader_has_a_rule_for_every_operation(kind: type[Op]) -> None:
    readers: tuple[Any, ...] = (output_shape, count, peak_values, build, propagate)
    for reader in readers:
        assert reader.dispatch(kind) is not reader.dispatch(Op), reader.__name__
    assert (kind in COMBINATORS) == (kind in (*CHAINS, *BRANCHES))
    assert kind.__name__ in ops.__all__


@each_kind
def test_the_rules_agree_with_the_torch_module(kind: type[Op]) -> None:
    op, shape = EXAMPLES[kind]
    module = build(op).eval()
    x = torch.rand(2, *shape[:3])
    read: Any = x
    if kind in (ops.Linear, ops.LayerNorm, ops.Unflatten):
        read = x.flatten(1)
    if kind is ops.Region:
        read = (x, torch.full((2, 5, 2), 112.0))
    with torch.no_grad():
        out = module(read)
    written = output_shape(op, shape)
    for part in out if isinstance(out, tuple) else (out,):
        assert tuple(part.shape) in {(2, *written[:3]), (2, written.channels)}
    counts, end = _tree_cost(op, shape)
    assert end == written
    assert counts.params == sum(parameter.numel() for parameter in module.parameters())
    assert counts.params == sum(count(leaf, *at).params for _, leaf, *at in leaves(op, shape))
    assert peak_activation_bytes(op, shape) >= 4 * max(shape.numel, written.numel)


@each_kind
def test_the_closed_form_is_a_rule_or_a_refusal(kind: type[Op]) -> None:
    op, shape = EXAMPLES[kind]
    if kind in REFUSED:
        with pytest.raises(ProxyError, match=f"no mean field for {kind.__name__}"):
            propagate(op, Signal(shape))
    else:
        assert propagate(op, Signal(shape)).signal.shape == output_shape(op, shape)


@operation
class Strange(Op):
    """An operation that nobody knows."""


READERS: dict[str, Callable[[Op], object]] = {
    "shape": lambda op: output_shape(op, MAP),
    "cost": lambda op: count(op, MAP, MAP),
    "memory": lambda op: peak_activation_bytes(op, MAP),
    "children": lambda op: list(children(op, MAP)),
    "torch module": build,
}


@pytest.mark.parametrize("what", READERS)
def test_an_operation_without_a_rule_is_an_error_that_names_it(what: str) -> None:
    with pytest.raises(SpecError, match=f"^Strange: no rule for its {what}; nasfer"):
        READERS[what](Strange())


def test_an_operation_without_a_closed_form_is_refused_by_name() -> None:
    with pytest.raises(ProxyError, match="no mean field for Strange"):
        propagate(Strange(), Signal(MAP))
