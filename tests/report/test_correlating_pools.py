"""``correlate`` of any pool: bands, best tenth, what was not scored, and work that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nasfer import correlate
from nasfer.errors import NasferWarning, PoolError, RunFolderError, SpecError
from nasfer.pools import read_pool
from nasfer.pools.bands import best_tenth, budget_bands
from nasfer.proxies import score
from nasfer.runs.appended import read_lines

BENCH = Path(__file__).parents[2] / "../shared/bench"
NET = "SuperConvK3BNRELU(3,{0},2,1)SuperConvK3BNRELU({0},{1},{2},1)"


def pool_file(folder: Path, networks: int = 60, *, extra: tuple[str, ...] = ()) -> Path:
    rng = np.random.default_rng(0)
    structures = [NET.format(8 + i % 30, 16 + i, 1 + i % 2) for i in range(networks)]
    rows = [
        f'"{text}",{0.2 + 0.002 * index + 0.05 * rng.random()},48,faces'
        for index, text in enumerate((*structures, *extra))
    ]
    path = folder / "pool.csv"
    path.write_text("\n".join(["structure,accuracy,resolution,dataset", *rows]) + "\n")
    return path


def test_each_scope_equals_scipy_on_its_networks(tmp_path: Path) -> None:
    path = pool_file(tmp_path, 120)
    pool = read_pool(path)
    found = correlate(path, ["depth", "params", "flops"]).set_index("proxy")
    params = np.array([network.params for network in pool.networks])
    accuracy, flops = pool.accuracies, np.array([n.flops for n in pool.networks], float)
    row = found.loc["params"]
    assert row["kendall_tau_b"] == pytest.approx(stats.kendalltau(params, accuracy).statistic)
    bands = budget_bands(flops)
    taus = [stats.kendalltau(params[i], accuracy[i]).statistic for i in bands]
    sizes = [len(i) for i in bands]
    assert row["band_kendall_tau_b"] == pytest.approx(np.average(taus, weights=sizes))
    assert (row["bands"], row["band_candidates"]) == (len(bands), sum(sizes))
    top = best_tenth(accuracy)
    assert row["top_kendall_tau_b"] == pytest.approx(
        stats.kendalltau(params[top], accuracy[top]).statistic
    )
    assert (row["top_candidates"], row["unscored"]) == (12, 0)
    assert pd.isna(row["reasons"])
    one = correlate(path, "params", budget=str(int(flops[bands[-1]].max()))).iloc[0]
    assert one["bands"] == 1
    assert one["kendall_tau_b"] == row["kendall_tau_b"]


def test_what_cannot_be_scored_is_counted_with_its_reason(tmp_path: Path) -> None:
    extra = [f"MBConvE3K3(3,{8 + i},2,1,activation={a})" for i in range(2) for a in ("silu",)]
    extra += ["MBConvE3K3(3,8,2,1,activation=hardswish)"]
    path = pool_file(tmp_path, 10, extra=tuple(extra))
    with pytest.warns(NasferWarning, match="^zen_closed_form: 3 of 13 networks not scored: 2: "):
        row = correlate(path, "zen_closed_form", out=tmp_path / "tau.csv").iloc[0]
    assert (row["candidates"], row["unscored"]) == (10, 3)
    assert row["reasons"].startswith("2: zen_closed_form: no mean field for silu")
    assert "; 1: zen_closed_form: no mean field for hardswish" in row["reasons"]
    pd.testing.assert_series_equal(pd.read_csv(tmp_path / "tau.csv").iloc[0], row)


def test_measured_scores_are_kept_beside_the_table(tmp_path: Path) -> None:
    path, out = pool_file(tmp_path, 6), tmp_path / "tau.csv"
    first = correlate(path, "zen", batch=2, out=out)
    kept = tmp_path / "tau.scores.jsonl"
    lines = read_lines(kept)
    assert [line["digest"] for line in lines] == [a.digest() for a in read_pool(path).archs]
    wanted = float(score(read_pool(path).archs[3], "zen", resolution=48, batch=2))
    assert lines[3]["score"] == wanted
    stamp = kept.read_bytes()
    pd.testing.assert_frame_equal(correlate(path, "zen", batch=2, out=out), first)
    assert kept.read_bytes() == stamp  # nothing was measured again
    correlate(path, "zen", batch=2, seed=1, out=out)
    assert len(read_lines(kept)) == 12  # other draws are other scores
    correlate(path, ["depth", "zen_closed_form"], out=out)
    assert len(read_lines(kept)) == 12  # what takes no time is not kept


def test_a_line_that_was_cut_is_measured_again_and_a_damaged_one_refused(tmp_path: Path) -> None:
    path, out = pool_file(tmp_path, 6), tmp_path / "tau.csv"
    first = correlate(path, "zen", batch=2, out=out)
    kept = tmp_path / "tau.scores.jsonl"
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-30])
    pd.testing.assert_frame_equal(correlate(path, "zen", batch=2, out=out), first)
    assert len(read_lines(kept)) == 6
    kept.write_bytes(whole.replace(b'"score": ', b'"score": 1', 1))
    with pytest.raises(RunFolderError, match=r"tau.scores.jsonl:1: damaged line"):
        correlate(path, "zen", batch=2, out=out)


@pytest.mark.slow
def test_a_killed_measurement_goes_on(tmp_path: Path) -> None:
    path, out = pool_file(tmp_path, 12), tmp_path / "tau.csv"
    words = [sys.executable, "-m", "nasfer", "correlate", str(path), "--proxy", "zen",
             "--repeats", "20", "--batch", "8", "--out", str(out)]  # fmt: skip
    kept = tmp_path / "tau.scores.jsonl"
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while not kept.exists() or kept.read_bytes().count(b"\n") < 3:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    before = kept.read_bytes()
    done = before.count(b"\n")
    assert 3 <= done < 12
    assert not out.exists()
    subprocess.run(words, check=True, capture_output=True, timeout=240)
    assert kept.read_bytes().startswith(before[: before.rfind(b"\n") + 1])  # those stay
    assert len(read_lines(kept)) == 12
    assert pd.read_csv(out)["candidates"].tolist() == [12]


def test_wrong_asks_are_refused(tmp_path: Path) -> None:
    path = pool_file(tmp_path, 8)
    with pytest.raises(SpecError, match="`metric`: 'macro_f1': of a pool the one figure is"):
        correlate(path, metric="macro_f1")
    with pytest.raises(PoolError, match="no source"):
        correlate([])
    equal = tmp_path / "equal.csv"
    rows = [f'"{NET.format(8 + i, 16, 1)}",30,48' for i in range(8)]
    equal.write_text("\n".join(["structure,accuracy,resolution", *rows]))
    with pytest.raises(RunFolderError, match=r"accuracy: 0\.3 of all networks, no order"):
        correlate(equal)
    with pytest.raises(PoolError, match=r"`budget`: fewer than 10 networks from 0\.85 of 1\.5M"):
        correlate(path, budget="1.5M")
    with pytest.raises(RunFolderError, match="4 candidates have it"):
        correlate(pool_file(tmp_path, 4))


@pytest.mark.skipif(not BENCH.is_dir(), reason=f"{BENCH}: the public tables are not here")
def test_known_answers_of_a_public_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its README: params 0.218 and, by multiply-adds, FLOPs 0.556 on NAS-Bench-Macro."""
    monkeypatch.setattr("nasfer.pools.agreement.RESAMPLES", 10)
    found = correlate(BENCH / "nas-bench-macro_cifar10.json", ["params", "flops"])
    tau = found.set_index("proxy")["kendall_tau_b"]
    assert tau["params"] == pytest.approx(0.218, abs=5e-4)
    assert tau["flops"] == pytest.approx(0.556, abs=0.01)
    within = found.set_index("proxy")["band_kendall_tau_b"]
    assert 0.07 < within["flops"] < 0.14  # "inside a band FLOPs order nothing"
