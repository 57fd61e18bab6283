"""How long one image takes through each network of a tuning: a small file, replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from nasfer.errors import RunFolderError
from nasfer.reading import load_json
from nasfer.runs.files import LATENCY_FILE
from nasfer.runs.folder import write_atomic
from nasfer.runs.records import LatencyRecord
from nasfer.runs.seal import sealed, unsealed


def read_latencies(folder: Path) -> dict[str, LatencyRecord]:
    """Return the latencies of a tuning's networks by digest, none where nothing was timed yet.

    Raises:
        RunFolderError: the file is damaged.
    """
    path = folder / LATENCY_FILE
    if not path.exists():
        return {}
    try:
        found = unsealed(load_json(path, RunFolderError))
        return {digest: LatencyRecord.from_dict(data) for digest, data in found.items()}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        raise RunFolderError(f"{path}: damaged; remove it to measure anew") from None


def write_latencies(folder: Path, latencies: Mapping[str, LatencyRecord]) -> None:
    """Write the latencies of a tuning's networks.

    Raises:
        RunFolderError: the file cannot be written.
    """
    data = {digest: record.to_dict() for digest, record in latencies.items()}
    write_atomic(folder / LATENCY_FILE, json.dumps(sealed(data), indent=1))
