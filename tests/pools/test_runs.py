"""Tune runs as pools: seeds joined over runs, validation accuracies, recipes compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nasfer.errors import NasferWarning, PoolError, RunFolderError
from nasfer.pools import read_pool
from nasfer.pools.families import family_of
from nasfer.presets import load_arch
from nasfer.runs.files import HISTORY_FILE, trial_folder
from tests.report.ledgers import failed, line, stopped, write_run


def test_a_pool_of_two_runs_joins_their_seeds(tmp_path: Path) -> None:
    one = write_run(tmp_path / "one", [line(1, 0, 0.5), line(1, 1, 0.54), line(2, 0, 0.6)])
    two = write_run(tmp_path / "two", [line(2, 3, 0.62), line(3, 0, 0.7)])
    pool = read_pool(one, two)
    assert [network.seeds for network in pool.networks] == [2, 2, 1]
    # of the validation split, which may choose: the ledgers have it 1 % over the test accuracy
    assert list(pool.accuracies) == pytest.approx([53, 62, 71])
    assert (pool.resolution, pool.dataset, pool.recipe) == (32, "drawn", "nasfer epochs=3")
    assert pool.name == "one, two"
    assert pool.families == ("SuperConv",)
    assert read_pool(one, one).networks == read_pool(one).networks  # told twice, trained once


def test_trials_that_did_not_end_are_left_out_and_said(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [line(1), line(2, accuracy=0.6), stopped(3), failed(4)])
    with pytest.warns(NasferWarning, match="2 trials that were stopped or failed are left out"):
        assert len(read_pool(run)) == 2
    lost = write_run(tmp_path / "lost", [failed(4), stopped(2)])
    with pytest.raises(PoolError, match="lost: no accuracies; none of its trials came to its end"):
        read_pool(lost)


def test_losses_are_the_mean_curve_over_seeds(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [line(1, 0), line(1, 1), line(2)])
    for seed, curve in enumerate([(2.0, 1.0), (1.0, 0.5)]):
        folder = trial_folder(run, f"1-s{seed}")
        folder.mkdir(parents=True)
        rows = [f"{epoch},{loss}" for epoch, loss in enumerate(curve, start=1)]
        (folder / HISTORY_FILE).write_text("\n".join(["epoch,train_loss", *rows]) + "\n")
    first, second = read_pool(run).networks
    assert first.losses == (1.5, 0.75)
    assert second.losses == ()
    (folder / HISTORY_FILE).write_text("epoch,train_loss\n1,x\n")
    with pytest.raises(PoolError, match="train_loss: a cell is no number"):
        read_pool(run)


def test_recipes_that_differ_are_named_by_their_field(tmp_path: Path) -> None:
    def run(name: str, **values: object) -> Path:
        return write_run(tmp_path / name, [line(len(name))], recipe_values=values)

    one, same, other = run("a", lr=0.1), run("bb", lr=0.1, newer=1), run("ccc", lr=0.2)
    assert len(read_pool(one, same)) == 2  # a field that one run does not know is no difference
    with pytest.raises(PoolError, match=r"recipe: lr is 0.1 in .*a, 0.2 in .*ccc; .*`mixed`"):
        read_pool(one, other)
    assert len(read_pool(one, other, mixed=True)) == 2


def test_recipe_values_that_were_drawn_are_other_recipes(tmp_path: Path) -> None:
    trials = [line(1), line(1, trial="1-s0-x", config={"lr": 0.5}, candidate="x")]
    run = write_run(tmp_path / "run", trials)
    with pytest.raises(PoolError, match=r"recipe: .* has 'nasfer epochs=3', .*lr=0.5'"):
        read_pool(run)
    assert len(read_pool(run, mixed=True)) == 2


def test_other_folders_are_refused(tmp_path: Path) -> None:
    search = write_run(tmp_path / "search", [], kind="search")
    with pytest.raises(RunFolderError, match="a run of nasfer search; one of nasfer tune"):
        read_pool(search)
    with pytest.raises(RunFolderError, match="no run folder"):
        read_pool(tmp_path)
    run = write_run(tmp_path / "run", [line(1)])
    ledger = run / "ledger.jsonl"
    record = json.loads(ledger.read_text())
    ledger.write_text(json.dumps({**record, "structure": "Nothing(1)"}) + "\n")
    with pytest.raises(PoolError, match=r"ledger.jsonl:1: structure: .*unknown block 'Nothing'"):
        read_pool(run)


@pytest.mark.parametrize(
    "name", ["zennet_m", "zennet_m_sa", "zennet_r", "emo_net", "efficientface"]
)
def test_presets_belong_to_the_space_that_has_them(name: str) -> None:
    assert family_of(load_arch(name)).startswith(name[:8])
