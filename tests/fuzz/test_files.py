"""No file, however damaged, ends a command in anything but its answer or one line and exit 2."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nasfer.arch import arch_to_dict, arch_to_json, arch_to_yaml, parse_arch
from nasfer.data.landmarks import read_landmarks
from nasfer.models import create_model, save_checkpoint
from nasfer.models.info import CheckpointInfo
from nasfer.space.files import spaces_folder
from nasfer.training.recipe import FOLDER, load_recipe
from tests.fuzz.mutating import changed, damaged
from tests.fuzz.running import examples, holds, refused_or_done
from tests.report.ledgers import some_run

NET = "SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,8,2,8,1)"
ARCH = parse_arch(NET)
RECIPE = (FOLDER / "nasfer.yaml").read_bytes()
SPACE = (spaces_folder() / "zennet_r.yaml").read_bytes()
NAMES = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")


def dumped(data: Any, kind: str) -> bytes:
    """Return changed data as a file, whatever of it can be written."""
    if kind == "json":
        return json.dumps(data, default=str).encode()
    return yaml.safe_dump(data).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one good file of each kind."""
    folder = tmp_path_factory.mktemp("fuzz")
    some_run(folder / "tune")
    holds(
        "search", "--space", "zennet_r", "--budget", "20M", "--iterations", "60", "--population",
        "8", "--top", "1", "--repeats", "1", "--resolution", "32", "--batch", "2",
        "--out", str(folder / "search"),
    )  # fmt: skip
    model = create_model(ARCH)
    info = CheckpointInfo(NET, NAMES, 16, (0.5,), (0.2,))
    save_checkpoint(model, folder / "net.safetensors", info)
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        for name in NAMES[:2]:
            (folder / "faces" / split / name).mkdir(parents=True)
            for number in range(3):
                pixels = rng.integers(0, 255, (16, 16), dtype=np.uint8)
                path = folder / "faces" / split / name / f"{number}.png"
                Image.fromarray(pixels).save(path)
    pixels_text = " ".join(["7"] * 16)
    rows = [
        f"{label},{pixels_text.replace('7', str(9 * label + n))},{usage}"
        for n, usage in enumerate(("Training", "Training", "PublicTest", "PrivateTest"))
        for label in range(7)
    ]
    (folder / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]) + "\n")
    points = ",".join(["10"] * 10)
    (folder / "landmarks.csv").write_text(f"image,{points}\n0.png,{points}\n1.png,{points}\n")
    array = np.zeros(2, dtype=[("name", "U8"), ("points", "f4", (5, 2))])
    array["name"] = ["a", "b"]
    np.save(folder / "landmarks.npy", array)
    return folder


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@examples(100)
@given(data=st.data(), kind=st.sampled_from(("yaml", "json", "txt")))
def test_architectures(data: st.DataObject, kind: str) -> None:
    whole = {"yaml": arch_to_yaml(ARCH), "json": arch_to_json(ARCH), "txt": NET}[kind].encode()
    Path(f"net.{kind}").write_bytes(data.draw(damaged(whole)))
    holds("profile", f"net.{kind}", "--resolution", "32")


@examples(150)
@given(data=changed(arch_to_dict(ARCH)), kind=st.sampled_from(("yaml", "json")))
def test_fields_of_architectures(data: Any, kind: str) -> None:
    Path(f"net.{kind}").write_bytes(dumped(data, kind))
    holds("profile", f"net.{kind}", "--resolution", "32")


@examples(150)
@given(content=damaged(RECIPE))
def test_recipes(content: bytes) -> None:
    Path("my.yaml").write_bytes(content)
    refused_or_done(load_recipe, "my.yaml")


@examples(100)
@given(data=changed(yaml.safe_load(RECIPE)))
def test_fields_of_recipes(data: Any) -> None:
    Path("my.yaml").write_bytes(dumped(data, "yaml"))
    refused_or_done(load_recipe, "my.yaml")


def searched(content: bytes) -> None:
    """Search in a space of this content, for a moment."""
    Path("my.yaml").write_bytes(content)
    shutil.rmtree("run", ignore_errors=True)
    holds(
        "search", "--space", "my.yaml", "--budget", "1M", "--iterations", "5", "--population", "2",
        "--top", "0", "--resolution", "32", "--proxy-resolution", "32", "--proxy-batch", "2",
        "--out", "run",
    )  # fmt: skip


@examples(40)
@given(content=damaged(SPACE))
def test_spaces(content: bytes) -> None:
    searched(content)


@examples(40)
@given(data=changed(yaml.safe_load(SPACE)))
def test_fields_of_spaces(data: Any) -> None:
    searched(dumped(data, "yaml"))


