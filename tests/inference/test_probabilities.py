"""Probabilities come in the data's order, by name, and are refused where names do not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from nasfer.arch import parse_arch
from nasfer.data import EXPRESSIONS, Faces, MemoryImages
from nasfer.errors import CheckpointError, DataError
from nasfer.inference.prepare import prepare
from nasfer.inference.probabilities import probabilities
from nasfer.models import FRONTAL_FACE, CheckpointInfo, Network, create_model
from nasfer.presets import load_arch

ARCH = parse_arch("SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,32,1,1)")
SEVEN = EXPRESSIONS[:7]
OTHER_ORDER = ("angry", "Disgust", "fear", "happy", "neutral", "sad", "surprise")


def network(classes: int = 7) -> Network:
    torch.manual_seed(0)
    return create_model(ARCH, num_classes=classes).eval()


def described(names: tuple[str, ...] = SEVEN) -> CheckpointInfo:
    return CheckpointInfo(str(ARCH), names, 32, (0.5,), (0.25,))


def faces(names: tuple[str, ...] = SEVEN, landmarks: torch.Tensor | None = None) -> Faces:
    torch.manual_seed(1)
    pixels = torch.randint(256, (5, 3, 48, 48), dtype=torch.uint8)
    targets = torch.eye(len(names))[torch.arange(5)]
    return Faces(MemoryImages(pixels), targets, names, tuple("abcde"), landmarks)


def test_images_are_prepared_as_the_checkpoint_says() -> None:
    model, split = network(), faces()
    images = split.images.read(torch.arange(5))
    ready = prepare(images, resolution=32, channels=1, mean=(0.5,), std=(0.25,))
    wanted = model(ready).softmax(1).detach()
    torch.testing.assert_close(probabilities(model, split, described()), wanted)


def test_classes_are_joined_by_name_whatever_their_order_and_spelling() -> None:
    model, split = network(), faces()
    as_given = probabilities(model, split, described())
    found = probabilities(model, split, described(OTHER_ORDER))
    assert torch.equal(found[:, SEVEN.index("neutral")], as_given[:, 4])
    assert torch.equal(found[:, SEVEN.index("anger")], as_given[:, 0])


def test_the_size_of_a_batch_changes_nothing() -> None:
    model, split = network(), faces()
    one, all_ = (probabilities(model, split, described(), batch=n) for n in (1, 128))
    torch.testing.assert_close(one, all_)


def test_flipping_makes_a_face_and_its_mirror_image_the_same() -> None:
    model, split = network(), faces()
    pixels = split.images.read(torch.arange(5)).flip(-1)
    mirrored = replace(split, images=MemoryImages(pixels))
    a, b = (probabilities(model, part, described(), flip=True) for part in (split, mirrored))
    torch.testing.assert_close(a, b)
    plain = [probabilities(model, part, described()) for part in (split, mirrored)]
    torch.testing.assert_close(a, (plain[0] + plain[1]) / 2)


def test_the_models_training_flag_is_put_back_and_progress_is_told() -> None:
    model, told = network().train(), []
    probabilities(model, faces(), described(), batch=2, watch=lambda *done: told.append(done))
    assert model.training
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_seven_classes_against_eight_are_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"checkpoint: 7 classes, the data has 8.*contempt"):
        probabilities(network(), faces(EXPRESSIONS), described())


def test_a_checkpoint_that_does_not_name_its_classes_is_refused_with_a_way_out() -> None:
    with pytest.raises(CheckpointError, match="`class_names` neutral,happiness"):
        probabilities(network(), faces(), described(()))
    with pytest.raises(CheckpointError, match="7 class names for a network of 8 classes"):
        probabilities(network(8), faces(), described())


def test_a_normalisation_of_other_channels_is_refused() -> None:
    info = replace(described(), mean=(0.5,) * 3, std=(0.5,) * 3)
    with pytest.raises(CheckpointError, match="3 channels for a network of 1"):
        probabilities(network(), faces(), info)


def test_a_network_that_reads_landmarks_gets_them_and_is_refused_without() -> None:
    arch = load_arch("amp_net")
    model = create_model(arch)
    info = CheckpointInfo(str(arch), SEVEN, 32, (), ())
    with pytest.raises(DataError, match="reads landmarks, and this data has none"):
        probabilities(model, faces(), info)
    points = torch.tensor([FRONTAL_FACE]).expand(5, -1, -1)
    found = probabilities(model, faces(landmarks=points), info, flip=True)
    torch.testing.assert_close(found.sum(1), torch.ones(5))
