"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nasfer.overview import Overview, Overviewed
from nasfer.searching.candidates import Candidate


@dataclass(frozen=True, slots=True, repr=False)
class SearchResult(Overviewed):
    """What a search found.

    Args:
        candidates: ranked, best first.
        front: the best network at every size, by the proposals' score; of every family of a space
            of several.
        failures: ledger lines of candidates that could not be scored or measured, with the errors.
        missing: families of a space of several of which nothing was ranked, with the reasons.
    """

    candidates: list[Candidate]
    front: list[Candidate]
    failures: list[dict[str, Any]]
    missing: dict[str, str] = field(default_factory=dict)

    def overview(self) -> Overview:
        """Return the ranking in short."""
        count, sizes = len(self.candidates), len(self.front)
        rows = [{"rank": rank, **one.brief()} for rank, one in enumerate(self.candidates, 1)]
        return Overview(
            f"SearchResult: {count} candidates, best first; {sizes} sizes on the front",
            {
                "best": str(self.best.arch) if self.candidates else None,
                "not scored": len(self.failures) or None,
                "families without any": ", ".join(self.missing) or None,
            },
            rows,
        )

    @property
    def best(self) -> Candidate:
        """The first of the ranking."""
        return self.candidates[0]

    @property
    def chosen_family(self) -> str | None:
        """The best candidate's family; ``None`` in a space of one."""
        return self.best.family

    def best_of_families(self) -> list[Candidate]:
        """Return the best candidate of each family, best first; none in a space of one family."""
        best: dict[str, Candidate] = {}
        for candidate in self.candidates:
            if candidate.family is not None:
                best.setdefault(candidate.family, candidate)
        return list(best.values())

    def family_rows(self) -> list[dict[str, Any]]:
        """Return a row of tables for each family: its best candidate, or why there is none.

        The column ``note`` holds the reason; counts and scores of such a family are ``None``.
        """
        rows = []
        for candidate in self.best_of_families():
            row = candidate.row()
            structure = row.pop("structure")
            rows.append({"family": row.pop("family"), **row, "note": "", "structure": structure})
        blank = dict.fromkeys(rows[0]) if rows else {}
        for family, reason in self.missing.items():
            rows.append({**blank, "family": family, "note": reason})
        return rows
