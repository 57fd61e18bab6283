"""Pictures are drawn without touching what the caller has set up in matplotlib."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib
import pandas as pd
import pytest
from PIL import Image

from nasfer.report import correlate, find_front, plot_correlation, plot_fronts, trained_table
from nasfer.report.trainings.confusion import plot_confusion
from nasfer.report.trainings.files import plot_curves
from nasfer.report.tunings.plot import plot_trained
from nasfer.training.settings import Epoch
from tests.report.ledgers import run_of_five

FRONT = pd.DataFrame({"flops": [1, 2], "zen": [1.0, 2.0]})


def draw_all(folder: Path) -> list[Path]:
    """Draw one picture of each kind."""
    table = trained_table(run_of_five(folder / "run"))
    found, scores = correlate(table, ["flops"])
    history = [Epoch(1, 0.1, 1.0, 0.5, 0.5, 1.0, 9.0, 9.0)]
    plot_fronts(FRONT, ["flops"], "zen", str(folder / "front.png"), "found")
    plot_confusion([[1, 2], [0, 0]], ("fear", "anger"), folder / "confusion.png", "$x^")
    plot_curves(history, folder / "curves.png", "one epoch")
    plot_trained(find_front(table, "flops", "accuracy"), folder / "trained.png", "trained")
    plot_correlation(table, scores, found, folder / "correlation.png")
    return sorted(folder.glob("*.png"))


def test_backend_and_settings_of_matplotlib_stay_the_callers(tmp_path: Path) -> None:
    before = matplotlib.get_backend()
    matplotlib.use("svg")
    try:
        settings = dict(matplotlib.rcParams)
        assert len(draw_all(tmp_path)) == 5
        assert matplotlib.get_backend() == "svg"
        assert dict(matplotlib.rcParams) == settings
    finally:
        matplotlib.use(before)


def test_every_picture_is_one(tmp_path: Path) -> None:
    for path in draw_all(tmp_path):
        with Image.open(path) as picture:
            assert min(picture.size) > 300


@pytest.mark.slow
def test_drawing_does_not_import_pyplot(tmp_path: Path) -> None:
    code = (
        "import sys, pandas as pd; from nasfer.report import plot_fronts;"
        "plot_fronts(pd.DataFrame({'flops': [1, 2], 'zen': [1., 2.]}), ['flops'], 'zen',"
        f" {str(tmp_path / 'front.pdf')!r}, 'x'); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    assert (tmp_path / "front.pdf").read_bytes().startswith(b"%PDF")
