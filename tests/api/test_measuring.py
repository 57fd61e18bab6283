"""``evaluate`` and ``predict``: values and frames, and nothing printed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nasfer import evaluate, predict
from nasfer.arch import parse_arch
from nasfer.data import EXPRESSIONS
from nasfer.errors import CheckpointError, DataError, UnknownNameError
from nasfer.inference.result import Result
from nasfer.models import CheckpointInfo, create_model, save_checkpoint

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
    assert [latency.batch for latency in found.latencies] == [1, 32]
    assert (found.flip, found.split, found.resolution, found.device) == (True, "test", 48, "cpu")
    assert seen[-1] == ("images read by the network", 70, 70)
    written = json.loads((tmp_path / "new" / "result.json").read_text())
    assert written == json.loads(json.dumps(found.to_dict()))
    assert Result.from_dict(written) == found
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"result.json", "per_class.csv", "confusion.png"}


def test_an_evaluation_without_a_folder_writes_nothing(
    net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = evaluate(str(net), DATA, split="val", latency=False)
    assert (found.metrics.count, found.latencies) == (7, ())
    assert list(tmp_path.iterdir()) == []


def test_errors_name_arguments(net: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="`split`: unknown 'tset'; allowed: train, val"):
        evaluate(net, DATA, split="tset")
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
