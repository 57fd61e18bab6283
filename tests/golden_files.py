"""The golden files: published figures by preset, and published Zen-scores by space."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nasfer.verifying.presets import golden_figures

ZEN = Path(__file__).parent / "golden" / "zen"


def golden(name: str) -> Any:
    """Read one golden file: a preset's, or ``zen/space_m``."""
    if name.startswith("zen/"):
        return json.loads((ZEN / f"{name.removeprefix('zen/')}.json").read_text())
    return golden_figures(name)
