"""The tables of a tuning: candidates by accuracy, mean and spread over seeds; failures."""

from __future__ import annotations

import csv
import io
import statistics
from typing import Any

from nasfer.runfolder import write_atomic
from nasfer.runners.book import Book

RESULTS_FILE = "results.csv"
FAILURES_FILE = "failures.csv"


def write_results(book: Book) -> None:
    """Write ``results.csv`` and, where trials failed, ``failures.csv``."""
    folder = book.folder.path
    write_atomic(folder / RESULTS_FILE, _csv(result_rows(book)))
    failures = failure_rows(book)
    if failures:
        write_atomic(folder / FAILURES_FILE, _csv(failures))
    else:
        (folder / FAILURES_FILE).unlink(missing_ok=True)


def result_rows(book: Book) -> list[dict[str, Any]]:
    """Return one row a candidate with a finished trial, the most accurate first.

    Accuracies are fractions on the test split; the spread is the standard deviation over seeds
    (of a sample, ``None`` for one seed). A candidate whose trials were all stopped early comes
    last and has only its best validation accuracy.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for key, spec in book.specs.items():
        line = book.lines.get(key)
        if line is not None and line["status"] != "failed":
            groups.setdefault(spec.candidate, []).append(line)
    rows = [_row(lines) for lines in groups.values()]
    return sorted(rows, key=lambda row: (-(row["accuracy"] or 0.0), -(row["val_accuracy"] or 0.0)))


def _row(lines: list[dict[str, Any]]) -> dict[str, Any]:
    done = [line for line in lines if line["status"] == "done"]
    first = (done or lines)[0]
    row: dict[str, Any] = {"source": first["source"], "digest": first["digest"]}
    row |= {"seeds": len(done), "stopped": len(lines) - len(done)}
    for name in ("accuracy", "mean_class_accuracy", "macro_f1"):
        values = [line["test"][name] for line in done]
        row[name] = statistics.fmean(values) if values else None
        row[f"{name}_std"] = statistics.stdev(values) if len(values) > 1 else None
    seen = [line["val_accuracy"] for line in lines if line["val_accuracy"] is not None]
    row["val_accuracy"] = statistics.fmean(seen) if seen else None
    for name in ("flops", "macs", "params", "layers"):
        row[name] = first[name]
    timed = [line["latency_ms"] for line in done]
    row["latency_ms"] = statistics.median(timed) if timed else None
    row["config"] = " ".join(f"{name}={_short(value)}" for name, value in first["config"].items())
    row["structure"] = first["structure"]
    return row


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def failure_rows(book: Book) -> list[dict[str, Any]]:
    """Return one row a trial that failed for good, with its error."""
    names = ("trial", "source", "epochs", "error")
    return [{name: line[name] for name in names} for line in book.with_status("failed")]


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["source"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
