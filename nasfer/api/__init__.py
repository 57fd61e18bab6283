"""The public functions of nasfer: each takes what a user names and joins the rooms below.

A function's own module is imported when the function is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nasfer.api.comparing import correlate, pareto
    from nasfer.api.exporting import export
    from nasfer.api.learning import learn
    from nasfer.api.measuring import evaluate, predict
    from nasfer.api.networks import (
        cost,
        create_model,
        list_presets,
        list_proxies,
        list_spaces,
        load_arch,
        load_checkpoint,
        score,
    )
    from nasfer.api.searching import search
    from nasfer.api.training import train
    from nasfer.api.tuning import tune

__all__ = [
    "correlate", "cost", "create_model", "evaluate", "export", "learn", "list_presets",
    "list_proxies", "list_spaces", "load_arch", "load_checkpoint", "pareto", "predict", "score",
    "search", "train", "tune",
]  # fmt: skip

_MODULES = {
    "correlate": "comparing", "evaluate": "measuring", "pareto": "comparing",
    "predict": "measuring", "export": "exporting", "learn": "learning", "search": "searching",
    "train": "training", "tune": "tuning",
}  # fmt: skip
"""The module of each function; all others are in ``networks``."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'nasfer.api' has no attribute {name!r}")
    return getattr(import_module(f"nasfer.api.{_MODULES.get(name, 'networks')}"), name)


def __dir__() -> list[str]:
    return __all__
