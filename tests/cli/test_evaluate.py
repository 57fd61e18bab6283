"""evaluate, predict and export as a user meets them: files, exit codes, one-line errors.

One of each is a real process; the others are run in this one, as importing torch takes seconds.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

from nasfer.arch import parse_arch
from nasfer.cli.app import main
from nasfer.data import EXPRESSIONS
from nasfer.models import CheckpointInfo, create_model, save_checkpoint
from nasfer.presets import load_arch
from tests.cli.test_commands import nasfer as process

SEVEN = EXPRESSIONS[:7]
ARCH = parse_arch("SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,32,1,1)")


def checkpoint(path: Path, names: tuple[str, ...], classes: int = 7) -> Path:
    torch.manual_seed(0)
    model = create_model(ARCH, num_classes=classes)
    save_checkpoint(model, path, CheckpointInfo(str(model.arch), names, 32, (0.5,), (0.25,)))
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with checkpoints and faces in class folders, two a class and split."""
    folder = tmp_path_factory.mktemp("evaluate")
    checkpoint(folder / "net.safetensors", SEVEN)
    checkpoint(folder / "unnamed.safetensors", ())
    checkpoint(folder / "eight.safetensors", EXPRESSIONS, 8)
    rng = np.random.default_rng(0)
    for split in ("train", "val", "test"):
        for name in SEVEN:
            faces = folder / "faces" / split / name
            faces.mkdir(parents=True)
            for index in range(2):
                pixels = rng.integers(256, size=(48, 48), dtype=np.uint8)
                Image.fromarray(pixels).save(faces / f"{index}.png")
    return folder


Nasfer = Callable[..., CompletedProcess]


@pytest.fixture
def nasfer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Nasfer:
    """Return what runs the command line in this process."""

    def run(*arguments: str | Path) -> CompletedProcess:
        monkeypatch.setattr(sys, "argv", ["nasfer", *map(str, arguments)])
        monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return CompletedProcess(sys.argv, end.value.code, out, err)

    return run


