"""Searching a space whose head is searched, and members that cannot be measured."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from nasfer import api
from nasfer.arch import Arch
from nasfer.presets import load_arch
from nasfer.proxies import Settings
from nasfer.searching.candidates import distinct


def test_candidates_that_zen_refuses_are_ranked_by_another_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(arch: Arch, settings: Settings, repeats: int) -> dict[str, Any]:
        return {"digest": arch.digest(), "structure": str(arch), "error": "refused"}

    monkeypatch.setattr("nasfer.searching.search.measure", refuse)
    result = api.search("amp_net", iterations=200, top=2, repeats=1, resolution=64, proxy="depth")
    assert len(result.candidates) == len(result.failures) == 2
    assert all(candidate.zen is None for candidate in result.candidates)


def test_other_heads_are_other_networks() -> None:
    arch = load_arch("efficientface")
    other = dataclasses.replace(arch, head=dataclasses.replace(arch.head, dropout=0.5))
    assert distinct([arch, other, arch]) == [arch, other]