def copy_of(home: Path, name: str) -> Path:
    """Return a fresh copy of a run folder, here."""
    shutil.rmtree(name, ignore_errors=True)
    shutil.copytree(home / name, name)
    return Path(name)


@examples(30)
@given(data=st.data(), file=st.sampled_from(("run.yaml", "ledger.jsonl", "latency.json")))
def test_folders_of_tunings(home: Path, data: st.DataObject, file: str) -> None:
    path = copy_of(home, "tune") / file
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    holds("pareto", "tune", "--format", "csv", "--out", "out")
    holds("tune", "--status", "tune")


@examples(40)
@given(data=st.data(), file=st.sampled_from(("run.yaml", "ledger.jsonl", "latency.json")))
def test_fields_of_tunings(home: Path, data: st.DataObject, file: str) -> None:
    path = copy_of(home, "tune") / file
    if file == "ledger.jsonl":
        first, *others = path.read_text().splitlines()
        text = dumped(data.draw(changed(json.loads(first))), "json") + b"\n"
        path.write_bytes(text + "".join(f"{line}\n" for line in others).encode())
    else:
        kind = path.suffix[1:]
        path.write_bytes(dumped(data.draw(changed(yaml.safe_load(path.read_text()))), kind))
    holds("pareto", "tune", "--format", "csv,md", "--out", "out")
    holds("tune", "--status", "tune")


@examples(60)
@given(data=st.data(), number=st.integers(0, 20))
def test_folders_of_searches(home: Path, data: st.DataObject, number: int) -> None:
    folder = copy_of(home, "search")
    files = sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".json", ".jsonl", ".csv"))
    path = files[number % len(files)]
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    holds("pareto", "search", "--format", "csv", "--out", "out")


@examples(30)
@given(data=st.data(), file=st.sampled_from(("run.yaml", "state.json")))
def test_fields_of_searches(home: Path, data: st.DataObject, file: str) -> None:
    path = copy_of(home, "search") / file
    if path.exists():
        kind = path.suffix[1:]
        path.write_bytes(dumped(data.draw(changed(yaml.safe_load(path.read_text()))), kind))
    holds("pareto", "search", "--format", "csv", "--out", "out")


def rewritten(home: Path, metadata: bytes) -> None:
    """Write a checkpoint with other metadata than it had."""
    whole = (home / "net.safetensors").read_bytes()
    size = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + size])
    header["__metadata__"] = {"nasfer": metadata.decode("utf-8", "replace")}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    Path("net.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + whole[8 + size :])


INFO = {"structure": NET, "class_names": list(NAMES), "resolution": 16, "mean": [0.5], "std": [0.2]}


@examples(60)
@given(data=changed(INFO))
def test_metadata_of_checkpoints(home: Path, data: Any) -> None:
    rewritten(home, dumped(data, "json"))
    holds("predict", "net.safetensors", str(home / "faces/test/anger/0.png"))


@examples(60)
@given(data=st.data())
def test_checkpoints(home: Path, data: st.DataObject) -> None:
    whole = (home / "net.safetensors").read_bytes()
    Path("net.safetensors").write_bytes(data.draw(damaged(whole)))
    holds("predict", "net.safetensors", str(home / "faces/test/anger/0.png"))


@examples(40)
@given(data=st.data())
def test_images(home: Path, data: st.DataObject) -> None:
    whole = (home / "faces/test/anger/0.png").read_bytes()
    Path("face.png").write_bytes(data.draw(damaged(whole)))
    holds("predict", str(home / "net.safetensors"), "face.png")


@examples(60)
@given(data=st.data())
def test_tables_of_pixels(home: Path, data: st.DataObject) -> None:
    Path("fer2013.csv").write_bytes(data.draw(damaged((home / "fer2013.csv").read_bytes())))
    holds("data", "check", "fer2013:fer2013.csv")


@examples(40)
@given(content=damaged("\n".join(NAMES).encode()))
def test_lists_of_classes(home: Path, content: bytes) -> None:
    shutil.copytree(home / "faces", "faces", dirs_exist_ok=True)
    Path("faces/classes.txt").write_bytes(content)
    holds("data", "check", "folder:faces")


@examples(150)
@given(data=st.data(), kind=st.sampled_from(("npy", "csv")))
def test_landmarks(home: Path, data: st.DataObject, kind: str) -> None:
    path = Path(f"landmarks.{kind}")
    path.write_bytes(data.draw(damaged((home / path).read_bytes())))
    refused_or_done(read_landmarks, path)
