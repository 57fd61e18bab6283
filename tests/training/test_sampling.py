"""Orders depend on seed and epoch alone; balanced ones make classes equally frequent."""

from __future__ import annotations

import torch

from nasfer.training.sampling import epoch_order

LABELS = torch.tensor([0] * 900 + [2] * 90 + [3] * 10)


def test_a_plain_order_is_a_permutation_of_its_own_each_epoch() -> None:
    orders = [
        epoch_order(LABELS, balanced=False, seed=seed, epoch=epoch)
        for seed, epoch in [(0, 0), (0, 1), (1, 0), (1, 1), (11, 0), (1, 10)]
    ]
    for order in orders:
        assert torch.equal(order.sort()[0], torch.arange(1000))
    assert len(torch.unique(torch.stack(orders), dim=0)) == len(orders)


def test_an_order_is_the_same_whenever_it_is_asked() -> None:
    for balanced in (False, True):
        first = epoch_order(LABELS, balanced=balanced, seed=3, epoch=5)
        torch.rand(3)
        assert torch.equal(first, epoch_order(LABELS, balanced=balanced, seed=3, epoch=5))


def test_a_balanced_order_draws_all_classes_that_occur_alike() -> None:
    order = epoch_order(LABELS, balanced=True, seed=0, epoch=0)
    assert len(order) == 1000
    counts = torch.bincount(LABELS[order], minlength=4)
    assert counts[1] == 0
    assert ((counts[[0, 2, 3]] - 1000 / 3).abs() < 60).all()  # 4 standard deviations
