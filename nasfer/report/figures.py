"""Pictures become files here: drawn without pyplot, so that a caller's backend and settings stay.

Figures are `matplotlib.figure.Figure`, which no window and no global list of figures knows.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from nasfer.runs.atomic import make_folder
from nasfer.runs.folder import write_atomic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 140
"""Dots an inch of PNG files."""


def plain_texts(figure: Figure) -> None:
    """Take every text as it is: ``$`` in a name begins no formula.

    Only ticks that matplotlib writes itself, such as powers of ten, stay formulas.
    """
    from matplotlib.text import Text
    from matplotlib.ticker import FixedFormatter, FuncFormatter

    numbers = {
        text
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        if not isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter)
        for text in (*axis.get_ticklabels(), axis.get_offset_text())
    }
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text not in numbers:
            text.set_parse_math(False)


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as a whole, in the format of the file's ending.

    Args:
        figure: of ``matplotlib.figure.Figure``, not of pyplot.
        path: PNG or PDF file; its folder is made.
    Raises:
        RunFolderError: the file cannot be written.
    """
    path = Path(path)
    plain_texts(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=path.suffix.removeprefix("."), dpi=DPI)
    make_folder(path.parent)
    write_atomic(path, buffer.getvalue())
