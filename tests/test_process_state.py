"""nasfer is a guest in its caller's process: what it changes there for its work, it puts back."""

from __future__ import annotations

import logging
import os
import random
import signal
import warnings
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import optuna
import pytest
import sklearn.metrics  # noqa: F401 - sets two KMP_ variables and a filter of warnings by itself
import torch

import nasfer
from nasfer.errors import TrialError
from nasfer.training.loop import Training
from nasfer.verifying.presets import check_preset

NET = "SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
TINY = {"data": "drawn,train=70,val=70,test=70", "options": {"epochs": "1", "batch_size": "35"},
        "resolution": 48, "threads": 1}  # fmt: skip


def state() -> dict[str, Any]:
    """What a process has once, and everybody in it shares."""
    return {
        "threads": torch.get_num_threads(),
        "torch's numbers": torch.get_rng_state().tolist(),
        "python's numbers": random.getstate(),
        "numpy's numbers": repr(np.random.get_state()),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "cudnn": (torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic),
        "default type": torch.get_default_dtype(),
        "gradients": torch.is_grad_enabled(),
        "environment": {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"},
        "backend": matplotlib.get_backend(auto_select=False),
        "drawing": {  # reading the backend would choose one
            name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"
        },
        "optuna": optuna.logging.get_verbosity(),
        "warnings": list(warnings.filters),
        "logging": (logging.root.level, list(logging.root.handlers)),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "folder": os.getcwd(),
    }


def changed(before: dict[str, Any]) -> list[str]:
    after = state()
    return [name for name in before if before[name] != after[name]]


@pytest.fixture
def before() -> Any:
    """A state that no seed of ours makes by chance."""
    threads = torch.get_num_threads()
    torch.set_num_threads(3)
    torch.manual_seed(91)
    random.seed(92)
    np.random.seed(93)
    yield state()
    torch.set_num_threads(threads)


def test_a_training_puts_back_the_state_of_its_process(
    before: dict[str, Any], tmp_path: Path
) -> None:
    nasfer.train(NET, out=tmp_path, **TINY)
    assert (tmp_path / "best.safetensors").exists()
    assert changed(before) == []


def test_a_training_that_fails_puts_it_back_too(
    before: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object, **also: object) -> None:
        raise TrialError("loss is nan")

    monkeypatch.setattr(Training, "_step", fail)
    with pytest.raises(TrialError, match="loss is nan"):
        nasfer.train(NET, out=tmp_path, **TINY)
    assert changed(before) == []


def test_searching_scoring_and_checking_leave_it_too(
    before: dict[str, Any], tmp_path: Path
) -> None:
    nasfer.search("zennet_r", "30M", iterations=200, top=1, repeats=1, resolution=48, out=tmp_path)
    nasfer.score(NET, "zen", resolution=48, batch=2)
    after_search = changed(before)
    check_preset("zennet_m_sa")
    assert (after_search, changed(before)) == ([], [])
