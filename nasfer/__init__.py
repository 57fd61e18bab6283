"""nasfer: which network should read facial expressions within this budget?

The functions below are imported when first used, so that ``import nasfer`` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nasfer.api import (
        correlate,
        cost,
        create_model,
        evaluate,
        export,
        learn,
        list_presets,
        list_proxies,
        list_spaces,
        load_arch,
        load_checkpoint,
        pareto,
        predict,
        score,
        search,
        train,
        tune,
    )

    __version__: str

__all__ = [
    "correlate", "cost", "create_model", "evaluate", "export", "learn", "list_presets",
    "list_proxies", "list_spaces", "load_arch", "load_checkpoint", "pareto", "predict", "score",
    "search", "train", "tune",
]  # fmt: skip


_ROOMS = (
    "data", "features", "models", "pools", "predictors", "presets", "proxies", "report",
    "searching", "space", "training",
)  # fmt: skip
"""What a notebook reaches for as ``nasfer.report.trained_table``."""


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # 20 ms

        return version("nasfer")
    if name in _ROOMS:
        from importlib import import_module

        return import_module(f"nasfer.{name}")
    if name not in __all__:
        raise AttributeError(f"module 'nasfer' has no attribute {name!r}")
    from nasfer import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return [*__all__, *_ROOMS, "__version__"]
