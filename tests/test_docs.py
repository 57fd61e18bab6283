"""The guide's files work as they stand; the README's commands exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

CHECK = """
import my_block, my_data, my_predictor, my_proxy, my_strategy
import nasfer
from nasfer.arch import parse_arch
from nasfer.space import load_space
from nasfer.pools import Pool, PooledNetwork
from nasfer.testing import check_predictor, check_proxy, check_space, check_strategy

arch = parse_arch("SuperConvK3BNRELU(3,16,2,1)SeparableK5(16,32,2,3)")
assert parse_arch(str(arch)) == arch
model = nasfer.create_model(arch)
assert nasfer.cost(arch).params == sum(p.numel() for p in model.parameters())
assert nasfer.score(arch, "zen_closed_form") > 0
space = load_space("my_space.yaml")
check_space(space, members=50, seed=0)
check_proxy("zen_per_flop", arch)
check_strategy("hill_climbing", space)
chains = [parse_arch(f"SuperConvK3BNRELU(3,{width},2,1)") for width in (8, 16, 24, 32)]
trained = [PooledNetwork(one, 50.0 + i, 1, None, 1, 1, "mine", resolution=48)
           for i, one in enumerate(chains)]
check_predictor("nearest", Pool(tuple(trained), 48, "", "", "mine"))
found = nasfer.search("my_space.yaml", "20M", strategy="hill_climbing", iterations=300, seed=0,
                      resolution=48, top=1, repeats=1)
assert found.best.cost.flops <= 20_000_000
found = nasfer.search("zennet_r", "446M", iterations=200, seed=0, top=0,
                      proxy="zen_per_flop")
print(found.best.value)

from pathlib import Path
from PIL import Image
from nasfer.data import load_data

Path("faces").mkdir()
for number in range(24):
    side = "left" if number % 2 else "right"
    split = "test" if number < 6 else "train"
    face = Image.new("L", (8, 8), number)
    face.save(f"faces/{split}-{number % 3}-{number}-{side}.png")
data = load_data("my_data:faces,side=right")
assert data.class_names == ("happiness", "sadness", "anger")
assert data.splits["test"].counts() == {"happiness": 1, "sadness": 1, "anger": 1}
"""


def test_every_file_of_the_extension_guide_runs_as_shown(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "extending.md").read_text()
    files = re.findall(r"```\w+\n# (my_\w+\.\w+)\n(.*?)```", guide, flags=re.DOTALL)
    names = [name for name, _ in files]
    assert names == [
        "my_block.py", "my_space.yaml", "my_proxy.py", "my_predictor.py", "my_strategy.py",
        "my_data.py",
    ]  # fmt: skip
    for name, text in files:
        (tmp_path / name).write_text(text)
    subprocess.run([sys.executable, "-c", CHECK], cwd=tmp_path, check=True, timeout=240)


@pytest.mark.parametrize("script", ["search.sh", "test.sh", "tune.sh"])
def test_the_scripts_are_executable(script: str) -> None:
    assert os.access(ROOT / "scripts" / script, os.X_OK)


def test_the_readmes_space_is_a_space(tmp_path: Path) -> None:
    from nasfer.space import load_space

    readme = (ROOT / "README.md").read_text()
    (text,) = re.findall(r"```yaml\n(.*?)```", readme, flags=re.DOTALL)
    (tmp_path / "my_faces.yaml").write_text(text)
    assert load_space(str(tmp_path / "my_faces.yaml")).size() > 1000


def test_the_readmes_python_runs() -> None:
    readme = (ROOT / "README.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    subprocess.run([sys.executable, "-c", code], check=True, timeout=240)