def test_evaluate_prints_and_writes_what_it_measured(home: Path, tmp_path: Path) -> None:
    done = process("evaluate", home / "net.safetensors", "--data", f"folder:{home}/faces",
                   "--flip", "--threads", "1", "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "14 images" in done.stdout
    assert "mean_class_accuracy" in done.stdout
    assert "images_per_s" in done.stdout
    record = json.loads((tmp_path / "out/result.json").read_text())
    assert record["metrics"]["count"] == 14
    assert [sum(row) for row in record["metrics"]["confusion"]] == [2] * 7
    assert [row["batch"] for row in record["latency"]] == [1, 32]
    assert record["latency"][0]["threads"] == 1
    header, first, *_ = (tmp_path / "out/per_class.csv").read_text().splitlines()
    assert header == "class,precision,recall,f1,support"
    assert first.startswith("neutral,")
    with Image.open(tmp_path / "out/confusion.png") as image:
        assert min(image.size) > 600


def test_evaluate_of_a_checkpoint_without_names_takes_them_in_any_spelling(
    nasfer: Nasfer, home: Path
) -> None:
    rest = ("--data", f"folder:{home}/faces", "--no-latency", "--json")
    plain = nasfer("evaluate", home / "net.safetensors", *rest)
    named = nasfer("evaluate", home / "unnamed.safetensors", *rest,
                   "--classes", "neutral,happy,sad,surprise,fear,disgust,angry")  # fmt: skip
    first, second = (json.loads(done.stdout) for done in (plain, named))
    assert first["latency"] == []
    assert first["metrics"] == second["metrics"]


def test_predict_names_the_expression_of_each_face_and_the_damaged_file(
    nasfer: Nasfer, home: Path, tmp_path: Path
) -> None:
    good, bad = home / "faces/test/fear/0.png", tmp_path / "bad.jpg"
    bad.write_bytes(b"no image")
    done = nasfer("predict", home / "net.safetensors", bad, good, "--top", "2", "--json")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "bad.jpg" in done.stderr
    (row,) = json.loads(done.stdout)
    assert row["file"] == str(good)
    assert row["expression"] == row["top"][0]["expression"] in SEVEN
    assert row["top"][0]["probability"] >= row["top"][1]["probability"]
    table = nasfer("predict", home / "net.safetensors", good.parent)
    assert table.returncode == 0
    assert row["expression"] in table.stdout


def test_predict_of_colour_images_of_another_size_makes_them_what_the_network_reads(
    nasfer: Nasfer, home: Path, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(1).integers(256, size=(60, 90, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    done = nasfer("predict", home / "net.safetensors", tmp_path / "wide.png")
    assert done.returncode == 0, done.stderr


def test_predict_with_landmarks(nasfer: Nasfer, home: Path, tmp_path: Path) -> None:
    model = create_model(load_arch("amp_net"))
    info = CheckpointInfo(str(model.arch), SEVEN, 32, (), ())
    save_checkpoint(model, tmp_path / "amp.safetensors", info)
    face = home / "faces/test/fear/0.png"
    wanting = nasfer("predict", tmp_path / "amp.safetensors", face)
    assert wanting.returncode == 2
    assert "reads landmarks; give --landmarks" in wanting.stderr
    points = "77,103,147,103,112,143,83,185,141,185"
    (tmp_path / "points.csv").write_text(f"0.png,{points}\n")
    others = [face, face.with_name("1.png")]
    done = nasfer("predict", tmp_path / "amp.safetensors", *others, "--json",
                  "--landmarks", tmp_path / "points.csv")  # fmt: skip
    assert done.returncode == 1
    assert "1.png: no landmarks" in done.stderr
    assert [row["file"] for row in json.loads(done.stdout)] == [str(face)]


def test_export_writes_a_checked_file_in_the_folder_of_the_call(home: Path, tmp_path: Path) -> None:
    done = process("export", home / "net.safetensors", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["faithful"]
    assert shown["relative_gap"] <= 1e-4
    props = {entry.key: entry.value for entry in onnx.load(tmp_path / "net.onnx").metadata_props}
    assert json.loads(props["class_names"]) == list(SEVEN)
    assert done.stderr == ""


def test_export_to_int8_on_faces(nasfer: Nasfer, home: Path, tmp_path: Path) -> None:
    done = nasfer("export", home / "net.safetensors", "--quantize", "int8", "--calibrate",
                  f"folder:{home}/faces", "--out", tmp_path / "q.onnx")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "of 14 images" in done.stdout
    assert "ms in float32," in done.stdout
    assert "accuracy on 14 faces kept apart: " in done.stdout
    assert (tmp_path / "q.onnx").exists()
    assert ("not faster on this processor" in done.stderr) == (done.stderr != "")


def test_a_slower_int8_file_is_no_success_without_a_word(
    nasfer: Nasfer, home: Path, tmp_path: Path
) -> None:
    done = nasfer("export", home / "net.safetensors", "--quantize", "int8", "--json",
                  "--out", tmp_path / "q.onnx")  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["faster"] == (shown["int8_ms"] < shown["float_ms"])
    assert ("smaller but not faster on this processor" in done.stderr) != shown["faster"]
    assert shown["form"] in ("unsigned", "signed")
    assert shown["float_accuracy"] is None


WRONG = {
    "seven classes against eight": (
        ("evaluate", "{home}/eight.safetensors", "--data", "folder:{home}/faces"),
        "checkpoint: 8 classes, the data has 7; not in both: contempt",
    ),
    "unnamed classes": (
        ("evaluate", "{home}/unnamed.safetensors", "--data", "folder:{home}/faces"),
        "--classes neutral,happiness,...",
    ),
    "too few names": (
        ("predict", "{home}/unnamed.safetensors", "x.png", "--classes", "happy,sad"),
        "--classes: 2 names for the 7 classes",
    ),
    "no such split": (
        ("evaluate", "{home}/net.safetensors", "--data", "folder:{home}/faces", "--split", "tset"),
        "--split: unknown 'tset'; allowed: train, val, test",
    ),
    "no checkpoint": (
        ("evaluate", "{home}/faces/test/fear/0.png", "--data", "folder:{home}/faces"),
        "no nasfer checkpoint",
    ),
    "no such device": (
        ("evaluate", "{home}/net.safetensors", "--data", "folder:{home}/faces", "--device", "tpux"),
        "--device: 'tpux'",
    ),
    "an unknown export format": (
        ("export", "zennet_r", "--format", "tflite"),
        "--format: unknown 'tflite'; allowed: onnx, torch-export",
    ),
    "a batch that is none": (("export", "zennet_r", "--batch", "0"), "--batch: '0'; allowed"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_one_line_and_exit_2(nasfer: Nasfer, case: str, home: Path) -> None:
    arguments, message = WRONG[case]
    done = nasfer(*(part.format(home=home) for part in arguments))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert message in done.stderr
