"""No file of weights, however damaged, ends a command in anything but its answer or one line.

States of trainings, published checkpoints, exported networks; and trainings and searches that go
on in a damaged folder.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import onnx
import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nasfer.arch import parse_arch
from nasfer.exporting.onnx_file import with_description
from nasfer.models import create_model, save_checkpoint
from nasfer.models.info import CheckpointInfo
from nasfer.runs.files import RUN_FILE
from nasfer.runs.seal import sealed, unsealed
from tests.fuzz.mutating import HOSTILE, damaged
from tests.fuzz.running import examples, holds
from tests.fuzz.test_files import NAMES, NET

SEARCH = (
    "search", "--space", "zennet_r", "--budget", "20M", "--iterations", "40", "--population", "8",
    "--top", "0", "--resolution", "32", "--proxy-resolution", "32", "--proxy-batch", "2", "--out",
)  # fmt: skip
TRAIN = (
    "train", NET, "--data", "drawn,train=14,val=7,test=7", "--epochs", "2", "--batch-size", "7",
    "--resolution", "48", "--threads", "1", "--out",
)  # fmt: skip
FACE = "face.png"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a good file of each kind, and runs that did not come to their end."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("weights")
    Image.new("L", (16, 16), 90).save(folder / FACE)
    model = create_model(parse_arch(NET))
    torch.save(model.state_dict(), folder / "net.pth")
    save_checkpoint(
        model, folder / "net.safetensors", CheckpointInfo(NET, NAMES, 16, (0.5,), (0.2,))
    )
    for words in (
        ("export", str(folder / "net.safetensors"), "--out", str(folder / "net.onnx")),
        (*TRAIN, str(folder / "train")),
        (*SEARCH, str(folder / "search")),
    ):
        assert holds(*words) == 0
    for run in ("train", "search"):
        path = folder / run / RUN_FILE
        content = unsealed(yaml.safe_load(path.read_text()))
        del content["files"]
        path.write_text(yaml.safe_dump(sealed({**content, "finished": False}), sort_keys=False))
    return folder


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def goes_on(home: Path, run: str, data: st.DataObject, words: tuple[str, ...]) -> None:
    """Go on in a copy of a run of which one file is damaged, or lost."""
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(home / run, run)
    files = sorted(path for path in Path(run).iterdir() if path.suffix in FILES)
    path = data.draw(st.sampled_from(files))
    if data.draw(st.integers(0, 9)):
        path.write_bytes(data.draw(damaged(path.read_bytes())))
    else:
        path.unlink()
    holds(*words, run)


FILES = (".yaml", ".json", ".jsonl", ".csv", ".pt", ".safetensors")


@examples(10)
@given(data=st.data())
def test_trainings_that_go_on(home: Path, data: st.DataObject) -> None:
    goes_on(home, "train", data, TRAIN)


@examples(12)
@given(data=st.data())
def test_searches_that_go_on(home: Path, data: st.DataObject) -> None:
    goes_on(home, "search", data, SEARCH)


@examples(40)
@given(data=st.data())
def test_published_checkpoints(home: Path, data: st.DataObject) -> None:
    Path("net.pth").write_bytes(data.draw(damaged((home / "net.pth").read_bytes())))
    holds("import-checkpoint", NET, "net.pth", "out.safetensors", "--overwrite")


ODD = (
    torch.eye(3).to_sparse(), torch.empty(2, device="meta"), torch.ones(1).expand(10**12),
    torch.ones(2, dtype=torch.complex64), torch.ones(2, dtype=torch.bool), torch.tensor(1.0),
    torch.full((16, 8), float("inf")), torch.ones(0), torch.ones(2, dtype=torch.float64),
)  # fmt: skip
"""Tensors that are no weights."""


@pytest.mark.parametrize("number", range(len(ODD)))
def test_tensors_that_are_no_weights_are_refused(number: int, home: Path) -> None:
    content = torch.load(home / "net.pth", weights_only=True)
    torch.save({**content, next(iter(content)): ODD[number]}, "net.pth")
    assert holds("import-checkpoint", NET, "net.pth", "out.safetensors") == 2


@examples(40)
@given(data=st.data(), wrapper=st.sampled_from((None, "state_dict", "model")))
def test_contents_of_published_checkpoints(
    home: Path, data: st.DataObject, wrapper: str | None
) -> None:
    content = torch.load(home / "net.pth", weights_only=True)
    key = data.draw(st.sampled_from(sorted(content)))
    content[key] = data.draw(st.sampled_from((*ODD, *HOSTILE)))
    file = io.BytesIO()
    torch.save(content if wrapper is None else {wrapper: content}, file)
    Path("net.pth").write_bytes(file.getvalue())
    holds("import-checkpoint", NET, "net.pth", "out.safetensors", "--overwrite")


@examples(40)
@given(data=st.data())
def test_exported_networks(home: Path, data: st.DataObject) -> None:
    Path("net.onnx").write_bytes(data.draw(damaged((home / "net.onnx").read_bytes())))
    holds("predict", "net.onnx", str(home / FACE))


@examples(40)
@given(data=st.data())
def test_descriptions_of_exported_networks(home: Path, data: st.DataObject) -> None:
    proto = onnx.load(home / "net.onnx")
    about = {one.key: one.value for one in proto.metadata_props if one.key != "sha256"}
    for name in data.draw(st.sets(st.sampled_from(sorted(about)), min_size=1, max_size=2)):
        value = data.draw(st.sampled_from(("", "[]", "[0]", "[NaN]", "{}", "-1", "9" * 5000, "x")))
        about[name] = value
    if data.draw(st.booleans()):
        about["output_weights"] = data.draw(st.sampled_from(("[]", "[0.5, 0.5]", "[NaN]", "1")))
    Path("net.onnx").write_bytes(with_description(proto, about))  # its digest is right
    holds("predict", "net.onnx", str(home / FACE))
