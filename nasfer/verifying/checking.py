"""All presets at once: checked one by one, or the line that keeps their files from being read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nasfer.errors import SpecError

if TYPE_CHECKING:
    from nasfer.verifying.presets import Verdict

FILES = Path(__file__).parents[1] / "presets"
"""Where the presets are written down."""


def check_presets(pattern: str = "*", watch: Callable[[str], None] | None = None) -> list[Verdict]:
    """Recompute the figures of presets and compare the published code's logits.

    Args:
        pattern: a shell pattern of names, such as ``"zennet_m*"``.
        watch: called with each name before it is checked.
    Returns:
        A verdict a preset, in the order of their names; one without ``faults`` is right.
    Raises:
        SpecError: a preset's file cannot be read at all; the message begins with the line in it.
        UnknownNameError: no preset has such a name.
    Cost: a second or a few for each.
    """
    try:
        from nasfer.presets import PRESETS
        from nasfer.verifying.presets import check_preset
    except SpecError as error:  # a structure that is none stops the import
        from nasfer.verifying.written import broken_line

        raise SpecError(f"{broken_line(error, FILES)}: {error}") from None
    verdicts = []
    for name in PRESETS.names(pattern) or [pattern]:
        preset = PRESETS.get(name)  # of none such, the error names the nearest
        if watch is not None:
            watch(preset.name)
        verdicts.append(check_preset(preset.name))
    return verdicts
