"""How long should torch's threads spin while they wait? Alone on a machine, and beside others.

Run: ``python benchmarks/busy_machine.py [--rounds 7] [--out results]``, nothing else running.
OpenMP's threads spin at the end of each parallel piece, in case the next one comes at once. On an
idle machine that saves a wake-up; beside other torch processes it burns the very time that the
others need to get there. Each setting has the measuring phase of a search and a training, on all
cores, first alone and then beside two trainings with the same setting. All settings take turns in
each round, in processes that live throughout, so that whatever else the machine does meets all.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


PLAIN = "as torch has it"
SETTINGS: dict[str, dict[str, str]] = {
    PLAIN: {},
    "GOMP_SPINCOUNT=10000": {"GOMP_SPINCOUNT": "10000"},
    "GOMP_SPINCOUNT=1000": {"GOMP_SPINCOUNT": "1000"},
    "OMP_WAIT_POLICY=PASSIVE": {"OMP_WAIT_POLICY": "PASSIVE"},
}
UNSET = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_NUM_THREADS")
WORK = ("measuring", "training")
BESIDE = 2
IDLE_LIMIT, BUSY_LIMIT = 1.03, 2.0


def main() -> None:
    """Measure each setting in turn and print the ratios; or, started by itself, do one work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--busy-rounds", type=int, default=2)
    parser.add_argument("--settings", nargs="*", default=list(SETTINGS), choices=SETTINGS)
    parser.add_argument("--out", type=Path, help="folder for busy_machine.md; none: only print")
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--for-ever", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work is not None:
        _work(given.work, for_ever=given.for_ever)
        return
    rows = _measure(given.settings, given.rounds, given.busy_rounds)
    text = _report(rows)
    print(text)
    if given.out is not None:
        (given.out / "busy_machine.md").write_text(text, encoding="utf-8")


def _measure(names: list[str], rounds: int, busy_rounds: int) -> list[tuple[str, str, int, float]]:
    """Return setting, work, trainings beside it, and seconds, of every measurement."""
    rows = []

    def note(name: str, work: str, beside: int, seconds: float) -> None:
        rows.append((name, work, beside, seconds))
        print(f"{work} beside {beside}, {name}: {seconds:.2f} s", file=sys.stderr, flush=True)

    with ExitStack() as stack:
        workers = {
            (name, work): stack.enter_context(_worker(name, work))
            for name in names for work in WORK
        }  # fmt: skip
        for number in range(rounds):
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                for work in WORK:
                    note(name, work, 0, _seconds(workers[name, work]))
        for _ in range(busy_rounds):
            for name in names:
                with ExitStack() as others:
                    for _ in range(BESIDE):
                        others.enter_context(_worker(name, "training", "--for-ever"))
                    for work in WORK:
                        note(name, work, BESIDE, _seconds(workers[name, work]))
    return rows


@contextmanager
def _worker(name: str, work: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """This file as a process of its own, warmed up, under a setting."""
    environment = {key: value for key, value in os.environ.items() if key not in UNSET}
    process = subprocess.Popen(
        [sys.executable, __file__, "--work", work, *options], env=environment | SETTINGS[name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def _seconds(process: subprocess.Popen[str]) -> float:
    """Let a worker do its work once."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def _work(name: str, *, for_ever: bool) -> None:
    """Warm up and say so; then do the work at every word, or without end."""
    step = _measuring() if name == "measuring" else _training()
    step()
    print("warm", flush=True)
    parent = os.getppid()
    while for_ever and os.getppid() == parent:
        step()
    for _ in sys.stdin:
        started = time.perf_counter()
        step()
        step()
        print(time.perf_counter() - started, flush=True)


def _measuring() -> Callable[[], object]:
    """One measured Zen-score of ZenNet-M, as at the end of a search."""
    from nasfer.presets import load_arch
    from nasfer.proxies import score

    arch = load_arch("zennet_m")
    return lambda: score(arch, "zen", resolution=224, batch=16)


def _training() -> Callable[[], object]:
    """A few steps of ZenNet-M on batches of 64 faces of 48 px."""
    import torch
    from torch import nn

    from nasfer.models import create_model
    from nasfer.presets import load_arch

    model = create_model(load_arch("zennet_m"), num_classes=7).train()
    images, labels = torch.randn(64, 3, 48, 48), torch.randint(7, (64,))
    optimiser = torch.optim.AdamW(model.parameters())

    def step() -> None:
        for _ in range(4):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimiser.step()

    return step


def _report(rows: list[tuple[str, str, int, float]]) -> str:
    """A row a setting: what it costs alone, and how near to its fair share it comes beside others.

    The fair share of one process of three is a third of the machine: three times as long as alone.
    """
    import pandas as pd

    table = pd.DataFrame(rows, columns=["setting", "work", "beside", "seconds"])
    seconds = table.groupby(["setting", "work", "beside"], sort=False)["seconds"].median()
    shown = []
    for name in dict.fromkeys(table["setting"]):
        row: dict[str, object] = {"setting": name}
        for work in WORK:
            alone, plain = seconds[name, work, 0], seconds[PLAIN, work, 0]
            row[f"{work} alone (limit {IDLE_LIMIT})"] = f"{alone / plain:.3f}"
            if (name, work, BESIDE) in seconds.index:
                share = seconds[name, work, BESIDE] / plain / (BESIDE + 1)
                row[f"{work} beside {BESIDE}, of its fair share (limit {BUSY_LIMIT:g})"] = (
                    f"{share:.2f}"
                )
        shown.append(row)
    lines = [f"{work} alone, {PLAIN}: {seconds[PLAIN, work, 0]:.2f} s" for work in WORK]
    made = pd.DataFrame(shown).to_markdown(index=False, disable_numparse=True)
    return f"{made}\n\n{'; '.join(lines)}; medians, {os.cpu_count()} cores.\n"


if __name__ == "__main__":
    main()
