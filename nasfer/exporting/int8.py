"""Int8: weights and activations, by onnxruntime's quantisation, in the forms that processors like.

Which form is fast depends on the processor: x86 multiplies unsigned by signed bytes, ARM signed by
signed ones, and the wrong one is slower than float32. `nasfer.exporting.choosing` measures.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from torch import Tensor

from nasfer.exporting.onnx_file import with_description
from nasfer.packages import needs

with needs("export"):
    import onnx
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

FORMS = {"unsigned": QuantType.QUInt8, "signed": QuantType.QInt8}
"""Types of activations; weights are signed. All operators are quantised: between convolutions that
alone are, every value would become float32 and an integer again, which costs more than it saves."""


class Feed(CalibrationDataReader):
    """The calls that onnxruntime calibrates by: for each the inputs by name."""

    def __init__(self, names: Iterable[str], batches: Iterable[tuple[Tensor, ...]]) -> None:
        names = tuple(names)
        self._fed = (
            {name: value.numpy() for name, value in zip(names, batch)} for batch in batches
        )

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        """Return the inputs of the next call, or ``None`` behind the last."""
        return next(self._fed, None)


def to_int8(
    content: bytes,
    names: Iterable[str],
    batches: Sequence[tuple[Tensor, ...]],
    metadata: Mapping[str, str],
    watch: Callable[[int, int], None] | None = None,
) -> dict[str, bytes]:
    """Return an ONNX file quantised to int8 in each of the `FORMS`, statically, weights by channel.

    Ranges of activations are the smallest and largest value seen on the calibration inputs; those
    should be faces, prepared as in training. Values pass between operators in the form of
    quantise-dequantise pairs, which every ONNX runtime reads.

    Args:
        content: of the float32 file.
        names: of the inputs.
        batches: calibration inputs of each call.
        metadata: kept as ``metadata_props``.
        watch: called with the calibration's calls that are done, and how many there are.
    """
    total = len(FORMS) * len(batches)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        single, ready = Path(folder) / "single.onnx", Path(folder) / "ready.onnx"
        made = {name: Path(folder) / f"{name}.onnx" for name in FORMS}
        single.write_bytes(content)
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)  # its advice to do the step that is done here
        try:
            quant_pre_process(single, ready, skip_symbolic_shape=True)
            for form, (name, activations) in enumerate(FORMS.items()):
                feed = Feed(names, _watched(batches, form * len(batches), total, watch))
                quantize_static(
                    ready,
                    made[name],
                    feed,
                    quant_format=QuantFormat.QDQ,
                    per_channel=True,
                    activation_type=activations,
                    weight_type=QuantType.QInt8,
                )
        finally:
            logging.disable(before)
        return {name: with_description(onnx.load(path), metadata) for name, path in made.items()}


def _watched(
    batches: Sequence[tuple[Tensor, ...]],
    before: int,
    total: int,
    watch: Callable[[int, int], None] | None,
) -> Iterator[tuple[Tensor, ...]]:
    """Hand out batches, and tell the watch of each."""
    for done, batch in enumerate(batches, before):
        if watch is not None:
            watch(done, total)
        yield batch
