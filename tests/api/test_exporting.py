"""``nasfer.export``: a value, a checked file, and nothing printed or left changed."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
import torch

from nasfer import export
from nasfer.arch import parse_arch
from nasfer.errors import UnknownNameError

ARCH = parse_arch("SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,32,1,1)")


def test_an_architecture_of_ones_own_is_exported_into_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = torch.get_rng_state()
    done = export(ARCH, resolution=32, batch=2)
    assert done.faithful
    assert done.path == Path(f"{ARCH.digest()}.onnx")
    assert torch.equal(torch.get_rng_state(), before)
    told = {entry.key: entry.value for entry in onnx.load(done.path).metadata_props}
    assert parse_arch(told["structure"]) == ARCH
    assert json.loads(told["resolution"]) == 32
    assert capfd.readouterr() == ("", "")


def test_the_seed_decides_untrained_weights(tmp_path: Path) -> None:
    one, same, other = (
        export(str(ARCH), tmp_path / f"{index}.onnx", resolution=32, seed=seed).path.read_bytes()
        for index, seed in enumerate((1, 1, 2))
    )
    assert one == same != other


def test_a_file_of_an_architecture_gives_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.txt").write_text(str(ARCH))
    done = export(Path("mine.txt"), quantize="int8", resolution=48, calibrate="drawn,train=70")
    assert done.path == Path("mine.int8.onnx")
    assert done.quantized


def test_wrong_words_are_refused_before_any_work() -> None:
    with pytest.raises(UnknownNameError, match="`quantize`: unknown 'int4'; allowed: int8, none"):
        export("no such file", quantize="int4")
    with pytest.raises(UnknownNameError, match="`format`: unknown 'tflite'; allowed: onnx"):
        export("no such file", format="tflite")
    with pytest.raises(UnknownNameError, match="`batch`: 0; allowed"):
        export("no such file", batch=0)
