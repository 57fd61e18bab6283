"""``nasfer score``: one network, one proxy."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option

from nasfer.cli.options import AsJson, Device
from nasfer.cli.output import echo, echo_json

ARCH = "Preset, structure, .yaml, .json, .txt file, RUN, RUN#2, RUN#DIGEST or checkpoint."


def score(
    arch: Annotated[str, Argument(help=ARCH)],
    proxy: Annotated[str, Option(help="A name of `nasfer proxies`, or predictor:FILE.")] = "zen",
    repeats: Annotated[int, Option(min=1, help="Draws of a random proxy.")] = 1,
    seed: Annotated[int, Option(min=0, help="Of the first draw.")] = 0,
    resolution: Annotated[int, Option(min=1, help="Side of the images, pixels.")] = 224,
    batch: Annotated[int, Option(min=2, help="Images a draw.")] = 16,
    data: Annotated[
        str | None, Option(help="Faces, NAME[:PATH][,option=value...], for proxies that read them.")
    ] = None,
    device: Device = "auto",
    json: AsJson = False,
) -> None:
    """Score a network without training.

    Example: nasfer score zennet_m --proxy zen --repeats 3
    """
    from nasfer import api
    from nasfer.proxies import PROXIES

    network = api.load_arch(arch)
    result = api.score(
        network, proxy, seed=seed, repeats=repeats, resolution=resolution, batch=batch, data=data,
        device=device,
    )  # fmt: skip
    entry = PROXIES.get(proxy)
    if json:
        echo_json(
            {
                "digest": network.digest(), "proxy": proxy, "mean": float(result),
                "std": result.std, "draws": list(result.draws), "parts": result.parts,
                "unit": entry.unit, "data": data,
                "higher_is_better": entry.higher_is_better, "seed": seed,
                "resolution": resolution, "batch": batch, "structure": str(network),
            }
        )  # fmt: skip
        return
    spread = f" ± {result.std:.4f} over {len(result.draws)} draws" if len(result.draws) > 1 else ""
    better = "higher" if entry.higher_is_better else "lower"
    echo(f"{proxy} {float(result):.6g}{spread} {entry.unit} ({better} is better)")
    for name, value in result.parts.items():
        echo(f"  {name} {value:.6g}")
