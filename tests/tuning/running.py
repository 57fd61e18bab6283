"""``nasfer tune`` as a process that tests may kill, and what its folder says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

import nasfer

NET = "SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
DATA = "drawn,train=140,val=70,test=70"
EPOCHS = 14
ARGUMENTS = {
    "--data": DATA, "--epochs": str(EPOCHS), "--set": "batch_size=32", "--seeds": "2",
}  # fmt: skip
SAME = ["digest", "seeds", "accuracy", "accuracy_std", "macro_f1", "val_accuracy", "flops"]


def environment(**more: str) -> dict[str, str]:
    """Variables of a process that imports this nasfer from wherever it stands."""
    package = str(Path(nasfer.__file__).parents[1])
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("RAY_", "TUNE_"))}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONPATH": package, **more}


def start(out: Path, *more: str, cwd: Path | None = None, **env: str) -> subprocess.Popen[str]:
    """Start a tuning, of one trial at a time if nothing else is said."""
    one = () if "pbt" in more or "--max-concurrent" in more else ("--max-concurrent", "1")
    own = [word for name, value in ARGUMENTS.items() if name not in more or name == "--set"
           for word in (name, value)]  # fmt: skip
    command = [sys.executable, "-m", "nasfer", "tune", NET, *own, *one, *more, "--out", str(out)]
    return subprocess.Popen(
        command, env=environment(**env), cwd=cwd, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process: subprocess.Popen[str], code: int = 0) -> tuple[str, str]:
    """Wait for the end; return stdout and stderr."""
    stdout, stderr = process.communicate(timeout=150)
    assert process.returncode == code, stdout + stderr
    assert "Traceback" not in stderr, stderr
    return stdout, stderr


def run(out: Path, *more: str, code: int = 0, cwd: Path | None = None) -> tuple[str, str]:
    """Run a tuning to its end."""
    return finish(start(out, *more, cwd=cwd), code)


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something happened while the process runs."""
    end = time.monotonic() + 100
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


def lines(path: Path) -> list[dict]:
    """Whole lines of a file that is being written."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


def epochs(out: Path, seed: int) -> list[int]:
    """Epochs that a trial trained, in order, repeated ones included."""
    return [line["epoch"] for line in epoch_lines(out, seed)]


def epoch_lines(out: Path, seed: int) -> list[dict]:
    """What the trial of a seed wrote after each epoch."""
    return [x for path in out.glob(f"trials/*-s{seed}*/epochs.jsonl") for x in lines(path)]


def table(out: Path) -> pd.DataFrame:
    """What does not depend on the clock."""
    return pd.read_csv(out / "results.csv")[SAME]


def assert_nothing_lost(out: Path, undisturbed: Path, *, repeated: int = 0) -> None:
    """The same table; every epoch trained once, but for so many whose end was not seen."""
    pd.testing.assert_frame_equal(table(out), table(undisturbed))
    for seed in (0, 1):
        done = epochs(out, seed)
        assert sorted(set(done)) == list(range(1, EPOCHS + 1))
        assert len(done) <= EPOCHS + repeated
    keys = [line["trial"] for line in lines(out / "ledger.jsonl")]
    assert len(keys) == len(set(keys)) == 2
