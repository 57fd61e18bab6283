"""``nasfer profile``: what a network costs, layer by layer if asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from typer import Argument, Option

from nasfer.cli.options import AsJson
from nasfer.cli.output import echo, echo_json, show_table
from nasfer.cli.score import ARCH
from nasfer.quantity import format_quantity


def profile(
    arch: Annotated[str, Argument(help=ARCH)],
    resolution: Annotated[int, Option(min=1, help="Side of the image, pixels.")] = 224,
    per_layer: Annotated[bool, Option("--per-layer", help="One row an operation.")] = False,
    features: Annotated[
        bool, Option("--features", help="What predictors read: one row a feature.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Print parameters, FLOPs, MACs, layers and peak activation memory, exact, for one image.

    How structures are written: docs/structures.md.

    Example: nasfer profile zennet_m --resolution 48 --per-layer
    """
    from nasfer import api
    from nasfer.costs import layer_table
    from nasfer.features import feature_rows

    network = api.load_arch(arch)
    total = api.cost(network, resolution)
    rows = [asdict(row) for row in layer_table(network, resolution)] if per_layer else []
    described = feature_rows(network, resolution) if features else []
    if json:
        tables = {"per_layer": rows} if per_layer else {}
        tables |= {"features": described} if features else {}
        echo_json({"digest": network.digest(), "resolution": resolution, **asdict(total), **tables})
        return
    if rows:
        for row in rows:
            for shape in ("input_shape", "output_shape"):
                row[shape] = "x".join(map(str, row[shape]))
        show_table(f"{arch} at {resolution} px, one image", rows, first_out=("input_shape",))
    if described:
        show_table(f"{arch} at {resolution} px, features that are not 0", described)
    echo(f"digest           {network.digest()}")
    echo(f"params           {total.params:,}")
    echo(f"FLOPs            {total.flops:,} ({format_quantity(total.flops)}; multiply-add is one)")
    echo(f"MACs             {total.macs:,} (convolutions and linears only)")
    echo(f"layers           {total.layers} (repeats of super-blocks)")
    echo(f"peak activations {total.peak_activation_bytes / 2**20:.2f} MiB (float32)")
