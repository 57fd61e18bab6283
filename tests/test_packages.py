"""Without the extras a search works, and what needs one says so in one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from nasfer.errors import MissingPackageError
from nasfer.packages import DISTRIBUTIONS, EXTRAS, INCLUDED, needs, require

ROOT = Path(__file__).parents[1]

WITHOUT = """
import sys
for package in sys.argv[1].split(","):
    sys.modules[package] = None  # as if it were not installed
sys.argv = ["nasfer", *sys.argv[2:]]
from nasfer.cli.app import main
main()
"""

ALL = sorted(package for packages in EXTRAS.values() for package in packages)


def nasfer_without(
    packages: list[str], folder: Path, *words: object
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT, ",".join(packages), *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )


def requirements(section: str, key: str) -> set[str]:
    """Return the names in a list of setup.cfg, extras of our own as ``nasfer[...]``."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = config[section][key].split()
    return {re.split(r"[<>=!~;]", line)[0] for line in lines}


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_table_of_extras_is_that_of_setup_cfg(extra: str) -> None:
    named = {DISTRIBUTIONS.get(package, package) for package in EXTRAS[extra]}
    wanted = requirements("options.extras_require", extra)
    own = {name for name in wanted if name.startswith("nasfer[")}
    assert {name.partition("[")[0] for name in wanted - own} == named
    assert own == ({f"nasfer[{','.join(INCLUDED[extra])}]"} if extra in INCLUDED else set())
    assert f"nasfer[{','.join(EXTRAS)}]" in requirements("options.extras_require", "all")
    assert not named & requirements("options", "install_requires")


@pytest.mark.parametrize("words", [
    "search --space zennet_r --budget 30M --resolution 48 --iterations 300 --top 1 --repeats 1",
    "score zennet_m --proxy zen --resolution 48 --batch 2",
    "score amp_net --proxy zen --resolution 48 --batch 2",
    "score attention_emotion_net --proxy zen --resolution 48 --batch 2",
    "profile emo_net",
    "create efficientface net.safetensors",
    "spaces", "presets", "proxies", "tune --help", "export --help",
])  # fmt: skip
def test_the_core_needs_no_extra(words: str, tmp_path: Path) -> None:
    done = nasfer_without(ALL, tmp_path, *words.split())
    assert done.returncode == 0, done.stderr


TRAIN = "train zennet_r --epochs 1 --data drawn,train=70,val=70,test=70 --resolution 48"


@pytest.mark.parametrize(("package", "name", "extra", "words"), [
    ("sklearn", "scikit-learn", "train", TRAIN),
    ("tensorboard", "tensorboard", "train", TRAIN),
    ("optuna", "optuna", "tune", "tune zennet_m"),
    ("ray", "ray", "tune", "tune zennet_m"),
    ("jinja2", "jinja2", "tune", "tune zennet_m"),  # not first after hours, for its report
    ("onnx", "onnx", "export", "export zennet_m --out z.onnx"),
    ("onnxscript", "onnxscript", "export", "export zennet_m --out z.onnx"),
])  # fmt: skip
def test_a_missing_package_is_one_line_with_what_to_type(
    package: str, name: str, extra: str, words: str, tmp_path: Path
) -> None:
    done = nasfer_without([package], tmp_path, *words.split())
    assert done.returncode == 2, done.stderr
    assert done.stderr == f"nasfer: {name} is not installed: pip install 'nasfer[{extra}]'\n"
    assert done.stdout == ""


def test_what_is_missing_inside_nasfer_is_no_missing_package() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"nasfer\.not_there") as caught, needs("train"):
        import nasfer.not_there  # noqa: F401
    assert not isinstance(caught.value, MissingPackageError)


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_is_installed_is_not_missing(extra: str) -> None:
    require(extra)  # type: ignore[arg-type]
