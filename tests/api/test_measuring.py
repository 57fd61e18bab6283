"""``evaluate``, ``predict``, ``correlate``, ``pareto``: frames and values, and nothing printed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from nasfer.api.measuring import correlate, evaluate, pareto, predict
from nasfer.arch import parse_arch
from nasfer.data import EXPRESSIONS
from nasfer.errors import CheckpointError, DataError, RunFolderError, SpecError, UnknownNameError
from nasfer.inference.result import Result
from nasfer.models import CheckpointInfo, create_model, save_checkpoint
from tests.report.ledgers import failed, some_run, write_run

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


def test_correlations_are_a_frame_and_files_where_asked_for(tmp_path: Path) -> None:
    run = some_run(tmp_path / "run")
    found = correlate(str(run), "flops", "macro_f1")
    assert found["proxy"].tolist() == ["flops"]
    assert correlate([run])["proxy"].tolist() == ["zen_closed_form", "flops", "params"]
    again = correlate(run, ["flops"], "macro_f1", out=str(tmp_path / "new" / "tau.csv"))
    pd.testing.assert_frame_equal(found, again)
    pd.testing.assert_frame_equal(found, pd.read_csv(tmp_path / "new" / "tau.csv"))
    assert (tmp_path / "new" / "tau.png").exists()
    with pytest.raises(SpecError, match=r"`out`: tau\.xls ends neither in \.csv nor in \.md"):
        correlate(run, out="tau.xls")


def test_a_front_of_trainings_has_all_candidates_and_what_failed(tmp_path: Path) -> None:
    run = some_run(tmp_path / "run")
    before = sorted(run.iterdir())
    front = pareto(str(run), reference=(5e6, 0.1))
    assert sorted(run.iterdir()) == before
    assert front.table["dominated"].tolist() == [False, False, True, False]
    assert len(front.rows) == 3
    assert front.reference == (5e6, 0.1)
    assert front.failures["error"].tolist() == ["TrialError: loss is nan in epoch 2"]
    pareto([run], "params", "zen", formats=["csv", "html"], out=tmp_path / "out", printed=True)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"pareto.csv", "pareto.html", "pareto_failures.csv"}


def search_run(folder: Path, zen: tuple[float, ...] = (1.0, 3.0, 2.0)) -> Path:
    """A finished search of some networks, the third of them dominated."""
    write_run(folder, [], objective_proxy="zen_closed_form")
    table = pd.DataFrame({
        "digest": [f"{folder.name}{index}" for index in range(len(zen))], "zen": zen,
        "zen_mean": float("nan"), "zen_std": float("nan"), "flops": [10, 20, 30],
        "params": [1, 2, 3], "structure": "S(1)",
    })  # fmt: skip
    table[:2].to_csv(folder / "front.csv", index=False)
    table.rename(columns={"zen": "zen_closed_form"}).to_csv(folder / "candidates.csv", index=False)
    return folder


def test_a_front_of_searches_marks_the_dominated_ones(tmp_path: Path) -> None:
    runs = [search_run(tmp_path / "a"), search_run(tmp_path / "b", (2.0, 2.5, 2.6))]
    front = pareto(runs, formats=("csv", "png"), out=tmp_path / "out")
    assert (front.x, front.y, len(front.table)) == ("flops", "zen", 6)
    assert front.rows["digest"].tolist() == ["b0", "a1"]
    written = pd.read_csv(tmp_path / "out" / "pareto.csv")
    assert written["digest"].tolist() == ["b0", "a1"]
    assert "dominated" not in written
    assert (tmp_path / "out" / "pareto.png").exists()


def test_what_makes_no_front_is_refused(tmp_path: Path) -> None:
    found, trained = search_run(tmp_path / "search"), some_run(tmp_path / "tune")
    with pytest.raises(RunFolderError, match=r"search: a search, .*tune holds trainings"):
        pareto([found, trained])
    with pytest.raises(SpecError, match="`printed`: for runs of `nasfer tune` only"):
        pareto(found, printed=True)
    with pytest.raises(UnknownNameError, match="`formats`: unknown 'html'; allowed: csv, md"):
        pareto(found, formats=["html"])
    with pytest.raises(UnknownNameError, match="`formats`: unknown 'xls'"):
        pareto(trained, formats=["xls"])
    with pytest.raises(RunFolderError, match="no finished trial"):
        pareto(write_run(tmp_path / "failed", [failed(0)]))
