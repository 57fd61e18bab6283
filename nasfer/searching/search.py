"""The search: propose on a cheap score, measure the best, rank; resumable at every point."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.runs.folder import RunFolder
from nasfer.searching.candidates import Candidate, distinct, make_candidate, measure, rank
from nasfer.searching.progress import Progress, Watch
from nasfer.searching.proposing import propose
from nasfer.searching.result import SearchResult
from nasfer.searching.settings import SearchSettings
from nasfer.space import Space


def run_search(
    space: Space,
    settings: SearchSettings,
    folder: RunFolder | None = None,
    watch: Watch | None = None,
) -> SearchResult:
    """Search a space.

    Args:
        space: where candidates come from.
        settings: what decides the result.
        folder: where state and ledger are kept; a folder that holds some is gone on with, and one
            that is finished is only read.
        watch: called now and then with the progress.
    Raises:
        BudgetError: no member within the budget was found; the message holds the smallest one.
        ProxyError: nothing can be scored, or none of the best candidates can be measured.
        RunFolderError: the folder cannot be written or is damaged.
    """
    watch = watch or (lambda progress: None)
    strategy, prospects = propose(space, settings, folder, watch)
    values = {a: outcome.value for a, outcome in strategy.population.best() if not outcome.slack}
    family_of = strategy.space.family
    top = _shortlist(values, family_of, settings)
    lines = {line["digest"]: line for line in (folder.ledger() if folder else [])}
    scoring = settings.proxy_settings()
    for index, arch in enumerate(top if settings.top else []):
        watch(Progress("measure", index, len(top)))
        if arch.digest() not in lines:
            line = measure(arch, scoring, settings.repeats)
            lines[arch.digest()] = line
            if folder:
                folder.append(line)
    watch(Progress("measure", len(top), len(top)))
    failures = [line for line in lines.values() if "error" in line]
    failed = {line["digest"]: line["error"] for line in failures if settings.objective.is_zen}
    several = len(space.families) > 1

    def make(arch: Arch, value: float) -> Candidate:
        line = lines.get(arch.digest())
        family = family_of(arch) if several else None
        return make_candidate(arch, value, settings.objective, scoring, line, family=family)

    candidates = [make(arch, values[arch]) for arch in top if arch.digest() not in failed]
    if not candidates:
        raise ProxyError(f"none of the best {len(top)} could be measured: {failures[0]['error']}")
    front = [make(arch, outcome.value) for arch, outcome in strategy.front.members()]
    missing = prospects.missing()
    for arch in top:
        if all(candidate.family != family_of(arch) for candidate in candidates) and several:
            missing[family_of(arch)] = f"its best cannot be measured: {failed[arch.digest()]}"
    return SearchResult(rank(candidates), front, failures, missing)


def _shortlist(
    values: Mapping[Arch, float], family_of: Callable[[Arch], str], settings: SearchSettings
) -> list[Arch]:
    """Choose what is measured: the best of each family, as many of each, all distinct.

    Args:
        values: feasible proposals with their values, best first.
    """
    families: dict[str, dict[Arch, float]] = {}
    for arch, value in values.items():
        families.setdefault(family_of(arch), {})[arch] = value
    share = -(-max(1, settings.top) // max(1, len(families)))
    chosen: list[Arch] = []
    for members in families.values():
        feasible = distinct(members)
        if settings.objective.is_zen:  # it does not see residual links: of equals, measure one
            first = {members[arch]: arch for arch in reversed(feasible)}
            feasible = [arch for arch in feasible if first[members[arch]] is arch]
        chosen += feasible[:share]
    return chosen
