"""The check of the presets passes for all ten, and catches a wrong number."""

from __future__ import annotations

import dataclasses

import pytest

from nasfer.presets import PRESETS
from nasfer.verify import check_preset


@pytest.mark.parametrize("name", PRESETS.names())
def test_every_preset_is_the_published_network(name: str) -> None:
    verdict = check_preset(name)
    assert verdict.faults == ()
    assert verdict.logits_gap is not None
    assert verdict.logits_gap <= 1e-4


def test_a_wrong_number_is_named_by_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    preset = PRESETS.get("emo_net")
    # The file's line is found by the number that stands there: borrow one that does.
    monkeypatch.setitem(PRESETS._entries, "emo_net", dataclasses.replace(preset, params=224))
    (fault,) = check_preset("emo_net").faults
    assert "presets/emo_net.py:" in fault
    assert "params of emo_net is 2310738, the file says 224" in fault


def test_a_wrong_network_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    other = dataclasses.replace(PRESETS.get("zennet_m"), arch=PRESETS.get("zennet_m_sa").arch)
    monkeypatch.setitem(PRESETS._entries, "zennet_m", other)
    faults = check_preset("zennet_m").faults
    assert len(faults) == 3
    assert "missing lw_att" in faults[-1]
