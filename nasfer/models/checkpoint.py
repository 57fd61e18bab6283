"""Checkpoints: nasfer's own files and the published ones, read safely, every key accounted for."""

from __future__ import annotations

import json
import os
import pickle
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_safetensors
from torch import Tensor

from nasfer.arch import parse_arch
from nasfer.errors import CheckpointError, SpecError
from nasfer.models.digest import check_images, is_plain, weights_digest
from nasfer.models.info import CheckpointInfo, described_info
from nasfer.models.network import Network, create_model
from nasfer.presets import PRESETS
from nasfer.reading import check_file, parse_json
from nasfer.runs.folder import write_atomic
from nasfer.runs.seal import SEAL

LARGEST = 64 * 2**30
"""Bytes of a file."""

WRAPPERS = ("state_dict", "model", "model_state_dict")
"""Names under which training scripts keep the weights in a dictionary of other things."""

NAMED = 3
"""So many missing and unexpected keys are named in an error."""


def save_checkpoint(model: Network, path: str | Path, info: CheckpointInfo) -> None:
    """Write weights and what a user needs to know about them, as safetensors, atomically.

    Raises:
        CheckpointError: ``info`` describes another architecture, or there is no class layer.
        RunFolderError: the file cannot be written.
    """
    if not model.num_classes:
        raise CheckpointError(f"{path}: no class layer to write; reset_classifier(N) makes one")
    if parse_arch(info.structure) != model.arch:
        raise CheckpointError(f"{path}: the description is of another architecture")
    save_weights(model.state_dict(), path, info)


def save_weights(weights: Mapping[str, Tensor], path: str | Path, info: CheckpointInfo) -> None:
    """Write the weights of a network that is no longer there; see `save_checkpoint`.

    The metadata holds the digest of weights and description, which is compared when they are read.

    Raises:
        RunFolderError: the file cannot be written.
    """
    tensors = {key: value.detach().cpu().contiguous() for key, value in weights.items()}
    about = json.dumps(asdict(info))
    metadata = {"nasfer": about, SEAL: weights_digest(tensors, about)}
    write_atomic(Path(path), to_safetensors(tensors, metadata))


def read_info(path: str | Path) -> CheckpointInfo:
    """Return what a nasfer checkpoint says about itself.

    Raises:
        CheckpointError: no nasfer checkpoint, or a damaged one.
    """
    try:
        check_file(path, LARGEST, CheckpointError)
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get("nasfer")
        if text is None:
            raise ValueError("its metadata say nothing of nasfer")
        info = described_info(parse_json(text, "its metadata", CheckpointError))
        check_images(info, parse_arch(info.structure))
    except (OSError, SafetensorError, ValueError, SpecError) as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise CheckpointError(f"{path}: no nasfer checkpoint: {reason}") from None
    return info


def load_checkpoint(model: Network, path: str | Path, *, reset_head: bool = False) -> Network:
    """Load weights into a network: nasfer's own file, or the published code's.

    Published files may wrap the weights under ``state_dict`` or ``model`` and prefix the keys with
    ``module.``; their keys are translated by the presets' maps. Nothing in a file is run. A model
    without class layer takes all but the file's class layer.

    Args:
        path: ``.safetensors``, or a file of ``torch.save``.
        reset_head: keep the head's own weights where the file has another number of classes.
    Returns:
        The model itself.
    Raises:
        CheckpointError: the file is damaged, holds code, or belongs to another network; the first
            three missing and unexpected keys are named. The model is unchanged then.
    """
    state = read_weights(path)
    ours = model.state_dict()
    left_out = [] if model.num_classes else _class_keys(model)
    names = _translation([*ours, *left_out], state)
    optional = {key for key in ours if key.endswith("num_batches_tracked")}
    missing = [names[key] for key in ours if names[key] not in state and key not in optional]
    unexpected = sorted(set(state) - set(names.values()))
    if missing or unexpected:
        raise CheckpointError(
            f"{path}: weights of another network: missing {_few(missing)};"
            f" unexpected {_few(unexpected)}"
        )
    loaded = {key: state[names[key]] for key in ours if names[key] in state}
    for key, value in list(loaded.items()):
        if value.shape == ours[key].shape:
            continue
        if not _is_class_layer(key, value, ours[key], model.arch.classes):
            raise CheckpointError(
                f"{path}: {names[key]} has shape {tuple(value.shape)}, {tuple(ours[key].shape)}"
                " is needed"
            )
        if not reset_head:
            raise CheckpointError(
                f"{path}: {names[key]} is of {value.shape[0]} classes, the model has"
                f" {ours[key].shape[0]}; `reset_head` keeps the model's own head"
            )
        del loaded[key]
    model.load_state_dict({**ours, **loaded})
    model.info = _own_info(path)
    return model


