"""What a person sees while candidates are trained: on a terminal, and in a pipe."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

SHOW = r"""
from nasfer.cli.tune_progress import tune_watch
from nasfer.tuning.watching import TuneProgress
with tune_watch() as watch:
    epochs = {"m400#2, seed 0": 5, "[/b]\x1b]0;title\x07": 1}
    watch(TuneProgress(4, 1, 1, 1, 0, epochs, 10, 0.399, "m400#1", 0.25, 100.0))
"""
LINE = (
    "trials 2/4: 1 running, 1 done, 1 stopped, 0 failed; best validation 39.9% (m400#1);"
    " 0.25 epochs/s, about 2 min left"
)


def shown(stderr: int) -> subprocess.CompletedProcess[str]:
    """Show one progress in a process of its own."""
    variables = {**os.environ, "COLUMNS": "140", "TERM": "xterm"}
    return subprocess.run(
        [sys.executable, "-c", SHOW], stderr=stderr, env=variables, text=True, check=True
    )


def test_a_terminal_shows_counts_best_time_left_and_each_running_trial() -> None:
    ours, theirs = pty.openpty()
    try:
        shown(theirs)
        text = os.read(ours, 100_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert LINE in text
    assert "m400#2, seed 0" in text
    assert "5/10" in text
    assert "[/b]\\x1b]0;title\\x07" in text
    assert "\x1b]0;" not in text


def test_a_pipe_has_one_plain_line() -> None:
    assert shown(subprocess.PIPE).stderr == LINE + "\n"
