"""Where a search stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a search stands, for a bar or a line.

    Args:
        stage: ``"propose"`` or ``"measure"``.
        done: proposals or candidates finished.
        total: of them.
        best: best objective so far, ``None`` before the first.
        feasible: share of this session's proposals that kept the budget.
        rate: proposals a second in this session.
    """

    stage: str
    done: int
    total: int
    best: float | None = None
    feasible: float = 0.0
    rate: float = 0.0


Watch = Callable[[Progress], None]
"""What is called with the progress, now and then."""
