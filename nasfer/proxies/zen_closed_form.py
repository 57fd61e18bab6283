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

**Branches.** Parts that are concatenated are one signal whose moments are their means over values;
those that are added add up, with the channel means of rectified ones. Before it saturates, each
ReLU lets ``1 - c`` grow by the same factor ``s``, the kernel's slope at 1, so parts of ``r_i``
ReLUs and variances ``v_i`` have grown as ``log_s(sum v_i s^r_i / sum v_i)`` ReLUs would let them.
Of a max-pool over ``n`` cells the largest of ``n`` independent normals is known; it passes the
perturbation of one cell on, which is as so many ReLUs as let ``1 - c`` grow as much.

**Gates** act through the mean of their square; those that are constant over a channel's cells scale
``mean_square`` as much, others by the square of their mean. Their batch norms count.

**Head.** Where it goes on convolving, the score ends at its global means: the sum over the maps
that these read.

**Assumptions.** Wide layers, independent channels, positions alike; a gate is independent of what
it multiplies and adds nothing to the perturbation. A gate that reads the mean or the maximum over
cells takes these as independent: right behind a ReLU, where the channel's mean rules; too small
behind a linear bottleneck, where that is 0, and on maps of few cells. There each SE gate is
underrated by about 0.1 nat, each of CBAM by up to 0.4. Fidelity is measured in
``benchmarks/closed_form_fidelity.py`` and printed in ``results/closed_form_fidelity.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from nasfer.arch import Arch, Block, ops
from nasfer.arch.ops import Op
from nasfer.costs import input_shape
from nasfer.proxies._base import Settings, register_proxy
from nasfer.proxies.gaussian_integrals import KERNEL_AT_ZERO, arc_cosine_kernel
from nasfer.proxies.mean_field import Signal, Terms
from nasfer.proxies.readings import propagate, propagate_part

GAMMA = 0.01
"""Size of the scorer's perturbation."""


@lru_cache(maxsize=4096)
def _perturbation_after(relus: int, gamma: float) -> float:
    correlation = 1 / math.sqrt(1 + gamma * gamma)
    for _ in range(relus - 1):
        spread = arc_cosine_kernel(correlation) - KERNEL_AT_ZERO
        correlation = spread / (0.5 - KERNEL_AT_ZERO)
    return 0.5 * math.log((2 - 2 * correlation) / (2 * math.pi))


def perturbation_term(relus: float, gamma: float = GAMMA) -> float:
    """Return the log of the mean absolute difference after ``relus`` layers, for one output value.

    Between whole numbers, which mixtures of branches lie between, the term is interpolated.

    Example:
        >>> perturbation_term(1) < perturbation_term(20) < perturbation_term(20.5)
        True
    """
    whole = int(relus)
    term = _perturbation_after(whole, gamma)
    if whole == relus:
        return term
    return term + (relus - whole) * (_perturbation_after(whole + 1, gamma) - term)


def block_terms(block: Block, signal: Signal) -> Terms:
    """Return what one block adds to the score; the energy profile starts uniform behind it.

    So a block's terms depend on its fields and the moments before it alone, and can be kept.
    """
    terms = propagate(block.ops(), signal)
    return terms._replace(signal=terms.signal._replace(rows=None, columns=None))


class _End(NamedTuple):
    """A map that a global mean reads: ``log_size`` is the log of its values and their scale."""

    log_size: float
    relus: float


@lru_cache(maxsize=65536)
def _head_ends(head: Block, signal: Signal) -> tuple[float, tuple[_End, ...]]:
    """Follow the head to its global means: the score of its batch norms, and the maps there."""
    reached = list(_ends(head.ops(), signal)) or [Terms(0.0, 0, signal)]
    ends = []
    for _, relus, last in reached:
        scale = 2 * last.square if last.rectified else 4 * last.square
        log_size = math.log(last.shape.numel) + 0.5 * math.log(scale)
        ends.append(_End(log_size, relus if last.rectified else relus + 1))
    return sum(terms.log_norms for terms in reached), tuple(ends)


def _ends(op: Op, signal: Signal) -> Iterator[Terms]:
    """Yield the terms up to each global mean outside gates; norms before a fork count once."""
    match op:
        case ops.GlobalMean():
            yield Terms(0.0, 0, signal)
        case ops.Sequence():
            log_norms, relus = 0.0, 0.0
            for child in op.children:
                found = list(_ends(child, signal))
                for index, end in enumerate(found):
                    before = log_norms if index == 0 else 0.0
                    yield Terms(before + end.log_norms, relus + end.relus, end.signal)
                if found:
                    return
                if isinstance(child, ops.Linear):
                    return
                part = propagate_part if isinstance(child, ops.Sequence) else propagate
                terms, depth, signal = part(child, signal)
                log_norms += terms
                relus += depth
        case ops.Concat() | ops.Outputs():
            for branch in op.branches:
                yield from _ends(branch, signal)


def final_score(log_norms: float, relus: float, signal: Signal, head: Block) -> float:
    """Join the sums over blocks to the score, by way of the head where it goes on convolving.

    Raises:
        ProxyError: the derivation does not cover the head.
    """
    behind, ends = _head_ends(head, signal)
    if len(ends) == 1:
        return log_norms + behind + ends[0].log_size + perturbation_term(relus + ends[0].relus)
    terms = [end.log_size + perturbation_term(relus + end.relus) for end in ends]
    largest = max(terms)
    together = math.log(sum(math.exp(term - largest) for term in terms))
    return log_norms + behind + largest + together


@register_proxy(
    "zen_closed_form", unit="nat", source="derivation in nasfer.proxies.zen_closed_form"
)
def zen_closed_form(arch: Arch, settings: Settings) -> float:
    """Expected Zen-score by mean-field theory, in microseconds and without a network.

    Raises:
        ProxyError: an operation outside the derivation.
    Source: the module's derivation, for the score of Lin et al., ICCV 2021, arXiv:2102.01063.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> round(zen_closed_form(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), Settings()), 2)
        6.88
    """
    signal = Signal(input_shape(arch, settings.resolution))
    log_norms, relus = 0.0, 0.0
    for block in arch.blocks:
        terms = block_terms(block, signal)
        log_norms += terms.log_norms
        relus += terms.relus
        signal = terms.signal
    return final_score(log_norms, relus, signal, arch.head)
