"""Features by map size: where layers and FLOPs are, and what the blocks of each size are like.

A size is told by the halvings of the image: ``layers_share_2`` is of maps a quarter of its side.
Within a size the first, second and all later blocks have a place: ``mean_kernel_2_0`` is the
first block's that writes maps of that size.
"""

from __future__ import annotations

import numpy as np

from nasfer.features._base import FEATURES, Feature, Group
from nasfer.features.block_facts import STAGES
from nasfer.features.facts import PLACED, PLACES, Facts

WORDS = {
    "layers": ("layers", "Layers"),
    "expansion": ("layers", "Widenings of the layers' inputs, summed"),
    "kernels": ("cells", "Sides of the layers' kernels, summed"),
    "gates": ("gates", "Gates"),
    "log_width": ("nat", "Logarithms of the layers' channels, summed"),
}
"""Unit and words of what is kept by place."""


def _add(name: str, group: Group, unit: str, summary: str, compute: object, add: bool) -> None:
    FEATURES.add(name, Feature(name, group, unit, summary, compute, add))  # type: ignore[arg-type]


def _share_features(stage: int, where: str) -> None:
    def flops(facts: Facts) -> np.ndarray:
        share: np.ndarray = facts.flops_at[:, stage] / np.maximum(1, facts.sum("flops"))
        return share

    def layers(facts: Facts) -> np.ndarray:
        share: np.ndarray = facts.staged[:, stage, 0] / np.maximum(1, facts.sum("layers"))
        return share

    def flops_there(facts: Facts) -> np.ndarray:
        there: np.ndarray = facts.flops_at[:, stage] / 1e6
        return there

    _add(f"flops_share_{stage}", "sizes", "share", f"FLOPs on {where}.", flops, False)
    _add(f"layers_share_{stage}", "sizes", "share", f"Layers of blocks to {where}.", layers, False)
    unit = "million multiply-adds"
    _add(f"flops_{stage}", "sums", unit, f"FLOPs on {where}, in millions.", flops_there, True)


def _staged_feature(stage: int, column: int, where: str) -> None:
    name = PLACED[column]
    unit, words = WORDS[name]

    def compute(facts: Facts) -> np.ndarray:
        there: np.ndarray = facts.staged[:, stage, column]
        return there

    _add(f"{name}_{stage}", "sums", unit, f"{words}, of blocks to {where}.", compute, True)


def _placed_feature(stage: int, place: int, column: int, where: str) -> None:
    """A count of layers, and of the rest the mean over these layers."""
    name = PLACED[column]
    unit, words = WORDS[name]

    def compute(facts: Facts) -> np.ndarray:
        there: np.ndarray = facts.placed[:, stage, place, column]
        return there if column == 0 else there / np.maximum(1, facts.placed[:, stage, place, 0])

    which = ("first block", "second block", "later blocks")[place]
    title = name if column == 0 else f"mean_{name.removesuffix('s') if column == 2 else name}"
    over = "" if column == 0 else ", over the layers"
    summary = f"{words}{over}, of the {which} to {where}."
    _add(f"{title}_{stage}_{place}", "places", unit, summary, compute, False)


for _stage in range(STAGES):
    _where = f"maps of 1/{2**_stage} of the image's side" if _stage else "maps of the image's size"
    _share_features(_stage, _where)
    for _column in range(len(PLACED)):
        _staged_feature(_stage, _column, _where)
        for _block in range(PLACES):
            _placed_feature(_stage, _block, _column, _where)
