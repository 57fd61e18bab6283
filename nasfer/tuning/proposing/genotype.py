"""A member of a space as Optuna's parameters: a value for every field that moves, widths in shares.

Each position of the start holds one block; splits of a block are left to nasfer's own strategies.
A width is a share of its range on a logarithmic scale: 0 the narrowest, 1 the widest. A member over
the budget is brought back by one factor on all shares, so that most proposals are worth a training.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nasfer.arch import Arch, Block
from nasfer.costs import cost
from nasfer.errors import SpecError
from nasfer.searching.budget import Budget
from nasfer.space import FamilySpace, FieldMoves
from nasfer.space.slots import Slot, carried

if TYPE_CHECKING:
    import optuna

HALVINGS = 10
"""Steps of the search for the factor; the widths are then within 0.1 % of the widest that fit."""

Widths = dict[str, float]


def suggest_member(
    trial: optuna.Trial, space: FamilySpace, budget: Budget, resolution: int
) -> Arch | None:
    """Return the member that a trial's parameters stand for, ``None`` if it has none in the budget.

    Args:
        trial: asked for a parameter of each field.
        space: a family.
        budget: limits.
        resolution: side of the images on which they count, in pixels.
    """
    parts = [_suggested(trial, f"{space.name}.{index}", slot)
             for index, slot in enumerate(space.slots)]  # fmt: skip
    head = space.head_slot
    head_part = None if head is None else _suggested(trial, f"{space.name}.head", head)

    def build(factor: float) -> Arch | None:
        try:
            blocks: list[Block] = []
            for part in parts:
                channels = blocks[-1].out_channels if blocks else None
                blocks.append(part(factor, channels))
            last = blocks[-1].out_channels
            if head_part is None:
                tail = dataclasses.replace(space.start.head, in_channels=last)
            else:
                tail = head_part(factor, last)
            arch = Arch(tuple(blocks), tail)
        except SpecError:
            return None
        return arch if space.contains(arch) else None

    def fits(arch: Arch | None) -> bool:
        try:
            if arch is None:
                return False
            return budget.why_not(arch, cost(arch, resolution), resolution) is None
        except SpecError:
            return False

    widest = build(1.0)
    if fits(widest):
        return widest
    low, high, best = 0.0, 1.0, build(0.0)
    if not fits(best):
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        arch = build(middle)
        if fits(arch):
            low, best = middle, arch
        else:
            high = middle
    return best


def _suggested(trial: optuna.Trial, name: str, slot: Slot) -> Callable[[float, int | None], Block]:
    """Ask for a position's parameters; return what builds its block for a factor on widths."""
    kinds = {kind.__name__: kind for kind in slot.moves}
    chosen = next(iter(kinds))
    if len(kinds) > 1:
        chosen = trial.suggest_categorical(f"{name}.kind", list(kinds))
    kind = kinds[chosen]
    fields: dict[str, Any] = {f: carried(slot.start, kind, f) for f in kind.__match_args__}
    widths: Widths = {}
    for field, moves in slot.moves[kind].items():
        label = f"{name}.{chosen}.{field}"
        if moves.choices:
            fields[field] = trial.suggest_categorical(label, list(moves.choices))
        elif moves.scale:
            widths[field] = trial.suggest_float(label, 0.0, 1.0)
        else:
            index = trial.suggest_int(label, 0, len(moves.domain) - 1)
            fields[field] = moves.domain[index]

    def build(factor: float, channels: int | None) -> Block:
        values = {f: width(slot.moves[kind][f], share * factor) for f, share in widths.items()}
        if channels is not None:
            values["in_channels"] = channels
        return kind(**{**fields, **values})

    return build


def width(moves: FieldMoves, share: float) -> int:
    """Return the width at a share of a range's logarithmic scale.

    Example:
        >>> [width(FieldMoves(scale=(2.0,), multiple_of=8, max=512), s) for s in (0.0, 0.5, 1.0)]
        [8, 64, 512]
    """
    least, most = int(moves.domain[0]), int(moves.domain[-1])
    units = least * (most / least) ** share / moves.multiple_of
    return min(most, max(least, round(units) * moves.multiple_of))
