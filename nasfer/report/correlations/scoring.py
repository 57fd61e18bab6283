"""Scores of many networks: kept line by line, so that work of hours goes on where it was killed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from nasfer.arch import parse_arch
from nasfer.errors import ProxyError, RunFolderError
from nasfer.proxies import PROXIES, score
from nasfer.runs.appended import append_line, whole_lines
from nasfer.runs.atomic import write_atomic
from nasfer.runs.lines import Record, records_of
from nasfer.runs.seal import digest_of

ScoreWatch = Callable[[int, int], None]
"""Told how many scores are done, and of how many."""


_parsed = lru_cache(maxsize=16384)(parse_arch)  # each proxy asks for the same networks


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """How networks are scored.

    Args:
        seed: of the first draw of proxies that draw.
        repeats: draws.
        batch: images a draw.
    """

    seed: int = 0
    repeats: int = 1
    batch: int = 16


@dataclass(frozen=True, slots=True)
class ScoreRecord(Record):
    """A score that was measured, as the file beside a table of correlations keeps it.

    Args:
        settings: digest of the proxy's name, the resolution and the `ScoreSettings`.
        digest: of the network.
        score: ``None`` where the proxy refused it.
        error: why.
        seconds: that it took.
    """

    settings: str
    digest: str
    score: float | None
    error: str = ""
    seconds: float = 0.0

    def fault(self) -> str:
        """Say what is wrong with a record that came from a file, if anything is."""
        if self.score is None:
            return "" if self.error else "neither a score nor an error"
        return "" if math.isfinite(self.score) else "score: no finite number"


class KeptScores:
    """Scores of earlier calls, and a place for new ones.

    Args:
        path: file of lines, made with the first; ``None`` keeps nothing.
    Raises:
        RunFolderError: it is damaged; a last line that a crash cut off is dropped.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[tuple[str, str], ScoreRecord] = {}
        if path is None:
            return
        lines, whole = whole_lines(path)
        if whole is not None:
            write_atomic(path, whole)
        for record in records_of(lines, ScoreRecord, path):
            self._known[record.settings, record.digest] = record

    def get(self, settings: str, digest: str) -> ScoreRecord | None:
        """Return the record of a network, if there is one."""
        return self._known.get((settings, digest))

    def add(self, record: ScoreRecord) -> None:
        """Keep a record, on disk when this returns."""
        if self._path is not None:
            append_line(self._path, record.to_dict())
        self._known[record.settings, record.digest] = record


@dataclass(frozen=True)
class Scored:
    """A proxy's scores of the networks of a table.

    Args:
        values: by row; missing where the proxy does not apply.
        reasons: why, and for how many networks each.
        higher_is_better: whether a larger score promises a better network.
    """

    values: pd.Series
    reasons: Mapping[str, int]
    higher_is_better: bool


def score_table(
    table: pd.DataFrame,
    proxy: str,
    settings: ScoreSettings,
    kept: KeptScores,
    count: Callable[[int], None],
) -> Scored:
    """Return a proxy's score of each network of a table.

    A column of that name is used where it is whole; else the proxy is computed on the structures.
    What was measured is kept at once; what is computed in a moment is not.

    Args:
        table: as `read_judged` returns it.
        proxy: a column or a name of `nasfer.list_proxies`.
        count: told how many networks are done.
    Raises:
        UnknownNameError: neither a column nor a proxy.
        RunFolderError: it has to be computed, and no resolution is known.
    """
    if proxy in table and table[proxy].notna().all():
        return Scored(table[proxy].astype(float), {}, higher_is_better=True)
    entry = PROXIES.get(proxy)
    if table["resolution"].isna().any():
        raise RunFolderError("`resolution`: needed, the run does not say at which it trained")
    values: list[float] = []
    reasons: dict[str, int] = {}
    rows = zip(table["structure"], table["digest"], table["resolution"])
    for structure, digest, resolution in rows:
        how = digest_of({"proxy": proxy, "resolution": int(resolution), **asdict(settings)})
        record = kept.get(how, digest) if entry.random else None
        if record is None:
            record = _measured(structure, digest, proxy, int(resolution), settings, how)
            if entry.random:
                kept.add(record)
        values.append(math.nan if record.score is None else record.score)
        if record.score is None:
            reason = record.error.replace(digest, "a network")
            reasons[reason] = reasons.get(reason, 0) + 1
        count(len(values))
    scores = pd.Series(values, index=table.index, dtype=float)
    return Scored(scores, reasons, entry.higher_is_better)


def _measured(
    structure: str, digest: str, proxy: str, resolution: int, settings: ScoreSettings, how: str
) -> ScoreRecord:
    began = time.monotonic()
    try:
        value = float(score(_parsed(structure), proxy, resolution=resolution, **asdict(settings)))
    except ProxyError as error:
        return ScoreRecord(how, digest, None, str(error), time.monotonic() - began)
    return ScoreRecord(how, digest, value, "", time.monotonic() - began)
