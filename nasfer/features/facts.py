"""`Facts`: the figures of many networks that features are computed from; read with a memo."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nasfer.arch import Arch, Block
from nasfer.arch.ops import Shape
from nasfer.costs import input_shape
from nasfer.errors import SpecError
from nasfer.features.block_facts import STAGES, SUMS, block_facts, stage_of
from nasfer.features.reach import Reach, reach

PLACED = ("layers", "expansion", "kernels", "gates", "log_width")
"""Which of `SUMS` are also kept by place."""

PLACES = 3
"""Blocks of one map size that are told apart; later ones count to the last place."""

MEMO_ROWS = 100_000
"""Blocks remembered at most, at each shape; beyond it the memo starts anew."""

_PLACED = [SUMS.index(name) for name in PLACED]
_FLOPS_AT = len(SUMS)
_PEAK, _NARROWEST, _END, _REACH = range(_FLOPS_AT + STAGES, _FLOPS_AT + STAGES + 4)
_WIDTH = _REACH + 1


@dataclass(frozen=True)
class Facts:
    """Figures of ``n`` networks at one image size.

    Args:
        image: side of the image, in pixels.
        sums: ``(n, len(SUMS))``: over all blocks and the head.
        flops_at: ``(n, STAGES)``: FLOPs by halvings of the image.
        placed: ``(n, STAGES, PLACES, len(PLACED))``: sums over the blocks that write a map of each
            size, in order; blocks without a convolution have no place.
        peak: ``(n,)`` bytes of activations alive at once, at most.
        narrowest: ``(n,)`` channels of the narrowest convolution outside gates and the head.
        end: ``(n,)`` cells of the last map's side.
        reach: ``(n,)`` pixels of the image's side that a cell of the last map sees.
        kinds: by kind of block, ``(n,)`` blocks of it, the head left out.
    """

    image: int
    sums: np.ndarray
    flops_at: np.ndarray
    placed: np.ndarray
    peak: np.ndarray
    narrowest: np.ndarray
    end: np.ndarray
    reach: np.ndarray
    kinds: dict[str, np.ndarray]

    def sum(self, name: str) -> np.ndarray:
        """Return ``(n,)`` totals of one of `SUMS`."""
        column: np.ndarray = self.sums[:, SUMS.index(name)]
        return column

    @cached_property
    def staged(self) -> np.ndarray:
        """``(n, STAGES, len(PLACED))``: sums over the blocks that write a map of each size."""
        total: np.ndarray = self.placed.sum(axis=2)
        return total


class _Place(dict[Block, tuple[int, "_Place"]]):
    """Between two blocks: the row of every block that was met here, and the place behind it."""

    def __init__(self, shape: Shape, stride: int, reader: FactReader) -> None:
        super().__init__()
        self.shape = shape
        self.stride = stride
        self._reader = reader

    def __missing__(self, block: Block) -> tuple[int, _Place]:
        row, behind = self._reader.add(block, self.shape, self.stride)
        self[block] = row, behind
        return row, behind


class FactReader:
    """Reads the facts of networks at one image size; each block is looked at once a shape.

    Args:
        image: side of the images, in pixels.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> facts = FactReader(8).read([parse_arch("SuperConvK3BNRELU(3,8,2,1)")])
        >>> facts.sum("params"), facts.end
        (array([295.]), array([4.]))
    """

    def __init__(self, image: int) -> None:
        self.image = image
        self._forget()

    def _forget(self) -> None:
        self._places: dict[tuple[Shape, int], _Place] = {}
        self._starts: dict[int, _Place] = {}
        self._rows = np.zeros((256, _WIDTH))
        self._stages: list[int] = []
        self._kinds: list[int] = []
        self._kind_names: dict[str, int] = {}

    def add(self, block: Block, shape: Shape, stride: int) -> tuple[int, _Place]:
        """Look at a block where it reads ``shape``; return its row and the place behind it."""
        facts = block_facts(block, shape, self.image)
        own = Reach() if block.is_head else reach(block.ops())
        row = len(self._stages)
        if row == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        end = float(facts.output.height)
        values = (facts.peak, facts.narrowest, end, float(stride * own.growth))
        self._rows[row] = (*facts.sums, *facts.flops_at, *values)
        placed = facts.sums[SUMS.index("convs")] > 0 and not block.is_head
        self._stages.append(stage_of(self.image, facts.output.height) if placed else -1)
        name = "" if block.is_head else type(block).__name__
        self._kinds.append(self._kind_names.setdefault(name, len(self._kind_names)))
        return row, self._place(facts.output, stride * own.stride)

    def _place(self, shape: Shape, stride: int) -> _Place:
        if (shape, stride) not in self._places:
            self._places[shape, stride] = _Place(shape, stride, self)
        return self._places[shape, stride]

    def read(self, archs: Sequence[Arch]) -> Facts:
        """Return the facts of some networks, in order.

        Raises:
            SpecError: the images are too small for one of them.
        """
        if len(self._stages) > MEMO_ROWS:
            self._forget()
            gc.collect()  # places and reader hold each other
        ids: list[int] = []
        ends: list[int] = []
        for arch in archs:
            ids += self._ids(arch)
            ends.append(len(ids))
        return self._facts(np.array(ids, dtype=int), np.array(ends, dtype=int))

    def read_blocks(self, arch: Arch) -> Facts:
        """Return the facts of each block and of the head where they stand, as networks of one.

        Only what is a sum over blocks means something of them.
        """
        ids = self._ids(arch)
        return self._facts(np.array(ids, dtype=int), np.arange(1, len(ids) + 1))

    def _ids(self, arch: Arch) -> list[int]:
        """Return the rows of an architecture's blocks and head."""
        channels = arch.blocks[0].in_channels
        place = self._starts.get(channels)
        if place is None:
            place = self._place(input_shape(arch, self.image), 1)
            self._starts[channels] = place
        ids = []
        try:
            for block in (*arch.blocks, arch.head):
                row, place = place[block]
                ids.append(row)
        except SpecError as error:
            raise SpecError(f"resolution: {self.image} px is too small: {error}") from None
        return ids

    def _facts(self, ids: np.ndarray, ends: np.ndarray) -> Facts:
        count = len(ends)
        starts = np.concatenate([[0], ends[:-1]]).astype(int)
        rows = self._rows[ids]
        if not count:
            rows, starts = np.zeros((0, _WIDTH)), np.zeros(0, dtype=int)
        body = rows.copy()
        body[ends - 1, _NARROWEST] = np.inf  # a head that goes on convolving is no body
        total = np.add.reduceat(body, starts) if count else body
        network = np.repeat(np.arange(count), ends - starts)
        return Facts(
            self.image,
            total[:, : len(SUMS)],
            total[:, _FLOPS_AT:_PEAK],
            self._placed(rows, ids, network, count),
            np.maximum.reduceat(rows[:, _PEAK], starts) if count else rows[:, _PEAK],
            np.minimum.reduceat(body[:, _NARROWEST], starts) if count else rows[:, _PEAK],
            rows[ends - 2, _END],
            1 + total[:, _REACH],
            self._counted_kinds(ids, network, count),
        )

    def _placed(
        self, rows: np.ndarray, ids: np.ndarray, network: np.ndarray, count: int
    ) -> np.ndarray:
        stages = np.array(self._stages, dtype=int)[ids]
        kept = np.flatnonzero(stages >= 0)
        run = network[kept] * STAGES + stages[kept]
        first = np.flatnonzero(np.diff(run, prepend=-1))
        lengths = np.diff(np.append(first, len(run)))
        order = np.arange(len(run)) - np.repeat(first, lengths)
        cells = run * PLACES + np.minimum(order, PLACES - 1)
        size = count * STAGES * PLACES
        sums = [np.bincount(cells, rows[kept, column], size) for column in _PLACED]
        return np.stack(sums, axis=-1).reshape(count, STAGES, PLACES, len(PLACED))

    def _counted_kinds(
        self, ids: np.ndarray, network: np.ndarray, count: int
    ) -> dict[str, np.ndarray]:
        kinds = np.array(self._kinds, dtype=int)[ids]
        return {
            name: np.bincount(network[kinds == index], minlength=count).astype(float)
            for name, index in self._kind_names.items()
            if name
        }
