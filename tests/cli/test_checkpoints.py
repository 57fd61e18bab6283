"""Wrong checkpoints through the command line: one line, exit 2, nothing written, nothing run."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

from nasfer.cli.app import main
from nasfer.models import create_model, describe, save_checkpoint
from nasfer.presets import load_arch
from nasfer.verifying.presets import golden_figures, golden_state


class Payload:
    """Makes the folder ``ran`` if it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("ran",)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints of ZenNet-R, and of files that are none."""
    folder = tmp_path_factory.mktemp("files")
    torch.save(golden_state(golden_figures("zennet_r")), folder / "whole.pth")
    model = create_model(load_arch("zennet_r"))
    save_checkpoint(model, folder / "whole.safetensors", describe(model, "zennet_r"))
    for suffix in ("pth", "safetensors"):
        whole = (folder / f"whole.{suffix}").read_bytes()
        (folder / f"truncated.{suffix}").write_bytes(whole[: len(whole) // 2])
        (folder / f"empty.{suffix}").write_bytes(b"")
        (folder / f"text.{suffix}").write_text("<html>not found</html>")
        (folder / f"folder.{suffix}").mkdir()
        (folder / f"protocol2.{suffix}").write_bytes(pickle.dumps(Payload(), protocol=2))
        (folder / f"protocol4.{suffix}").write_bytes(pickle.dumps(Payload(), protocol=4))
    torch.save({"state_dict": Payload()}, folder / "archive.pth")
    torch.save({"epoch": 3}, folder / "no_weights.pth")
    return folder


FILES = {
    "truncated.pth": "damaged or no checkpoint",
    "truncated.safetensors": "damaged or no checkpoint",
    "text.pth": "no weights",
    "text.safetensors": "damaged or no checkpoint",
    "no_weights.pth": "no weights under epoch",
    "empty.pth": "an empty file",
    "empty.safetensors": "an empty file",
    "folder.pth": "a folder;",
    "folder.safetensors": "a folder;",
    "missing.pth": "no such file",
    "missing.safetensors": "no such file",
    "archive.pth": "it was not run",
    "protocol2.pth": "it was not run",
    "protocol4.pth": "it was not run",
    "protocol2.safetensors": "damaged or no checkpoint",
    "protocol4.safetensors": "damaged or no checkpoint",
}

COMMANDS = {
    "create": ("create", "{arch}", "out.safetensors", "--checkpoint-path", "{file}"),
    "import": ("import-checkpoint", "{arch}", "{file}", "out.safetensors"),
}


@pytest.fixture
def refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Run a command in an empty folder and return the one line that refuses it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)  # main replaces it

    def run(command: str, file: Path, arch: str = "zennet_r", *options: str) -> str:
        arguments = [part.format(arch=arch, file=file) for part in COMMANDS[command]]
        monkeypatch.setattr(sys, "argv", ["nasfer", *arguments, *options])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        assert list(tmp_path.iterdir()) == []  # neither a network nor the payload's folder
        shown = capsys.readouterr()
        assert shown.out == ""
        (line,) = shown.err.splitlines()
        return line

    return run


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_no_checkpoint_is_named(
    command: str, name: str, files: Path, refusal: Any
) -> None:
    line = refusal(command, files / name)
    assert line.startswith(f"nasfer: {files / name}: ")
    assert FILES[name] in line
    assert "Errno" not in line
    assert len(line) < 200 + len(str(files))


@pytest.mark.parametrize("name", ["whole.pth", "whole.safetensors"])
@pytest.mark.parametrize("command", COMMANDS)
def test_another_presets_weights_name_three_missing_and_three_unexpected_keys(
    command: str, name: str, files: Path, refusal: Any
) -> None:
    line = refusal(command, files / name, "emo_net")
    three = r"[\w.]+, [\w.]+, [\w.]+ and \d+ more"
    assert re.search(rf"weights of another network: missing {three}; unexpected {three}$", line)


@pytest.mark.parametrize("name", ["whole.pth", "whole.safetensors"])
@pytest.mark.parametrize("command", COMMANDS)
def test_another_number_of_classes_names_the_way_out(
    command: str, name: str, files: Path, refusal: Any
) -> None:
    line = refusal(command, files / name, "zennet_r", "--num-classes", "8")
    assert "is of 7 classes, the model has 8; --reset-head keeps the model's own head" in line


def test_a_real_process_neither_runs_the_code_nor_shows_a_traceback(
    files: Path, tmp_path: Path
) -> None:
    command = ("import-checkpoint", "zennet_r", files / "protocol4.pth", "out.safetensors")
    done = subprocess.run(
        [sys.executable, "-m", "nasfer", *map(str, command)],
        capture_output=True, text=True, timeout=240, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_payload_would_run_in_a_careless_reader(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pickle.loads((files / "protocol4.pth").read_bytes())
    assert (tmp_path / "ran").is_dir()


def test_an_output_that_is_a_folder_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
    (tmp_path / "net.safetensors").mkdir()
    monkeypatch.setattr(sys, "argv", ["nasfer", "create", "zennet_r", "net.safetensors"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "net.safetensors: a folder; " in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["net.safetensors"]
