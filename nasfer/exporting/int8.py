"""Int8: weights and activations of convolutions and linears, by onnxruntime's quantisation."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from torch import Tensor

from nasfer.exporting.onnx_file import with_description
from nasfer.packages import needs

with needs("export"):
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

QUANTISED = ("Conv", "Gemm", "MatMul")
"""Operators of the graph; the rest stays float32, as additions of links in int8 lose accuracy."""


class _Reader(CalibrationDataReader):
    def __init__(self, names: Iterable[str], batches: Iterable[tuple[Tensor, ...]]) -> None:
        names = tuple(names)
        self._fed = iter(
            [{name: value.numpy() for name, value in zip(names, batch)} for batch in batches]
        )

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        """Return the inputs of the next call, or ``None`` behind the last."""
        return next(self._fed, None)


def to_int8(
    content: bytes,
    names: Iterable[str],
    batches: Iterable[tuple[Tensor, ...]],
    metadata: Mapping[str, str],
) -> bytes:
    """Return an ONNX file quantised to int8, statically, weights by channel.

    Ranges of activations are the smallest and largest value seen on the calibration inputs; those
    should be faces, prepared as in training. Values pass between operators in the form of
    quantise-dequantise pairs, which every ONNX runtime reads.

    Args:
        content: of the float32 file.
        names: of the inputs.
        batches: calibration inputs of each call.
        metadata: kept as ``metadata_props``.
    """
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        single, ready, made = (
            Path(folder) / f"{name}.onnx" for name in ("single", "ready", "int8")
        )
        single.write_bytes(content)
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)  # its advice to do the step that is done here
        try:
            quant_pre_process(single, ready, skip_symbolic_shape=True)
            quantize_static(
                ready,
                made,
                _Reader(names, batches),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                op_types_to_quantize=list(QUANTISED),
            )
        finally:
            logging.disable(before)
        return with_description(onnx.load(made), metadata)
