"""ONNX: the graph with its description, and onnxruntime to run it."""

from __future__ import annotations

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
    """Return a model's bytes, with these as its only ``metadata_props``."""
    del proto.metadata_props[:]
    onnx.helper.set_model_props(proto, dict(metadata))
    return proto.SerializeToString(deterministic=True)


def read_properties(content: bytes) -> tuple[dict[str, str], int | None]:
    """Return the ``metadata_props`` of a file, and the images a call where they are fixed.

    Raises:
        ValueError: it is no ONNX file, or has no input.
    """
    try:
        proto = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise ValueError(str(error)) from None
    if not proto.graph.input or not proto.graph.input[0].type.tensor_type.shape.dim:
        raise ValueError("it has no images to read")
    first = proto.graph.input[0].type.tensor_type.shape.dim[0]
    properties = {entry.key: entry.value for entry in proto.metadata_props}
    return properties, first.dim_value or None


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
