"""AMP-Net's branches: their mix, their landmarks, and what is left when some are off."""

from __future__ import annotations

import pytest
import torch

from nasfer.arch import parse_arch
from nasfer.costs import cost
from nasfer.errors import DataError, SpecError
from nasfer.models import create_model
from nasfer.presets import PRESETS

SMALL = (
    "ResNetStem(3,16)ResNetLayer(16,16,1,1)ResNetLayer(16,16,2,1)"
    "AMPHead(16,{classes},lp_width=16,ap_width=16,gp_width=16,features=16{options})"
)


def small(options: str = "", classes: int = 7) -> torch.nn.Module:
    """Return a small network of the family."""
    return create_model(parse_arch(SMALL.format(options=options, classes=classes))).eval()


def faces(count: int, seed: int = 0) -> torch.Tensor:
    """Return landmarks anywhere in the image."""
    return 224 * torch.rand(count, 5, 2, generator=torch.Generator().manual_seed(seed))


def test_prediction_is_the_mix_of_the_branches() -> None:
    model, images = small(",beta=0.25"), torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        local, whole = model(images, faces(2))
        predicted = model.predict(images, faces(2))
    assert torch.allclose(predicted, 0.25 * local + 0.75 * whole)


@pytest.mark.parametrize("image_px", [48, 112, 224])
@pytest.mark.parametrize("classes", [7, 8])
def test_sizes_and_classes_of_other_data_work(classes: int, image_px: int) -> None:
    model = small(classes=classes)
    outputs = model(torch.zeros(2, 3, image_px, image_px), faces(2))
    assert [tuple(logits.shape) for logits in outputs] == [(2, classes)] * 2


@pytest.mark.parametrize("call", ["forward", "predict"])
def test_a_missing_landmark_argument_is_one_line(call: str) -> None:
    with torch.device("meta"):
        model = create_model(PRESETS.get("amp_net").arch)
    with pytest.raises(DataError, match="reads landmarks: call model") as caught:
        getattr(model, call)(torch.zeros(1, 3, 224, 224))
    assert "\n" not in str(caught.value)


def test_landmarks_of_another_shape_are_refused() -> None:
    with pytest.raises(DataError, match=r"landmarks: shape \(1, 4, 2\) is not \(1, 5, 2\)"):
        small()(torch.zeros(1, 3, 64, 64), torch.zeros(1, 4, 2))


def test_the_global_module_alone_reads_no_landmarks() -> None:
    model = small(",lp=0,ap=0")
    assert not model.reads_landmarks
    assert model.predict(torch.zeros(2, 3, 64, 64)).shape == (2, 7)


@pytest.mark.parametrize("options", [",gp=0", ",gp=0,ap=0", ",gp=0,lp=0"])
def test_the_local_modules_alone_give_one_output(options: str) -> None:
    model, images, landmarks = small(options), torch.randn(2, 3, 64, 64), faces(2)
    with torch.no_grad():
        (logits,) = model(images, landmarks)
        assert torch.equal(logits, model.predict(images, landmarks))


def test_a_head_without_modules_is_refused() -> None:
    with pytest.raises(SpecError, match="lp, ap, gp: all off"):
        parse_arch(SMALL.format(options=",lp=0,ap=0,gp=0", classes=7))


def test_extras_are_parameters_that_nothing_reads() -> None:
    plain, kept = (
        parse_arch(SMALL.format(options=options, classes=7)) for options in ("", ",extras=1")
    )
    before, after = cost(plain, 64), cost(kept, 64)
    assert after.params > before.params
    assert (after.flops, after.peak_activation_bytes) == (
        before.flops,
        before.peak_activation_bytes,
    )
