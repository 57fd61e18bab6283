"""nasfer: which network should read facial expressions within this budget?

The functions below are imported when first used, so that ``import nasfer`` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nasfer.api import (
        cost,
        create_model,
        list_presets,
        list_proxies,
        list_spaces,
        load_arch,
        load_checkpoint,
        score,
        search,
        train,
        tune,
    )

__all__ = [
    "cost", "create_model", "list_presets", "list_proxies", "list_spaces", "load_arch",
    "load_checkpoint", "score", "search", "train", "tune",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'nasfer' has no attribute {name!r}")
    from nasfer import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
