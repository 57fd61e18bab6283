"""Held-out splits: stratified, and decided by names and seed alone."""

from __future__ import annotations

import pytest

from nasfer.data.listing import Item
from nasfer.data.splitting import hold_out

ITEMS = [Item(f"{k}.png", (float(k % 3 == 0), float(k % 3 != 0))) for k in range(60)]


def test_the_order_of_the_images_does_not_matter() -> None:
    _, held = hold_out(ITEMS, 0.2, seed=3)
    _, again = hold_out(ITEMS[::-1], 0.2, seed=3)
    assert {item.name for item in held} == {item.name for item in again}


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_every_class_gives_its_share_and_no_image_is_lost(share: float) -> None:
    stay, held = hold_out(ITEMS, share, seed=0)
    assert sorted(item.name for item in stay + held) == sorted(item.name for item in ITEMS)
    for label, count in ((0, 20), (1, 40)):
        assert sum(item.label == label for item in held) == round(share * count)


def test_a_rare_class_is_in_both_parts_and_a_single_image_stays() -> None:
    rare = [Item("a", (1.0, 0.0)), Item("b", (1.0, 0.0)), Item("c", (0.0, 1.0))]
    stay, held = hold_out(rare, 0.1, seed=0)
    assert [item.label for item in held] == [0]
    assert [item.label for item in stay] == [0, 1]
