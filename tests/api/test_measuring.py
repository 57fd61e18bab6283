"""``evaluate`` and ``predict``: values and frames, and nothing printed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

from nasfer import evaluate, export, predict
from nasfer.arch import parse_arch
from nasfer.data import EXPRESSIONS
from nasfer.errors import CheckpointError, DataError, UnknownNameError
from nasfer.inference.result import Result
from nasfer.models import CheckpointInfo, create_model, save_checkpoint
from nasfer.runs.outputs import OUTPUTS_FILE
from nasfer.runs.seal import SEAL

SEVEN = EXPRESSIONS[:7]
ARCH = parse_arch("SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,32,1,1)")
DATA = "drawn,train=14,val=7,test=70"


def checkpoint(path: Path, *, names: tuple[str, ...] = SEVEN, side: int = 48) -> Path:
    torch.manual_seed(0)
    model = create_model(ARCH, num_classes=7)
    save_checkpoint(model, path, CheckpointInfo(str(model.arch), names, side, (0.5,), (0.25,)))
    return path


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("net") / "net.safetensors")


@pytest.fixture(autouse=True)
def silent(capfd: pytest.CaptureFixture[str]) -> object:
    """A notebook is told by values: nothing is printed."""
    yield
    assert capfd.readouterr() == ("", "")


def test_an_evaluation_is_a_value_and_its_file_holds_the_same(net: Path, tmp_path: Path) -> None:
    seen = []
    found = evaluate(
        net, DATA, flip=True, threads=1, seed=3, device="cpu", out=str(tmp_path / "new"),
        watch=lambda *progress: seen.append(progress),
    )  # fmt: skip
    assert found.metrics.count == 70
    timed = [(latency.backend, latency.batch) for latency in found.latencies]
    assert timed == [("onnxruntime", 1), ("onnxruntime", 32)]
    assert (found.flip, found.split, found.resolution, found.device) == (True, "test", 48, "cpu")
    assert seen[-1] == ("images read by the network", 70, 70)
    written = json.loads((tmp_path / "new" / "result.json").read_text())
    assert written == json.loads(json.dumps(found.to_dict()))
    assert Result.from_dict(written) == found
    names = {path.name for path in (tmp_path / "new").iterdir()} - {OUTPUTS_FILE}
    assert names == {"result.json", "per_class.csv", "confusion.png"}


def test_an_evaluation_without_a_folder_writes_nothing(
    net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = evaluate(str(net), DATA, split="val", latency=False)
    assert (found.metrics.count, found.latencies) == (7, ())
    assert list(tmp_path.iterdir()) == []


def test_eager_torch_is_timed_by_request_and_without_onnxruntime_nothing_takes_its_place(
    net: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = evaluate(net, DATA, split="val", latency="torch", threads=1)
    timed = [(one.backend, one.batch, one.threads) for one in found.latencies]
    assert timed == [(name, n, 1) for name in ("onnxruntime", "torch") for n in (1, 32)]
    assert Result.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    found = evaluate(net, DATA, split="val", threads=1)
    assert found.latencies == ()
    assert found.notes[-1].startswith("latency: not timed in onnxruntime: onnxruntime is not inst")


@pytest.mark.parametrize("batch", [None, 3])
def test_an_exported_file_is_measured_like_its_checkpoint(
    net: Path, faces: Path, tmp_path: Path, batch: int | None
) -> None:
    done = export(net, tmp_path / "net.onnx", batch=batch)
    one = evaluate(net, DATA, latency=False, device="cpu")
    other = evaluate(done.path, DATA, batch=16, threads=1, device="cpu")
    assert other.metrics.confusion == one.metrics.confusion
    assert other.metrics.nll == pytest.approx(one.metrics.nll, rel=1e-4)
    assert (other.digest, other.resolution, other.device) == (one.digest, 48, "cpu")
    assert [latency.batch for latency in other.latencies] == ([batch] if batch else [1, 32])
    known, told = (predict(path, faces).dropna() for path in (net, done.path))
    assert told["expression"].tolist() == known["expression"].tolist()
    with pytest.raises(CheckpointError, match=r"`resolution`: 64; .*net.onnx reads 48"):
        evaluate(done.path, DATA, resolution=64)


def test_an_int8_file_is_measured_and_predicts(net: Path, faces: Path, tmp_path: Path) -> None:
    done = export(net, tmp_path / "net.onnx", quantize="int8", calibrate=DATA)
    assert evaluate(done.path, DATA, latency=False).metrics.count == 70
    assert predict(done.path, faces)["expression"].notna().sum() == 40


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean": "[NaN]"}, "mean: NaN is no finite number"),
        ({"std": "[0.0]"}, "mean and std are not of 1 channels"),
        ({"resolution": "0"}, "resolution: 0; 1 to 8,192 are allowed"),
        ({"resolution": "99999999999"}, "resolution: 99999999999; 1 to 8,192 are allowed"),
        ({SEAL: "0" * 64}, "damaged: it does not fit its digest"),
        ({"structure": "no structure"}, "no ONNX file of nasfer: "),
        ({"class_names": "7"}, "class_names is no list of names"),
        ({"class_names": "[" * 5000}, "no ONNX file of nasfer: "),
        ({"structure": None}, "not exported by nasfer: it lacks 'structure'"),
        (b"no protobuf", "no ONNX file of nasfer: "),
        (b"", "no ONNX file of nasfer: "),
    ],
)
def test_exported_files_that_lie_are_refused(
    net: Path, tmp_path: Path, change: dict[str, str | None] | bytes, message: str
) -> None:
    path = export(net, tmp_path / "net.onnx").path
    if isinstance(change, bytes):
        path.write_bytes(change)
    else:
        proto = onnx.load(path)
        properties = {entry.key: entry.value for entry in proto.metadata_props}
        properties = properties | {SEAL: None} | change  # as an older version wrote it
        del proto.metadata_props[:]
        known = {name: value for name, value in properties.items() if value is not None}
        onnx.helper.set_model_props(proto, known)
        onnx.save(proto, path)
    with pytest.raises(CheckpointError, match=message):
        evaluate(path, DATA, latency=False)


def test_errors_name_arguments(net: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="`split`: unknown 'tset'; allowed: train, val"):
        evaluate(net, DATA, split="tset")
    with pytest.raises(UnknownNameError, match="`latency`: unknown 'tensorrt'; allowed: onnx"):
        evaluate(net, DATA, latency="tensorrt")
    with pytest.raises(CheckpointError, match="give `resolution`, in pixels"):
        predict(checkpoint(tmp_path / "sizeless.safetensors", side=0), tmp_path)
    unnamed = checkpoint(tmp_path / "unnamed.safetensors", names=())
    with pytest.raises(CheckpointError, match="does not name its 7 classes"):
        evaluate(unnamed, DATA)
    assert evaluate(unnamed, DATA, class_names=SEVEN, latency=False).metrics.count == 70


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """A folder of 40 faces, more than a pass takes, and of a file that is none."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "faces"
    folder.mkdir()
    for index in range(40):
        pixels = rng.integers(256, size=(48, 48), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{index:02}.png")
    (folder / "07x.jpg").write_bytes(b"no image")
    (folder / "notes.txt").write_text("no face")
    return folder


def test_every_file_is_a_row_and_a_damaged_one_says_so(net: Path, faces: Path) -> None:
    table = predict(net, faces, top=2)
    assert list(table) == ["file", "expression", "probability", "top", "error"]
    names = [Path(name).name for name in table["file"]]
    assert names == sorted(names)
    assert len(names) == 41
    bad = table[table["error"].notna()]
    assert [Path(name).name for name in bad["file"]] == ["07x.jpg"]
    assert "07x.jpg: damaged or no image" in bad["error"].iloc[0]
    assert bad["expression"].isna().all()
    assert bad["probability"].isna().all()
    good = table[table["error"].isna()]
    assert set(good["expression"]) <= set(SEVEN)
    for _, row in good.iterrows():
        first, second = row["top"]
        assert first == {"expression": row["expression"], "probability": row["probability"]}
        assert first["probability"] >= second["probability"]


def test_a_file_says_the_same_alone_and_among_others(net: Path, faces: Path) -> None:
    among = predict(net, faces).set_index("file")
    for name in ("00.png", "39.png"):
        (alone,) = predict(str(net), str(faces / name)).to_dict("records")
        assert alone["expression"] == among.at[alone["file"], "expression"]
        assert alone["probability"] == pytest.approx(among.at[alone["file"], "probability"])


def test_damaged_files_alone_are_a_table_too(net: Path, faces: Path, tmp_path: Path) -> None:
    table = predict(net, [faces / "07x.jpg", tmp_path / "missing.png"])
    assert table["error"].notna().tolist() == [True, True]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no image in this folder"):
        predict(net, tmp_path / "empty")
