"""Scores of many networks: kept line by line, so that work of hours goes on where it was killed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from nasfer.arch import parse_arch
from nasfer.errors import ProxyError, RunFolderError
from nasfer.proxies import PROXIES, Proxy, score
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
        data: faces, for the proxies that read some.
        device: where networks are measured; ``None``: a GPU if there is one.
    """

    seed: int = 0
    repeats: int = 1
    batch: int = 16
    data: str | None = None
    device: str | None = None

    def of(self, proxy: Proxy) -> dict[str, Any]:
        """Return what decides a proxy's scores, as arguments of `nasfer.proxies.score`."""
        data = {"data": self.data} if proxy.needs_data else {}
        return {"seed": self.seed, "repeats": self.repeats, "batch": self.batch, **data}


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


def is_told(table: pd.DataFrame, proxy: str) -> bool:
    """Tell whether a table has a proxy's scores itself, as a whole column."""
    return proxy in table and bool(table[proxy].notna().all())


def check_faces(table: pd.DataFrame, proxies: Sequence[str], data: str | None) -> None:
    """Refuse proxies that read faces where there are none, and faces that no proxy reads.

    Raises:
        ProxyError: either.
        UnknownNameError: neither a column nor a proxy.
    """
    computed = [PROXIES.get(name) for name in proxies if not is_told(table, name)]
    readers = [proxy for proxy in computed if proxy.needs_data]
    for proxy in readers:
        proxy.check_data(data)
    if data and not readers:
        raise ProxyError("`data`: none of these proxies reads faces; leave it out")


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
    if is_told(table, proxy):
        return Scored(table[proxy].astype(float), {}, higher_is_better=True)
    entry = PROXIES.get(proxy)
    if table["resolution"].isna().any():
        raise RunFolderError("`resolution`: needed, the run does not say at which it trained")
    device = _device(settings.device) if entry.measured else "cpu"
    values: list[float] = []
    reasons: dict[str, int] = {}
    rows = zip(table["structure"], table["digest"], table["resolution"])
    for structure, digest, resolution in rows:
        how = digest_of({"proxy": proxy, "resolution": int(resolution), **settings.of(entry)})
        record = kept.get(how, digest) if entry.random else None
        if record is None:
            asked = {"resolution": int(resolution), "device": device, **settings.of(entry)}
            record = _measured(structure, digest, proxy, asked, how)
            if entry.random:
                kept.add(record)
        values.append(math.nan if record.score is None else record.score)
        if record.score is None:
            reason = record.error.replace(digest, "a network")
            reasons[reason] = reasons.get(reason, 0) + 1
        count(len(values))
    scores = pd.Series(values, index=table.index, dtype=float)
    return Scored(scores, reasons, entry.higher_is_better)


def _device(name: str | None) -> str:
    from nasfer.inference.device import chosen_device  # torch: only where networks are measured

    return chosen_device(name)


def _measured(
    structure: str, digest: str, proxy: str, asked: Mapping[str, Any], how: str
) -> ScoreRecord:
    began = time.monotonic()
    try:
        value = float(score(_parsed(structure), proxy, **asked))
    except ProxyError as error:
        return ScoreRecord(how, digest, None, str(error), time.monotonic() - began)
    return ScoreRecord(how, digest, value, "", time.monotonic() - began)
