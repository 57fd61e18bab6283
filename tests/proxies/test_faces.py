"""Proxies that look at a user's faces: ridge_probe, shift, early_loss."""

from __future__ import annotations

import pytest
import torch
from sklearn.linear_model import RidgeClassifier
from torch.nn import functional

from nasfer.arch import parse_arch
from nasfer.errors import DataError, ProxyError
from nasfer.models.residuals import residual_links, zero_residuals
from nasfer.proxies import PROXIES, Settings, early_loss, ridge_probe, score
from nasfer.proxies.faces import draw_faces
from nasfer.proxies.fresh_network import (
    default_network,
    draws,
    features,
    fresh_network,
    logits,
    norms_on_the_batch,
)
from nasfer.proxies.ridge_probe import left_out_accuracy
from nasfer.proxies.shift import directions
from nasfer.testing import FACES

TWO = parse_arch("SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)")
SETTINGS = Settings(seed=5, resolution=48, data=FACES)
READERS = [proxy.name for proxy in PROXIES if proxy.needs_data]


def test_the_proxies_of_faces_say_so() -> None:
    assert sorted(READERS) == ["early_loss", "ridge_probe", "shift"]


@pytest.mark.parametrize("name", READERS)
def test_without_faces_they_refuse_in_one_line(name: str) -> None:
    with pytest.raises(ProxyError, match=f"`proxy`: {name} reads faces; give `data`, NAME:PATH$"):
        score(TWO, name)
    with pytest.raises(DataError, match="no such file"):
        score(TWO, name, data="folder:/nowhere")


def test_a_balanced_draw_has_each_class_alike_often() -> None:
    sample = draw_faces(SETTINGS, 1, draws(SETTINGS), 35, balanced=True)
    assert torch.bincount(sample.labels()).tolist() == [5] * 7
    assert len(sample.chosen.unique()) == 35
    images = draw_faces(SETTINGS, 1, draws(SETTINGS), 1000, balanced=False).images()
    assert images.shape == (70, 1, 48, 48)
    assert abs(float(images.mean())) < 0.2
    assert float(images.std()) == pytest.approx(1, abs=0.2)


def test_left_out_accuracy_equals_fitting_anew_without_each_row() -> None:
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(30, 5, generator=generator, dtype=torch.float64)
    labels = (rows[:, 0] + torch.randn(30, generator=generator) > 0).long()
    standard = (rows - rows.mean(0)) / rows.std(0, correction=0)
    found = []
    for strength in ridge_probe.STRENGTHS:
        hits, squared = 0, 0.0
        for left in range(30):
            kept = [index for index in range(30) if index != left]
            model = RidgeClassifier(alpha=strength * 5).fit(standard[kept], labels[kept])
            value = float(model.decision_function(standard[[left]])[0])
            hits += int(value > 0) == int(labels[left])
            squared += (value - (2 * int(labels[left]) - 1)) ** 2
        found.append((squared, hits / 30))
    assert left_out_accuracy(rows, labels) == pytest.approx(min(found)[1])


def test_features_that_say_nothing_give_chance_and_the_label_itself_everything() -> None:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(140) % 7
    told = functional.one_hot(labels).float()
    assert left_out_accuracy(told + 0.1 * torch.randn(140, 7, generator=generator), labels) == 1
    assert left_out_accuracy(torch.randn(140, 20, generator=generator), labels) < 0.3


def test_ridge_probe_refuses_too_few_faces() -> None:
    with pytest.raises(ProxyError, match="ridge_probe: 7 faces of 7 classes; 10 faces"):
        score(TWO, "ridge_probe", resolution=48, data="drawn,train=7,val=7,test=7")


def test_a_face_that_moves_onto_itself_is_the_same() -> None:
    network = fresh_network(TWO, SETTINGS, draws(SETTINGS))
    striped = torch.randn(8, 1, 48, 1, generator=draws(SETTINGS)).expand(-1, -1, -1, 48)
    plain, moved = directions(network, striped.contiguous())
    assert torch.allclose((plain * moved).sum(1), torch.ones(8), atol=1e-4)


def test_shift_equals_a_naive_rederivation() -> None:
    generator = draws(SETTINGS)
    network = fresh_network(TWO, SETTINGS, generator)
    faces = draw_faces(SETTINGS, 1, generator, 64, balanced=False).images()
    moved = torch.cat([faces[..., -1:], faces[..., :-1]], dim=3)
    with torch.no_grad():
        seen = features(network, torch.cat([faces, moved]))
    centred = seen - seen.mean(0)
    wanted = functional.cosine_similarity(centred[: len(faces)], centred[len(faces) :]).mean()
    found = score(TWO, "shift", seed=5, resolution=48, data=FACES)
    assert float(found) == pytest.approx(wanted.item(), abs=1e-5)


def test_early_loss_of_a_single_step_is_the_loss_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(early_loss, "STEPS", 2)  # one cycle has two ends
    monkeypatch.setattr(early_loss, "LR", 1e-12)
    sample = draw_faces(SETTINGS, 1, draws(SETTINGS), 128, balanced=False)
    network = default_network(TWO, SETTINGS)
    zero_residuals(network)
    norms_on_the_batch(network)
    part = slice(0, 64)
    wanted = functional.cross_entropy(logits(network, sample.images(part)), sample.labels(part))
    found = score(TWO, "early_loss", seed=5, resolution=48, data=FACES)
    assert float(found) == pytest.approx(wanted.item(), abs=1e-5)


def test_early_loss_falls_with_steps_and_a_loss_that_is_no_number_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(early_loss, "STEPS", 4)
    few = score(TWO, "early_loss", seed=5, resolution=48, data=FACES)
    monkeypatch.setattr(early_loss, "STEPS", 16)
    assert score(TWO, "early_loss", seed=5, resolution=48, data=FACES) < few
    assert not PROXIES.get("early_loss").higher_is_better
    monkeypatch.setattr(early_loss, "LR", 1e30)
    with pytest.raises(ProxyError, match=r"early_loss: the loss of .* is nan at step"):
        score(TWO, "early_loss", seed=5, resolution=48, data=FACES)


def test_residuals_that_begin_as_links_are_links() -> None:
    network = default_network(TWO, SETTINGS)
    zero_residuals(network)
    (link,) = residual_links(network)
    images = torch.randn(2, 8, 8, 8)
    assert link.shortcut is not None
    with torch.no_grad():
        assert torch.equal(link.eval()(images), link.shortcut(images))
