"""ONNX: the graph with its description, and onnxruntime to run it."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor
from torch.export import ExportedProgram

from nasfer.exporting.parity import Run
from nasfer.exporting.tracing import input_names, output_names
from nasfer.models import Network
from nasfer.packages import needs
from nasfer.runs.seal import SEAL

with needs("export"):
    import onnx
    import onnxruntime
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

FAULTS = (
    errors.EPFail, errors.Fail, errors.InvalidArgument, errors.InvalidGraph,
    errors.InvalidProtobuf, errors.NoModel, errors.NoSuchFile, errors.NotImplemented,
    errors.RuntimeException,
)  # fmt: skip
"""What onnxruntime raises at files that it cannot read or run."""

MOST_IMAGES = 2**16
"""A call's, of a file that fixes them."""

SILENT = 3
"""onnxruntime's severity of errors; it warns about what nobody can change."""


def to_onnx(program: ExportedProgram, model: Network, metadata: Mapping[str, str]) -> bytes:
    """Return an ONNX file.

    Args:
        program: of `nasfer.exporting.tracing.trace`.
        model: what was traced.
        metadata: kept as ``metadata_props``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's and onnxscript's about themselves
        made = torch.onnx.export(
            program,
            input_names=list(input_names(model)),
            output_names=list(output_names(model)),
            dynamo=True,
            verbose=False,
        )
    if made is None:
        raise AssertionError("torch.onnx.export gave no program")
    proto = made.model_proto
    for node in proto.graph.node:
        del node.metadata_props[:]  # stack traces, with paths of this machine
    for value in (*proto.graph.input, *proto.graph.output, *proto.graph.value_info):
        del value.metadata_props[:]
    return with_description(proto, metadata)


def with_description(proto: onnx.ModelProto, metadata: Mapping[str, str]) -> bytes:
    """Return a model's bytes, with these and their digest as its only ``metadata_props``."""
    digest = _digest(proto, metadata)
    onnx.helper.set_model_props(proto, {**metadata, SEAL: digest})
    return proto.SerializeToString(deterministic=True)


def _digest(proto: onnx.ModelProto, metadata: Mapping[str, str]) -> str:
    """Return the SHA-256 of a model and its description; the model loses its properties.

    The fields of ONNX are written in the order of their numbers, and none is a map, so what is
    read and written again has the same bytes.
    """
    del proto.metadata_props[:]
    digest = hashlib.sha256(json.dumps(dict(metadata), sort_keys=True).encode())
    digest.update(proto.SerializeToString(deterministic=True))
    return digest.hexdigest()


def read_properties(content: bytes) -> tuple[dict[str, str], int | None]:
    """Return the ``metadata_props`` of a file, and the images a call where they are fixed.

    Raises:
        ValueError: it is no ONNX file, has no input, or does not fit its digest; files of older
            versions have none.
    """
    try:
        proto = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise ValueError(str(error)) from None
    if not proto.graph.input or not proto.graph.input[0].type.tensor_type.shape.dim:
        raise ValueError("it has no images to read")
    first = proto.graph.input[0].type.tensor_type.shape.dim[0]
    fixed = first.dim_value or None
    if fixed is not None and not 0 < fixed <= MOST_IMAGES:
        raise ValueError(f"it takes {fixed} images a call")
    properties = {entry.key: entry.value for entry in proto.metadata_props}
    digest = properties.pop(SEAL, None)
    if digest is not None and digest != _digest(proto, properties):
        raise ValueError("damaged: it does not fit its digest")
    return properties, fixed


def open_onnx(file: Path | bytes, *, threads: int | None = None) -> Run:
    """Return a function that runs an ONNX file by onnxruntime, on the CPU.

    Args:
        file: or its content.
        threads: ``None``: as many as torch has.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = threads or torch.get_num_threads()
    options.inter_op_num_threads = 1
    content = file if isinstance(file, bytes) else str(file)
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]

    def run(inputs: tuple[Tensor, ...]) -> list[Tensor]:
        fed = {name: value.numpy() for name, value in zip(names, inputs)}
        return [torch.from_numpy(output) for output in session.run(None, fed)]

    return run
