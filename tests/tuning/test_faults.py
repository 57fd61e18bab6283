"""Faults in real processes with a real Ray: what is lost is at most the epoch in flight.

An epoch counts as done once its state is on disk; the line in ``epochs.jsonl`` follows, so a kill
between the two costs a line, not an epoch.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.tuning.running import (
    EPOCHS,
    assert_nothing_lost,
    environment,
    epoch_lines,
    epochs,
    finish,
    lines,
    run,
    start,
    table,
    wait_for,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tune") / "whole"
    stdout, stderr = run(out)
    assert "best first" in stdout
    assert "trials 2/2: 0 running, 2 done" in stderr
    return out


def folders_of(pid: int) -> list[Path]:
    return list(Path("/tmp").glob(f"nasfer-{pid}-*"))


def test_a_finished_run_is_reported_not_redone(undisturbed: Path) -> None:
    before = (undisturbed / "ledger.jsonl").read_bytes()
    stdout, stderr = run(undisturbed)
    assert "best first" in stdout
    assert "running" not in stderr
    assert (undisturbed / "ledger.jsonl").read_bytes() == before
    status = subprocess.run(
        [sys.executable, "-m", "nasfer", "tune", "--status", undisturbed],
        env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "finished: trials 2/2" in status.stdout


def test_a_killed_worker_goes_on_from_its_last_epoch(undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = start(out)
    wait_for(lambda: len(epochs(out, 0)) >= 4, process)
    os.kill(epoch_lines(out, 0)[-1]["pid"], signal.SIGKILL)
    _, stderr = finish(process)
    assert "it goes on from epoch" in stderr
    assert len({line["pid"] for line in epoch_lines(out, 0)}) == 2
    assert_nothing_lost(out, undisturbed)
    assert not folders_of(process.pid)


def test_a_killed_driver_resumes(undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = start(out)
    wait_for(lambda: len(lines(out / "ledger.jsonl")) == 1 and len(epochs(out, 1)) >= 3, process)
    first = epoch_lines(out, 0)
    process.kill()
    process.communicate()
    assert folders_of(process.pid)  # it had no chance to tidy up; the next start does
    run(out)
    assert epoch_lines(out, 0) == first, "a finished trial was trained again"
    assert_nothing_lost(out, undisturbed)
    assert not folders_of(process.pid)


def test_a_result_that_no_driver_saw_is_recovered(undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = start(out)
    wait_for(lambda: len(lines(out / "ledger.jsonl")) == 1, process)
    process.kill()
    process.communicate()
    (out / "ledger.jsonl").unlink()  # as if the driver had died just before it wrote
    run(out)
    assert_nothing_lost(out, undisturbed)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(number: int, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = start(out)
    wait_for(lambda: len(epochs(out, 0)) >= 4, process)
    sent = time.monotonic()
    process.send_signal(number)
    _, stderr = finish(process, 130)
    assert time.monotonic() - sent < 35
    assert "interrupted; the same command goes on" in stderr
    assert not folders_of(process.pid)
    assert not lines(out / "ledger.jsonl"), "an interrupted trial was entered as ended"
    run(out)
    assert_nothing_lost(out, undisturbed)


def test_a_removed_node_costs_the_epoch_in_flight(undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    script = Path(__file__).with_name("two_nodes.py")
    done = subprocess.run(
        [sys.executable, script, out], env=environment(), capture_output=True, text=True,
        timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert_nothing_lost(out, undisturbed)


def test_it_runs_beside_another_ray_and_from_another_folder(
    undisturbed: Path, tmp_path: Path
) -> None:
    code = (
        "import ray, sys, tempfile\n"
        "with tempfile.TemporaryDirectory(prefix='r') as folder:\n"
        "    ray.init(address='local', num_cpus=1, include_dashboard=False, _temp_dir=folder,\n"
        "             object_store_memory=80 * 1024 * 1024)\n"
        "    print('up', flush=True)\n"
        "    sys.stdin.read()\n"
        "    ray.shutdown()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(RAY_USAGE_STATS_ENABLED="0"), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        finish(start(Path("../run"), cwd=elsewhere))
    finally:
        other.communicate("", timeout=30)
    assert_nothing_lost(tmp_path / "run", undisturbed)


def test_a_full_disk_ends_the_run_with_a_line_and_it_goes_on(
    undisturbed: Path, tmp_path: Path
) -> None:
    out, flag = tmp_path / "run", tmp_path / "full"
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(
        "import os\n"
        "sync = os.fsync\n"
        "def full(number):\n"
        f"    if os.path.exists({str(flag)!r}):\n"
        "        raise OSError(28, 'No space left on device')\n"
        "    sync(number)\n"
        "os.fsync = full\n"
    )
    path = environment()["PYTHONPATH"] + os.pathsep + str(tmp_path / "site")
    process = start(out, PYTHONPATH=path)
    wait_for(lambda: len(epochs(out, 0)) >= 3, process)
    flag.touch()
    _, stderr = finish(process, 2)
    assert "cannot be written: No space left on device" in stderr
    flag.unlink()
    run(out)
    assert_nothing_lost(out, undisturbed)


def test_a_diverged_training_fails_and_the_others_go_on(tmp_path: Path) -> None:
    out = tmp_path / "run"
    more = ("--search", "lr=choice(1e30,1e-3)", "--sampler", "random", "--trials", "4")
    stdout, _ = run(out, *more, "--set", "optimizer=sgd", "--epochs", "2")
    failures = pd.read_csv(out / "failures.csv")
    assert failures["error"].str.contains("not finite").all()
    results = pd.read_csv(out / "results.csv")
    assert [float(json.loads(text)["lr"]) for text in results["config"]] == [0.001]
    assert "Failed" in stdout
    failed = [line for line in lines(out / "ledger.jsonl") if line["status"] == "failed"]
    assert failed[0]["val_accuracy"] is None
    assert failed[0]["test"] is None


def test_an_ask_that_no_node_meets_is_an_error_before_anything_starts(tmp_path: Path) -> None:
    _, stderr = run(tmp_path / "run", "--cpus-per-trial", "512", code=2)
    assert "a trial asks for 512 CPU, and no node has that" in stderr
    assert not (tmp_path / "run").exists()


def test_a_crash_at_every_try_is_a_failure_with_its_error(tmp_path: Path) -> None:
    out = tmp_path / "run"
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(
        "import os\n"
        "if 'RAY_JOB_ID' in os.environ or os.environ.get('RAY_RAYLET_PID'):\n"
        "    import nasfer.training.loop as loop\n"
        "    def crash(self, watch):\n"
        "        raise MemoryError('no memory left for this test')\n"
        "    loop.Training.run_epoch = crash\n"
    )
    path = environment()["PYTHONPATH"] + os.pathsep + str(tmp_path / "site")
    process = start(out, "--seeds", "1", "--max-failures", "1", PYTHONPATH=path)
    stdout, _ = finish(process, 1)
    assert "no memory left for this test" in pd.read_csv(out / "failures.csv")["error"][0]
    assert "Failed" in stdout
    retried = run(out, "--seeds", "1", "--retry-failed")[0]
    assert "best first" in retried
    assert len(epochs(out, 0)) == EPOCHS
    assert not (out / "failures.csv").exists()
    assert table(out)["seeds"][0] == 1