def load_network(path: str | Path, *, num_classes: int | None = None) -> Network:
    """Return the network of a nasfer checkpoint, with its weights.

    Args:
        path: of the file.
        num_classes: of a fresh class layer; ``None`` keeps the file's, 0 leaves it out.
    Raises:
        CheckpointError: no nasfer checkpoint, or a damaged one.
    """
    model = load_checkpoint(create_model(parse_arch(read_info(path).structure)), path)
    if num_classes is not None and num_classes != model.num_classes:
        model.reset_classifier(num_classes)
    return model


def _own_info(path: str | Path) -> CheckpointInfo | None:
    """What a file says about itself, if it is one of nasfer's."""
    try:
        return read_info(path)
    except CheckpointError:
        return None


def _class_keys(model: Network) -> list[str]:
    """Keys of the class layers that a network was made without."""
    return [f"{name}.{part}" for name in model.classifiers for part in ("weight", "bias")]


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name, without wrappers and prefixes.

    Raises:
        CheckpointError: the file is damaged or holds code, or a weight is not finite.
    """
    content = _content(Path(path))
    if isinstance(content, Mapping):
        for name in WRAPPERS:
            if isinstance(content.get(name), Mapping):
                content = content[name]
                break
    if not isinstance(content, Mapping) or not content:
        raise CheckpointError(f"{path}: no weights in it: {type(content).__name__}")
    state = {str(key).removeprefix("module."): value for key, value in content.items()}
    others = [key for key, value in state.items() if not is_plain(value)]
    if others:
        raise CheckpointError(f"{path}: no weights under {_few(others)}")
    wild = [key for key, value in state.items() if not bool(value.isfinite().all())]
    if wild:
        raise CheckpointError(f"{path}: weights that are not finite: {_few(wild)}")
    return state


def _content(path: Path) -> Any:
    """Return what a file holds.

    Raises:
        CheckpointError: there is no such file, or it cannot be read as what its name says.
    """
    if not os.path.exists(path):  # also where nothing can have such a name
        raise CheckpointError(f"{path}: no such file")
    if path.is_dir():
        raise CheckpointError(f"{path}: a folder; the file of a checkpoint is needed")
    check_file(path, LARGEST, CheckpointError)
    try:
        if path.stat().st_size == 0:
            raise CheckpointError(f"{path}: an empty file")
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
                about = file.metadata() or {}
            if SEAL in about and about[SEAL] != weights_digest(tensors, about.get("nasfer", "")):
                raise CheckpointError(f"{path}: damaged: its weights do not fit their digest")
            return tensors
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other pickle protocols: what counts is the outcome
            return torch.load(path, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except pickle.UnpicklingError:
        raise CheckpointError(f"{path}: no weights, or code among them; it was not run") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise CheckpointError(f"{path}: cannot be read: {reason}") from None
    except Exception as error:  # on damaged bytes torch raises whatever its decoders meet
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].partition(". ")[0]
        raise CheckpointError(f"{path}: damaged or no checkpoint: {reason}") from None


def _translation(ours: Iterable[str], state: Mapping[str, Any]) -> dict[str, str]:
    """Return the file's name of each of our keys, by the map under which most keys are there."""
    maps: list[Callable[[str], str]] = [str]
    for preset in PRESETS:
        if preset.published_key not in maps:
            maps.append(preset.published_key)
    translations = [{key: _translated(key, translate) for key in ours} for translate in maps]
    return max(translations, key=lambda names: sum(name in state for name in names.values()))


def _translated(key: str, translate: Callable[[str], str]) -> str:
    try:
        return translate(key)
    except LookupError:  # a map knows the keys of its own family only
        return key


def _is_class_layer(key: str, theirs: Tensor, ours: Tensor, classes: int) -> bool:
    return (
        key.startswith("head.")
        and theirs.dim() == ours.dim() > 0
        and ours.shape[0] == classes
        and theirs.shape[1:] == ours.shape[1:]
    )


def _few(names: list[str]) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
