"""Candidates: the best proposals, scored again by the measured Zen-score and ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nasfer.arch import Arch
from nasfer.cleaning import one_line
from nasfer.costs import Cost, cost
from nasfer.errors import ProxyError
from nasfer.overview import LONGEST_LINE, Overview, Overviewed
from nasfer.proxies import Score, Settings, score
from nasfer.quantity import format_quantity
from nasfer.searching.objective import CLOSED_FORM, Objective


@dataclass(frozen=True, slots=True, repr=False)
class Candidate(Overviewed):
    """One network of a search's result.

    Args:
        arch: the network.
        cost: at the search's resolution.
        closed_form: closed-form Zen-score; ``None`` outside its derivation.
        zen: measured Zen-score with its draws; ``None`` if it was not measured.
        value: of the objective, by which candidates are ranked.
        family: of the network, in a space of several families.
        resolution: side of the images that cost and scores are of, in pixels.
    """

    arch: Arch
    cost: Cost
    closed_form: float | None
    zen: Score | None
    value: float
    family: str | None = None
    resolution: int = 0

    def overview(self) -> Overview:
        """Return what it is in short."""
        facts = {name: value or None for name, value in self.brief().items()}
        return Overview("Candidate", {**facts, "structure": str(self.arch)})

    def __repr__(self) -> str:
        """Return one line: candidates are looked at in lists."""
        facts = (f"{name} {value}" for name, value in self.brief().items() if value)
        return one_line(f"Candidate({', '.join(facts)})", LONGEST_LINE)

    def brief(self) -> dict[str, str]:
        """Return what tells it from others, as text."""
        return {
            "digest": self.arch.digest(),
            **({} if self.family is None else {"family": self.family}),
            "zen": "" if self.zen is None else f"{float(self.zen):.2f}",
            "closed form": "" if self.closed_form is None else f"{self.closed_form:.2f}",
            "flops": format_quantity(self.cost.flops),
            "params": format_quantity(self.cost.params),
            "layers": str(self.cost.layers),
        }

    def row(self, *, with_value: bool = False) -> dict[str, Any]:
        """Return the candidate as a row of tables; exact integers, scores as they are."""
        row: dict[str, Any] = {
            "digest": self.arch.digest(),
            **({} if self.family is None else {"family": self.family}),
            "zen_mean": None if self.zen is None else float(self.zen),
            "zen_std": None if self.zen is None else self.zen.std,
            "zen_closed_form": self.closed_form,
            "flops": self.cost.flops,
            "macs": self.cost.macs,
            "params": self.cost.params,
            "layers": self.cost.layers,
            "resolution": self.resolution,
        }
        if with_value:
            row["objective"] = self.value
        return {**row, "structure": str(self.arch)}


def distinct(archs: Iterable[Arch]) -> list[Arch]:
    """Leave out architectures that are the same chain of operations as an earlier one.

    Two blocks of 3 and 2 repeats and equal widths are the same network as one of 5.

    Example:
        >>> from nasfer.arch import parse_arch
        >>> one = parse_arch("SuperConvK3BNRELU(3,8,2,2)")
        >>> two = parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperConvK3BNRELU(8,8,1,1)")
        >>> len(distinct([one, two]))
        1
    """
    networks: dict[str, Arch] = {}
    for arch in archs:
        trees = [block.ops() for block in (*arch.blocks, arch.head)]
        parts = (part for tree in trees for part in getattr(tree, "children", (tree,)))
        networks.setdefault(" ".join(map(repr, parts)), arch)
    return list(networks.values())


def measure(arch: Arch, settings: Settings, repeats: int) -> dict[str, Any]:
    """Measure the Zen-score and return a ledger line; a failure is a line too, never a score.

    Draws use seeds 0, 1, ...: the same for every candidate of every run, so that scores compare,
    and ``nasfer score ARCH --proxy zen --repeats N`` prints the same numbers.
    """
    line: dict[str, Any] = {"digest": arch.digest(), "structure": str(arch)}
    try:
        zen = score(
            arch,
            "zen",
            seed=0,
            repeats=repeats,
            resolution=settings.resolution,
            batch=settings.batch,
            device=settings.device,
        )
    except ProxyError as error:
        return {**line, "error": str(error)}
    return {**line, "zen": list(zen.draws)}


def make_candidate(
    arch: Arch,
    proposal_value: float,
    objective: Objective,
    settings: Settings,
    line: Mapping[str, Any] | None = None,
    *,
    family: str | None = None,
) -> Candidate:
    """Join what is known of a network: its cost, closed form, ledger line and value.

    Args:
        proposal_value: the objective's value as the proposal was scored.
        line: its ledger line, if it was measured; where the objective is a Zen-score, the value
            then stands on the measured one.
        family: its family, in a space of several.
    """
    try:
        closed_form = float(score(arch, CLOSED_FORM, resolution=settings.resolution))
    except ProxyError:
        closed_form = None
    zen = Score(list(line["zen"])) if line and "zen" in line else None
    value = proposal_value
    if zen is not None and objective.is_zen:
        value = objective.value(arch, float(zen), settings)
    side = settings.resolution
    return Candidate(arch, cost(arch, side), closed_form, zen, value, family, side)


def rank(candidates: list[Candidate]) -> list[Candidate]:
    """Sort candidates, best first; equal ones by digest."""
    return sorted(candidates, key=lambda c: (-c.value, c.arch.digest()))
