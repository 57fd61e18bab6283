"""Which int8 form is faster than float32 here: signed or unsigned activations, which operators?

Run: python benchmarks/int8.py [--threads 1]

Presets with fresh weights at 48 px, calibrated on drawn noise; float32 and all forms are timed in
turns in onnxruntime. Writes ``results/int8.csv`` and ``.md``; two minutes. What ``nasfer export
--quantize int8`` chooses from are the two forms of all operators.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import warnings
from pathlib import Path

import pandas as pd
import torch
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from nasfer.exporting.int8 import Feed
from nasfer.exporting.onnx_file import to_onnx
from nasfer.exporting.timing import Timed, time_files
from nasfer.exporting.tracing import trace
from nasfer.inference.opened import open_network
from nasfer.report import write_table
from nasfer.runs.folder import write_atomic

NETWORKS = ("zennet_m", "zennet_r", "emo_net", "efficientface")
SIDE = 48
BATCHES = (1, 32)
ACTIVATIONS = {"unsigned": QuantType.QUInt8, "signed": QuantType.QInt8}
OPERATORS: dict[str, list[str] | None] = {"all": None, "three": ["Conv", "Gemm", "MatMul"]}
OUT = Path("results/int8.csv")


def measure(name: str, threads: int, folder: Path) -> pd.DataFrame:
    """Return a row a form of a network, float32 among them."""
    model, _ = open_network(name)
    single, ready = folder / "float32.onnx", folder / "ready.onnx"
    single.write_bytes(to_onnx(trace(model, SIDE, None), model, {}))
    quant_pre_process(single, ready, skip_symbolic_shape=True)
    rng = torch.Generator().manual_seed(0)
    feeds = [model.example_inputs(8, SIDE, rng) for _ in range(4)]
    files = {("float32", ""): single}
    for sign, activations in ACTIVATIONS.items():
        for which, operators in OPERATORS.items():
            path = folder / f"{sign}-{which}.onnx"
            quantize_static(
                ready, path, Feed(("images",), feeds), quant_format=QuantFormat.QDQ,
                per_channel=True, activation_type=activations, weight_type=QuantType.QInt8,
                op_types_to_quantize=operators,
            )  # fmt: skip
            files[f"int8, {sign}", which] = path
    calls = [model.example_inputs(batch, SIDE) for batch in BATCHES]
    times = time_files([Timed(path, calls) for path in files.values()], threads=threads)
    rows = []
    for (form, which), path, found in zip(files, files.values(), times):
        ms = {f"ms_{batch}": round(one.median_ms, 3) for batch, one in zip(BATCHES, found)}
        row = {"network": name, "form": form, "operators": which, **ms}
        rows.append({**row, "bytes": path.stat().st_size})
    table = pd.DataFrame(rows)
    for batch in BATCHES:
        table[f"times_float32_{batch}"] = (table[f"ms_{batch}"] / table[f"ms_{batch}"][0]).round(2)
    return table


def main() -> None:
    """Measure, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)  # onnxruntime's advice to do the step that is done here
    tables = []
    for name in NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            tables.append(measure(name, given.threads, Path(folder)))
        print(tables[-1].to_string(index=False), flush=True)
    table = pd.concat(tables)
    write_table(table, OUT)
    shown = table.assign(MB=(table["bytes"] / 1e6).round(2)).drop(columns="bytes")
    text = (
        f"Median ms of 1 and of 32 images of {SIDE} px, {given.threads} thread, fresh weights:"
        " `python benchmarks/int8.py`. `times_float32` below 1 is faster than float32.\n"
    )
    rows = shown.to_markdown(index=False)
    write_atomic(OUT.with_suffix(".md"), f"{text}\n{rows}\n")


if __name__ == "__main__":
    main()
