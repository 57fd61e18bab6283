"""An exported file says what the network says, and says how faces are prepared for it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
import torch

from nasfer.arch import parse_arch
from nasfer.errors import CheckpointError, DataError, UnknownNameError
from nasfer.exporting import TOLERANCE, Exported, export
from nasfer.exporting.onnx_file import open_onnx
from nasfer.models import CheckpointInfo, Network, create_model, describe, load_checkpoint
from nasfer.presets import PRESETS
from nasfer.verifying.presets import golden_figures, golden_state


def golden(name: str, folder: Path) -> tuple[Network, CheckpointInfo]:
    """Return a preset with weights under which images matter (fresh deep ones forget them)."""
    model = create_model(PRESETS.get(name).arch)
    torch.save(golden_state(golden_figures(name)), folder / "golden.pth")
    load_checkpoint(model, folder / "golden.pth")
    return model.eval(), describe(model, name)


def small() -> tuple[Network, CheckpointInfo]:
    """Return a network that is traced in a moment."""
    torch.manual_seed(0)
    arch = parse_arch("SuperConvK3BNRELU(3,16,2,1)SuperResIDWE4K3(16,32,2,16,1)")
    model = create_model(arch, num_classes=3).eval()
    return model, CheckpointInfo(str(model.arch), ("neutral", "fear", "anger"), 32, (), ())


QUICK = {"efficientface": 64, "emo_net": 48, "zennet_r_sa": 48}


@pytest.fixture(scope="module", params=QUICK)
def quick(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("export")
    model, info = golden(request.param, folder)
    info = replace(info, resolution=QUICK[request.param])
    return model, info, export(model, info, folder / "net.onnx")


def test_onnx_gives_torchs_logits(quick: tuple[Network, CheckpointInfo, Exported]) -> None:
    _, _, done = quick
    assert done.parity.double_gap <= TOLERANCE * done.parity.largest
    assert done.parity.agreement == 1
    assert done.faithful


def test_a_dynamic_batch_takes_any_number_of_images(
    quick: tuple[Network, CheckpointInfo, Exported],
) -> None:
    model, info, done = quick
    run = open_onnx(done.path)
    for count in (1, 2, 7):
        inputs = model.example_inputs(count, info.resolution, torch.Generator().manual_seed(count))
        (logits,) = run(inputs)
        exact = model.double()(*(part.double() for part in inputs))
        model.float()
        assert logits.shape == (count, model.arch.classes)
        assert (logits - exact).abs().max() <= TOLERANCE * exact.abs().max()


def test_the_file_tells_how_faces_are_prepared_and_nothing_of_this_machine(
    quick: tuple[Network, CheckpointInfo, Exported],
) -> None:
    model, info, done = quick
    told = {entry.key: entry.value for entry in onnx.load(done.path).metadata_props}
    assert json.loads(told["class_names"]) == list(info.class_names)
    assert json.loads(told["mean"]) == list(info.mean)
    assert told["resolution"] == str(info.resolution)
    assert told["digest"] == model.arch.digest()
    assert told["structure"] == str(model.arch)
    assert str(Path(__file__).parents[2]).encode() not in done.path.read_bytes()


def test_a_fixed_batch_is_fixed_and_right(tmp_path: Path) -> None:
    model, info = small()
    done = export(model, info, tmp_path / "net.onnx", batch=3)
    assert done.faithful
    (shape,) = (value.type.tensor_type.shape for value in onnx.load(done.path).graph.input)
    assert [axis.dim_value for axis in shape.dim] == [3, 3, 32, 32]


def test_torch_export_gives_torchs_logits_and_its_description(tmp_path: Path) -> None:
    model, info = small()
    done = export(model, info, tmp_path / "net.pt2", format="torch-export")
    assert done.parity.relative <= TOLERANCE
    told = {"nasfer.json": ""}
    torch.export.load(done.path, extra_files=told)
    assert json.loads(told["nasfer.json"])["digest"] == model.arch.digest()


def test_int8_is_smaller_keeps_its_description_and_most_classes(tmp_path: Path) -> None:
    model, info = small()
    faces, others = (
        model.example_inputs(64, 32, torch.Generator().manual_seed(seed)) for seed in (1, 2)
    )
    done = export(model, info, tmp_path / "net.onnx", int8=True,
                  calibration=faces, held_out=others)  # fmt: skip
    assert done.size < done.float_size
    assert done.parity.images == 64
    assert done.parity.agreement >= 0.75
    told = {entry.key for entry in onnx.load(done.path).metadata_props}
    assert {"class_names", "mean", "std", "resolution", "digest"} <= told


def test_int8_is_compared_with_float32_on_this_processor(tmp_path: Path) -> None:
    model, info = small()
    faces = model.example_inputs(64, 32, torch.Generator().manual_seed(1))
    labels = torch.arange(64) % 3
    done = export(model, info, tmp_path / "net.onnx", int8=True, batch=5,
                  calibration=faces, held_out=faces, labels=labels)  # fmt: skip
    found = done.int8
    assert found is not None
    assert found.batch == 5
    assert done.path.read_bytes() == found.content
    with torch.no_grad():
        right = (model(faces[0]).argmax(1) == labels)[:60].double().mean()  # whole calls alone
    assert found.float_accuracy == pytest.approx(float(right))
    assert found.int8_accuracy is not None
    assert abs(found.int8_accuracy - found.float_accuracy) <= 1 - done.parity.agreement + 1e-9


def test_all_operators_are_int8_with_activations_of_one_sign(tmp_path: Path) -> None:
    model, info = small()
    done = export(model, info, tmp_path / "net.onnx", int8=True)
    proto = onnx.load(done.path)
    made = {node.output[0]: node for node in proto.graph.node}
    for node in proto.graph.node:
        if node.op_type in ("Conv", "Add", "GlobalAveragePool"):
            given = [made[name].op_type for name in node.input if name in made]
            assert set(given) <= {"DequantizeLinear"}, node.op_type
    assert done.int8 is not None
    signs = {"unsigned": onnx.TensorProto.UINT8, "signed": onnx.TensorProto.INT8}
    zeros = {value.name: value.data_type for value in proto.graph.initializer}
    activations = {
        zeros[node.input[2]] for node in proto.graph.node if node.op_type == "QuantizeLinear"
    }
    assert activations == {signs[done.int8.form]}


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    model, info = small()
    out = tmp_path / "net"
    with pytest.raises(UnknownNameError, match="unknown 'tflite'; allowed: onnx, torch-export"):
        export(model, info, out, format="tflite")
    with pytest.raises(UnknownNameError, match="`quantize='int8'`: for `format='onnx'` alone"):
        export(model, info, out, format="torch-export", int8=True)
    with pytest.raises(CheckpointError, match="give `resolution`"):
        export(model, replace(info, resolution=0), out)
    two = model.example_inputs(2, 32, torch.Generator())
    with pytest.raises(DataError, match="2 images, a call takes 4"):
        export(model, info, out, int8=True, batch=4, calibration=two)


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS.names())
def test_every_preset_exports_at_its_own_size(name: str, tmp_path: Path) -> None:
    model, info = golden(name, tmp_path)
    done = export(model, info, tmp_path / "net.onnx")
    print(name, done.parity)
    assert done.parity.double_gap <= TOLERANCE * done.parity.largest


@pytest.mark.slow
@pytest.mark.parametrize("name", ["zennet_m_sa", "amp_net"])
def test_torch_export_of_landmarks_and_of_single_cells_is_faithful(
    name: str, tmp_path: Path
) -> None:
    model, info = golden(name, tmp_path)
    done = export(model, info, tmp_path / "net.pt2", format="torch-export")
    print(name, done.parity)
    assert done.faithful
