"""Runs, their networks and checkpoints stand wherever an architecture is asked for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from nasfer import cost, load_arch
from nasfer.arch import parse_arch
from nasfer.errors import NasferError, RunFolderError, SpecError
from nasfer.models import create_model, describe, save_checkpoint
from nasfer.report import trained_table, write_results
from nasfer.tuning.asking.sources import read_source
from tests.report.ledgers import some_run, write_run

NETS = [parse_arch(f"SuperConvK3BNRELU(1,{width},2,1)") for width in (8, 16, 24)]


@pytest.fixture
def search(tmp_path: Path) -> Path:
    run = write_run(tmp_path / "search", [], kind="search")
    rows = [{"rank": i, "digest": a.digest(), "structure": str(a)} for i, a in enumerate(NETS, 1)]
    pd.DataFrame(rows).to_csv(run / "candidates.csv", index=False)
    return run


def test_a_search_names_its_best_and_a_number_or_digest_another(search: Path) -> None:
    assert load_arch(str(search)) == NETS[0]
    assert [load_arch(f"{search}#{rank}") for rank in (1, 2, 3)] == NETS
    assert [load_arch(f"{search}#{net.digest()[:8]}") for net in NETS] == NETS
    assert cost(f"{search}#2").params == cost(NETS[1]).params
    (candidate,) = read_source(f"{search}#3", top=8)
    assert (candidate.source, candidate.arch) == ("search#3", NETS[2])


def test_a_tuning_names_its_best_by_validation(tmp_path: Path) -> None:
    run = some_run(tmp_path / "tune")
    write_results(run)
    assert str(load_arch(str(run))) == trained_table(run)["structure"][0]


def test_a_checkpoint_and_a_training_name_their_architecture(tmp_path: Path) -> None:
    run = write_run(tmp_path / "train", [], kind="train")
    model = create_model(NETS[1], num_classes=5)
    save_checkpoint(model, run / "best.safetensors", describe(model, "x"))
    assert load_arch(str(run / "best.safetensors")) == model.arch == load_arch(str(run))
    with pytest.raises(SpecError, match="a training has one network"):
        load_arch(f"{run}#2")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("{run}#4", "#4: 1 to 3 are there"),
        ("{run}#0", "#0: 1 to 3 are there"),
        ("{run}#ffffffff", "no network #ffffffff; a rank, or a digest"),
        ("{run}#" + "9" * 5000, "no network"),
        ("{run}/none.safetensors", "no such file"),
        ("{run}/candidates.safetensors", "no nasfer checkpoint"),
    ],
)
def test_what_is_not_there_is_named(search: Path, name: str, message: str) -> None:
    (search / "candidates.safetensors").write_bytes(b"no checkpoint")
    with pytest.raises(NasferError, match=message):
        load_arch(name.format(run=search))


def test_a_folder_of_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError):
        load_arch(str(tmp_path))
    (tmp_path / "run").mkdir()
    run = write_run(tmp_path / "run", [], kind="search")
    with pytest.raises(SpecError, match="the run has not ended yet"):
        load_arch(str(run))
