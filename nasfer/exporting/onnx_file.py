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


def open_onnx(path: Path) -> Run:
    """Return a function that runs an ONNX file by onnxruntime, on the CPU."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]

    def run(inputs: tuple[Tensor, ...]) -> list[Tensor]:
        fed = {name: value.numpy() for name, value in zip(names, inputs)}
        return [torch.from_numpy(output) for output in session.run(None, fed)]

    return run
