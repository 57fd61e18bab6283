"""The published networks of a space, to compare what a search found with."""

from __future__ import annotations

from contextlib import suppress

from nasfer.errors import ProxyError
from nasfer.presets import PRESETS
from nasfer.searching.budget import Budget
from nasfer.searching.candidates import Candidate, make_candidate
from nasfer.searching.evaluator import Evaluator
from nasfer.searching.settings import SearchSettings
from nasfer.space import Space


def published_members(space: Space, settings: SearchSettings) -> dict[str, Candidate]:
    """Return the presets that a space holds with its family's own head, scored as proposals are.

    Those that cannot be scored so are left out.
    """
    evaluate = Evaluator(
        Budget(), settings.objective, settings.proxy_settings(), settings.proposal_settings()
    )
    heads = {part.name: part.start.head for part in space.parts}
    members = {}
    for preset in PRESETS:
        arch = preset.arch
        if not space.contains(arch) or arch.head != heads[space.family(arch)]:
            continue
        with suppress(ProxyError):
            value = evaluate(arch).value
            members[preset.name] = make_candidate(
                arch, value, settings.objective, settings.proxy_settings()
            )
    return members
