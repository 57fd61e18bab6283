"""The records of a tuning: a trial that is wanted, one that ended, an epoch, a latency."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from typing_extensions import Self

from nasfer.runs.lines import Record

Status = Literal["done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class TrialSpec(Record):
    """One training that is wanted.

    Args:
        source: what the user called the candidate, or ``space#number``.
        digest: of the candidate.
        structure: of the candidate, with its own head.
        arch: what is built: a preset's name, which brings its normalisation, or the structure.
        seed: of weights, order and augmentation.
        config: recipe values that were drawn for it.
        number: of the proposal that it belongs to, in its source.
        proposal: what the sampler must know again when a run goes on.
    Example:
        >>> TrialSpec("a", "0123", "S(1)", "a", 1).key
        '0123-s1'
        >>> trial = TrialSpec("a", "0123", "S(1)", "a", 1, {"lr": 0.1})
        >>> trial.key, trial.label
        ('0123-s1-c924a5f4', 'a, seed 1, lr=0.1')
        >>> TrialSpec.from_dict(trial.to_dict()) == trial
        True
    """

    source: str
    digest: str
    structure: str
    arch: str
    seed: int
    config: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    proposal: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """Name of the trial everywhere: its folder, its line in the ledger."""
        return f"{self.digest}-s{self.seed}{_suffix(self.config)}"

    @property
    def candidate(self) -> str:
        """What its seeds share: digest and recipe values."""
        return f"{self.digest}{_suffix(self.config)}"

    @property
    def label(self) -> str:
        """What a person reads while it runs."""
        values = (
            f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in self.config.items()
        )
        return ", ".join([self.source, f"seed {self.seed}", *values])


def _suffix(config: Mapping[str, Any]) -> str:
    """Return a short name of recipe values, empty where there are none."""
    if not config:
        return ""
    text = json.dumps(dict(config), sort_keys=True)
    return f"-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class TestFigures(Record):
    """What was measured on the test split, once, at the end; fractions of 1 but for ``nll``.

    Args:
        accuracy: see `nasfer.inference.metrics.Metrics`; so are the others.
        count: images.
        confusion: images by true class (rows) and predicted class (columns).
        class_names: of rows and columns.
    """

    __test__ = False  # no test of pytest's

    accuracy: float
    mean_class_accuracy: float
    macro_f1: float
    ece: float
    nll: float
    count: int
    confusion: tuple[tuple[int, ...], ...]
    class_names: tuple[str, ...]

    def fault(self) -> str:
        """Say what is wrong with figures that came from a file, if anything is."""
        if self.count < 0:
            return "count: images are from 0"
        rows = (self.confusion, *self.confusion)
        if self.confusion and any(len(row) != len(self.class_names) for row in rows):
            return f"confusion: no matrix of {len(self.class_names)} classes"
        if any(not 0 <= images < 2**53 for row in self.confusion for images in row):
            return "confusion: numbers of images are from 0"
        return ""


@dataclass(frozen=True, slots=True)
class TrialRecord(Record):
    """One trial that ended, as the ledger of a tuning keeps it.

    Args:
        trial: key of the trial in its run.
        source: what the user named: a preset, a file, a run and a rank.
        digest: of the architecture.
        structure: its text.
        seed: of the training.
        status: ``done``, ``stopped`` early by the scheduler, or ``failed``.
        epochs: trained.
        asked_epochs: that the run asked for when it ended; early stopping trains fewer. ``None`` of
            older versions.
        config: recipe values that the trial ended with.
        candidate: what the seeds of one candidate have in common; empty: digest and recipe values.
        val_accuracy: the best; ``None`` of a failed trial: errors never become scores.
        test: measured at the end; ``None`` where the trial did not come to it, and so are all
            figures below but ``seconds``.
        flops: of one image; so are the other costs.
        resolution: side of the trained images, in pixels.
        device: where it was trained, ``cpu`` or ``cuda``.
        checkpoint: its file.
        checkpoint_bytes: of the file.
        zen_closed_form: ``None`` outside its derivation too.
        seconds: that its epochs took, repeated ones included.
        error: why it failed.
    """

    trial: str
    source: str
    digest: str
    structure: str
    seed: int
    status: Status
    epochs: int
    config: Mapping[str, Any] = field(default_factory=dict)
    candidate: str = ""
    val_accuracy: float | None = None
    test: TestFigures | None = None
    flops: int | None = None
    macs: int | None = None
    params: int | None = None
    layers: int | None = None
    resolution: int | None = None
    device: str | None = None
    checkpoint: str | None = None
    checkpoint_bytes: int | None = None
    zen_closed_form: float | None = None
    seconds: float = 0.0
    error: str | None = None
    asked_epochs: int | None = None

    def __post_init__(self) -> None:
        if not self.candidate:
            object.__setattr__(self, "candidate", f"{self.digest}{_suffix(self.config)}")

    @classmethod
    def of(cls, spec: TrialSpec, status: Status, epochs: int, **figures: Any) -> Self:
        """Return the record of a wanted trial that ended."""
        names = {
            "trial": spec.key, "candidate": spec.candidate, "source": spec.source,
            "digest": spec.digest, "structure": spec.structure, "seed": spec.seed,
            "config": dict(spec.config),
        }  # fmt: skip
        return cls(**{**names, "status": status, "epochs": epochs, **figures})

    def fault(self) -> str:
        """Say what is wrong with the figures of the test split, if anything is."""
        return "" if self.test is None else self.test.fault()

    def reaches(self, epochs: int | None) -> bool:
        """Whether a run of so many epochs has no more work for it; ``None``: of as many as it had.

        Those that were stopped or failed have ended for good, and those whose epochs are one of
        the values that are searched have as many as were drawn.

        Example:
            >>> TrialRecord("a-s0", "a", "a", "S(1)", 0, "done", 6, asked_epochs=6).reaches(10)
            False
        """
        if epochs is None or self.status != "done" or "epochs" in self.config:
            return True
        return max(self.epochs, self.asked_epochs or 0) >= epochs

    @property
    def config_text(self) -> str:
        """Recipe values as JSON, in order of their names; empty for none."""
        return json.dumps(dict(self.config), sort_keys=True) if self.config else ""


@dataclass(frozen=True, slots=True)
class EpochRecord(Record):
    """One epoch of a trial, written when all of it is on disk.

    Args:
        epoch: counted from 1.
        val_accuracy: on the validation split.
        seconds: since the epoch before it, or since the training began.
        host: where it was trained.
        pid: of the process.
    """

    epoch: int
    val_accuracy: float
    seconds: float
    host: str = ""
    pid: int = 0


DEPLOYED = "onnxruntime"
"""What runs the exported file; its time is the latency of a network."""


@dataclass(frozen=True, slots=True)
class LatencyRecord(Record):
    """How long one image takes through a network of a tuning.

    Args:
        median_ms: of the passes, in milliseconds.
        p95_ms: that 95 % of the passes stay within.
        threads: of the backend.
        device: as torch names it.
        host: the machine.
        backend: ``onnxruntime``, the exported file; records of before name none: eager torch.
        torch_ms: median of eager torch beside it, where it was asked for.
    """

    median_ms: float
    p95_ms: float
    threads: int | None = None
    device: str = ""
    host: str = ""
    backend: str = "torch"
    torch_ms: float | None = None
