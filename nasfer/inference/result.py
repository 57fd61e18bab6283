"""What was measured of a trained network, as one value and as the files that keep it.

``train``, ``evaluate`` and every trial of ``tune`` write the same ``result.json``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasfer.inference.metrics import Metrics
from nasfer.overview import Overview, Overviewed
from nasfer.runs.atomic import make_folder
from nasfer.runs.files import RESULT_FILE
from nasfer.runs.folder import write_atomic

if TYPE_CHECKING:
    from nasfer.inference.latency import Latency

PER_CLASS_FILE = "per_class.csv"

PER_CLASS_COLUMNS = ("class", "precision", "recall", "f1", "support")
"""Header of `PER_CLASS_FILE`; ``recall`` is the class's accuracy, ``support`` its images."""


@dataclass(frozen=True, slots=True, repr=False)
class Result(Overviewed):
    """How good a trained network is on one split of a data set.

    Args:
        network: what the user named: a preset, a structure, a file; or the checkpoint.
        structure: the architecture's structure string.
        digest: of the architecture.
        data: the data set as it was named, ``NAME[:PATH][,option=value...]``.
        split: ``train``, ``val`` or ``test``.
        resolution: side of the images that the network read, in pixels.
        metrics: accuracy, calibration, confusion, classes.
        device: of torch, where it was computed.
        flip: whether probabilities are means with those of the mirror images.
        notes: what the data set says of how it was read.
        bad_images: paths that were damaged and skipped.
        latencies: of forward passes, one a batch size; empty where none was timed.
        best_epoch: figures of the epoch whose weights these are; ``None`` where unknown.
        checkpoint: file of the weights; ``None`` where they are in no file.
    """

    network: str
    structure: str
    digest: str
    data: str
    split: str
    resolution: int
    metrics: Metrics
    device: str = "cpu"
    flip: bool = False
    notes: tuple[str, ...] = ()
    bad_images: tuple[str, ...] = ()
    latencies: tuple[Latency, ...] = ()
    best_epoch: Mapping[str, float] | None = None
    checkpoint: str | None = None

    @property
    def title(self) -> str:
        """The network, the data and the split in a few words, for headings and pictures."""
        named = Path(self.network).stem if "." in self.network else self.network
        name = self.digest if "(" in named else named
        data = self.data.split(":")[0].split(",")[0]
        return f"{name} on {data}, {self.split}"

    def overview(self) -> Overview:
        """Return what was measured, in short."""
        timed = ", ".join(
            f"{one.median_ms:.2f} ms for {one.batch} ({one.backend})" for one in self.latencies
        )
        return Overview(
            f"Result: {self.title}",
            {
                "measured": self.metrics.sentence,
                "latency": timed or None,
                "damaged images": len(self.bad_images) or None,
                "checkpoint": self.checkpoint,
            },
            self.metrics.overview().rows,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, as it stands in ``result.json``."""
        return {
            "network": self.network,
            "structure": self.structure,
            "digest": self.digest,
            "checkpoint": self.checkpoint,
            "data": self.data,
            "split": self.split,
            "resolution": self.resolution,
            "flip": self.flip,
            "device": self.device,
            "notes": list(self.notes),
            "bad_images": list(self.bad_images),
            "best_epoch": None if self.best_epoch is None else dict(self.best_epoch),
            "metrics": self.metrics.to_dict(),
            "latency": [asdict(latency) for latency in self.latencies],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """Return what `to_dict` gave; text of JSON in between changes nothing.

        Raises:
            KeyError: a field is missing.
            TypeError, ValueError: one is not what it should be.
        """
        timed = data["latency"]
        if timed:
            from nasfer.inference.latency import Latency  # torch: only where there are times
        checkpoint = data["checkpoint"]
        return cls(
            **{name: str(data[name]) for name in ("network", "structure", "digest", "data")},
            split=str(data["split"]),
            resolution=int(data["resolution"]),
            metrics=Metrics.from_dict(data["metrics"]),
            device=str(data["device"]),
            flip=bool(data["flip"]),
            notes=tuple(map(str, data["notes"])),
            bad_images=tuple(map(str, data["bad_images"])),
            latencies=tuple(Latency(**row) for row in timed),
            best_epoch=None if data["best_epoch"] is None else dict(data["best_epoch"]),
            checkpoint=None if checkpoint is None else str(checkpoint),
        )


def write_result(folder: str | Path, result: Result) -> None:
    """Write ``result.json`` and ``per_class.csv``; the one writer of both.

    Args:
        folder: made if missing.
    Raises:
        RunFolderError: a file cannot be written.
    """
    folder = Path(folder)
    make_folder(folder)
    write_atomic(folder / RESULT_FILE, json.dumps(result.to_dict(), indent=2) + "\n")
    table = io.StringIO()
    writer = csv.DictWriter(table, PER_CLASS_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(scores.row() for scores in result.metrics.per_class)
    write_atomic(folder / PER_CLASS_FILE, table.getvalue())
