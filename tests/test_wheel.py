"""A built wheel carries all it needs: not editable, in another folder, spaces included."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

import pytest

from nasfer.packages import EXTRAS

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_an_installed_wheel_searches_from_another_folder(tmp_path: Path) -> None:
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".venv", ".git", "build", "*.egg-info", "results", ".*cache*")
    shutil.copytree(ROOT, source, ignore=ignored)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheels = tmp_path / "wheels"
    subprocess.run([*pip, "wheel", "--no-deps", "-w", wheels, source], check=True, timeout=240)
    (wheel,) = wheels.glob("nasfer-*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    subprocess.run([*pip, "install", "--no-deps", "--target", site, wheel], check=True, timeout=240)
    # The dependencies are borrowed from this environment, as a path: nasfer's own editable
    # install, which hangs on a .pth file, is not seen through one.
    environment = {**os.environ, "PYTHONPATH": sysconfig.get_paths()["purelib"]}
    work = tmp_path / "work"
    work.mkdir()
    where = subprocess.run(
        [python, "-c", "import nasfer; print(nasfer.__file__)"],
        check=True, env=environment, cwd=work, capture_output=True, text=True,
    )  # fmt: skip
    assert str(site) in where.stdout
    (about,) = metadata.distributions(name="nasfer", path=[str(site)])
    assert {*EXTRAS, "all", "test"} <= set(about.metadata.get_all("Provides-Extra", []))
    assert (site / "nasfer" / "py.typed").exists()
    search = ["search", "--space", "zennet_r", "--budget", "30M", "--resolution", "48"]
    few = ["--iterations", "500", "--top", "1", "--repeats", "1"]
    subprocess.run(
        [python, "-m", "nasfer", *search, *few], check=True, env=environment, cwd=work, timeout=240
    )
    assert (work / "results/runs/zennet_r-30M-seed0/candidates.csv").exists()
    recipes = "from nasfer.training.recipe import list_recipes; assert 'zennet' in list_recipes()"
    subprocess.run([python, "-c", recipes], check=True, env=environment, cwd=work, timeout=60)
