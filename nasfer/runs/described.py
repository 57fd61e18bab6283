"""What ``run.yaml`` of a run folder says, as a value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from nasfer.errors import RunFolderError
from nasfer.reading import load_yaml
from nasfer.runs.files import RUN_FILE
from nasfer.runs.fingerprints import Fingerprint
from nasfer.runs.seal import SEAL, unsealed

Kind = Literal["search", "train", "tune", "trial"]
"""What a run folder holds: a search, one training, many trainings, or one of these many."""


@dataclass(frozen=True, slots=True)
class Run:
    """What ``run.yaml`` of a folder says.

    Args:
        kind: of the run.
        finished: whether it came to its end.
        settings: what decided its result.
        record: further facts: command, versions, machine, threads.
        files: of a finished run, with what tells that they are as it left them.
        sealed: whether it carries a digest, as all do but those of older versions.
        extended: how the run was extended, oldest first: ``{"epochs": 6, "to": 10}``.
    """

    kind: Kind
    finished: bool
    settings: Mapping[str, Any]
    record: Mapping[str, Any]
    files: Mapping[str, Fingerprint] = field(default_factory=dict)
    sealed: bool = False
    extended: tuple[Mapping[str, Any], ...] = ()


def read_run(path: str | Path) -> Run:
    """Read ``run.yaml`` of a run folder.

    Raises:
        RunFolderError: there is none, or it is damaged.
    """
    file = Path(path) / RUN_FILE
    if not os.path.exists(file):
        raise RunFolderError(f"{path}: no run folder, {RUN_FILE} cannot be read")
    try:
        content = load_yaml(file, RunFolderError)
    except RunFolderError as error:
        raise RunFolderError(f"{file}: damaged: {str(error).removeprefix(f'{file}: ')}") from None
    if not isinstance(content, dict) or not isinstance(content.get("settings"), dict):
        raise RunFolderError(f"{file}: damaged; a mapping with 'settings' is needed")
    is_sealed = SEAL in content
    try:
        content = unsealed(content)
    except ValueError as error:
        raise RunFolderError(
            f"{file}: {error}: damaged; without its line {SEAL!r} it is read as it is"
        ) from None
    settings = dict(content.pop("settings"))
    kind: Any = content.pop("kind", None) or _older_kind(settings, content)
    settings.pop("kind", None)
    if kind not in get_args(Kind):
        raise RunFolderError(f"{file}: kind: {kind!r}; allowed: {', '.join(get_args(Kind))}")
    files = content.pop("files", None)
    finished = bool(content.pop("finished", False))
    known = files if isinstance(files, dict) else {}
    extended = content.pop("extended", [])
    if not isinstance(extended, list) or not all(isinstance(one, dict) for one in extended):
        raise RunFolderError(f"{file}: extended: a list of mappings is needed")
    return Run(kind, finished, settings, content, known, is_sealed, tuple(extended))


def _older_kind(settings: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Tell what folders hold that were written before ``kind`` stood in them."""
    if "kind" in settings:
        return str(settings["kind"])
    if "objective_proxy" in settings:
        return "search"
    return "trial" if "trial" in record else "train"
