"""``nasfer create`` and ``import-checkpoint``: networks as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from nasfer.cli.options import Overwrite
from nasfer.cli.output import echo
from nasfer.cli.score import ARCH
from nasfer.errors import CheckpointError
from nasfer.runs.outputs import outputs

if TYPE_CHECKING:
    from nasfer.models import FeatureMaps, Network

ResetHead = Annotated[
    bool, Option("--reset-head", help="Keep a fresh head where the file has other classes.")
]


def create(
    arch: Annotated[str, Argument(help=ARCH)],
    out: Annotated[Path, Argument(help="File to write, .safetensors.")],
    num_classes: Annotated[
        int | None, Option(min=1, help="Logits; default: the architecture's.")
    ] = None,
    in_chans: Annotated[
        int | None, Option(min=1, help="Image channels; default: the architecture's.")
    ] = None,
    checkpoint_path: Annotated[
        Path | None, Option(help="Weights to start from, nasfer's or published.")
    ] = None,
    reset_head: ResetHead = False,
    seed: Annotated[int, Option(min=0, help="Of the initial weights.")] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Build a network and write its weights, from a seed or a checkpoint.

    Example: nasfer create zennet_m_sa start.safetensors --num-classes 8 --seed 1
    """
    from nasfer import api

    _check_ending(out)
    with outputs([out], overwrite=overwrite):
        model = api.create_model(
            arch, num_classes=num_classes, in_chans=in_chans, checkpoint_path=checkpoint_path,
            reset_head=reset_head, seed=seed,
        )  # fmt: skip
        _save(model, arch, out)


def import_checkpoint(
    arch: Annotated[str, Argument(help=ARCH)],
    published: Annotated[Path, Argument(help="The published checkpoint.")],
    out: Annotated[Path, Argument(help="File to write, .safetensors.")],
    num_classes: Annotated[
        int | None, Option(min=1, help="Logits of the checkpoint; default: the architecture's.")
    ] = None,
    reset_head: ResetHead = False,
    overwrite: Overwrite = False,
) -> None:
    """Turn a published checkpoint into nasfer's own file; every key is used or named.

    Example: nasfer import-checkpoint zennet_m_sa published.pth zennet_m_sa.safetensors
    """
    from nasfer import api

    _check_ending(out)
    with outputs([out], overwrite=overwrite):
        model = api.create_model(
            arch, num_classes=num_classes, checkpoint_path=published, reset_head=reset_head
        )
        _save(model, arch, out)


def _check_ending(out: Path) -> None:
    """Refuse a name that promises another format.

    Raises:
        CheckpointError: it does not end in ``.safetensors``.
    """
    from nasfer.inference.opened import SUFFIX

    if out.suffix != SUFFIX:
        raise CheckpointError(f"OUT: {out} does not end in {SUFFIX}, the format that is written")


def _save(model: Network | FeatureMaps, arch: str, out: Path) -> None:
    from nasfer.models import Network, describe, save_checkpoint

    assert isinstance(model, Network)  # no features were asked for
    save_checkpoint(model, out, describe(model, arch))
    count = sum(parameter.numel() for parameter in model.parameters())
    echo(f"{out}: {count:,} parameters, {model.arch.classes} classes, {model.arch.digest()}")
