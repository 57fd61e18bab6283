"""Networks by name: what they cost, how they score, and as torch modules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.costs import Cost
from nasfer.costs import cost as _cost
from nasfer.presets import PRESETS, load_arch
from nasfer.proxies import PROXIES, Score
from nasfer.proxies import score as _score
from nasfer.space import list_spaces

if TYPE_CHECKING:
    from nasfer.models import FeatureMaps, Network

__all__ = [
    "cost", "create_model", "list_presets", "list_proxies", "list_spaces", "load_arch",
    "load_checkpoint", "score",
]  # fmt: skip

SourceArch = Arch | str | Path
"""An architecture, or what names one: a preset, a structure string, a file."""


def cost(arch: SourceArch, resolution: int | tuple[int, int] = 224) -> Cost:
    """Return params, FLOPs, MACs, layers and peak activation bytes, exact, for one image.

    Args:
        arch: an architecture, a preset's name, a structure string or a file.
        resolution: side of a square image, or (height, width), in pixels.
    Example:
        >>> cost("zennet_m").params, cost("zennet_m").flops
        (1004103, 399877856)
    """
    return _cost(load_arch(arch), resolution)


def create_model(
    arch: SourceArch,
    *,
    num_classes: int | None = None,
    in_chans: int | None = None,
    checkpoint_path: str | Path | None = None,
    reset_head: bool = False,
    features_only: bool = False,
    out_indices: Sequence[int] | None = None,
    seed: int | None = None,
) -> Network | FeatureMaps:
    """Build a torch network.

    Args:
        arch: an architecture, a preset's name, a structure string or a file; or a nasfer checkpoint
            (``.safetensors``), whose network comes with its weights.
        num_classes: number of logits; ``None`` keeps the architecture's, 0 leaves the class layer
            out. A checkpoint's network gets a fresh class layer for another number.
        in_chans: channels of the images; ``None`` keeps the architecture's.
        checkpoint_path: weights to load, nasfer's or published; ``None`` keeps torch's default
            initial ones.
        reset_head: keep the fresh head where the checkpoint has another number of classes.
        features_only: return a module that maps images to a list of feature maps, the last one of
            each size, instead of logits.
        out_indices: which of these maps, the largest is 0; ``None``: all. It means
            ``features_only``.
        seed: of the initial weights; ``None`` draws them from torch's global generator, which a
            seed leaves as it was.
    Raises:
        CheckpointError: the weights are damaged or of another network.
        SpecError: the architecture cannot be read, or there is no such map.
    """
    import torch  # when a model is asked for

    from nasfer.inference.opened import build_network
    from nasfer.models import FeatureMaps

    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.default_generator.manual_seed(seed)
        model = build_network(
            arch,
            num_classes=num_classes,
            in_chans=in_chans,
            checkpoint_path=checkpoint_path,
            reset_head=reset_head,
        )
    only = features_only or out_indices is not None
    return FeatureMaps(model, out_indices) if only else model


def load_checkpoint(
    model: Network | str | Path, path: str | Path | None = None, *, reset_head: bool = False
) -> Network:
    """Load weights into a network, or a whole network from nasfer's own checkpoint.

    Args:
        model: of `create_model`; changed in place, unless an error is raised. A path in its place
            is a nasfer checkpoint, which says itself what network it is of.
        path: ``.safetensors``, or a file of ``torch.save``; nothing in it is run.
        reset_head: keep the head's own weights where the file has another number of classes.
    Returns:
        The model itself; or the checkpoint's network, in evaluation mode.
    Raises:
        CheckpointError: the file is damaged, holds code, or belongs to another network.
    """
    from nasfer.errors import CheckpointError
    from nasfer.inference.opened import open_checkpoint
    from nasfer.models import load_checkpoint as load

    if isinstance(model, str | Path):
        if path is not None:
            raise CheckpointError(f"`model`: {str(model)!r}; a network is needed beside a path")
        return open_checkpoint(model)[0]
    if path is None:
        raise CheckpointError("`path`: needed, the weights for this network")
    return load(model, path, reset_head=reset_head)


def score(
    arch: SourceArch,
    proxy: str = "zen",
    *,
    seed: int = 0,
    repeats: int = 1,
    resolution: int = 224,
    batch: int = 16,
    data: str | Path | None = None,
    device: str | None = None,
) -> Score:
    """Score an architecture without training.

    Args:
        arch: an architecture, a preset's name, a structure string or a file.
        proxy: a name of `list_proxies`.
        seed: of the first draw; draw ``i`` uses ``seed + i``.
        repeats: draws of a random proxy.
        resolution: side of the square images, in pixels.
        batch: images a draw.
        data: faces, ``NAME[:PATH][,option=value...]`` or a `Path` with a folder a class, for a
            proxy that reads them, such as ``ridge_probe``.
        device: where networks are measured, ``cuda``, ``cpu``, ...; ``None``: a GPU if there is
            one. Scores of two devices differ by rounding.
    Returns:
        The mean as a float, with ``std`` and ``draws``, and ``parts`` where the proxy shows some.
    Raises:
        SpecError: the images are too small for the network.
        ProxyError: the proxy cannot score this network, or it reads faces and there are none.
        DataError: the faces cannot be read.
        UnknownNameError: no such proxy, data set or device.
    Example:
        >>> round(float(score("zennet_m", "zen_closed_form")), 1)
        78.2
    """
    network = load_arch(arch)
    faces = faces_named(data)
    PROXIES.get(proxy).check_data(faces)
    _cost(network, resolution)  # refuses images that are too small, by name
    return _score(
        network, proxy, seed=seed, repeats=repeats, resolution=resolution, batch=batch,
        data=faces, device=measuring_device(proxy, device),
    )  # fmt: skip


def faces_named(data: str | Path | None) -> str | None:
    """Return the text that names faces, if there are some."""
    if data is None or data == "":
        return None
    from nasfer.data import data_text

    return data_text(data)


def measuring_device(proxy: str, device: str | None) -> str:
    """Return where a proxy is computed; torch is not asked for one that reads structures alone.

    Raises:
        UnknownNameError: no such proxy, or torch has no such device.
    """
    if not PROXIES.get(proxy).measured and device in (None, "auto", "cpu"):
        return "cpu"
    from nasfer.inference.device import chosen_device

    return chosen_device(device)


def list_presets(pattern: str = "*") -> list[str]:
    """Return the presets whose names match a shell pattern.

    Example:
        >>> list_presets("zennet_m*")
        ['zennet_m', 'zennet_m_sa', 'zennet_m_sa_all']
    """
    return PRESETS.names(pattern)


def list_proxies(pattern: str = "*") -> list[str]:
    """Return the proxies whose names match a shell pattern.

    Example:
        >>> list_proxies("zen*")
        ['zen', 'zen_closed_form']
    """
    return PROXIES.names(pattern)
