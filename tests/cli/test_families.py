"""``nasfer search`` over several families, as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import nasfer

SMALL = ("--budget", "15M", "--resolution", "48", "--iterations", "1000")
OPTIONS = (*SMALL, "--top", "2", "--repeats", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("families")
    (path / "two.yaml").write_text("families: [zennet_r, emo_net]\nlimits: {max_layers: 20}\n")
    return path


def test_a_users_union_names_the_chosen_family_and_the_best_of_each(folder: Path) -> None:
    done = nasfer("search", "--space", "two.yaml", *OPTIONS, cwd=folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (highest,) = [line for line in lines if line.startswith("highest Zen-score: ")]
    family, _, rest = highest.removeprefix("highest Zen-score: ").partition(";")
    assert family in ("zennet_r", "emo_net")
    assert "not comparable between families" in rest
    (heading,) = [line for line in lines if "Best of each family" in line]
    below = "\n".join(lines[lines.index(heading) :])
    assert "zennet_r" in below
    assert "emo_net" in below
    run = folder / "results/runs/two-15M-seed0"
    assert (run / "families.csv").exists()
    assert (run / "families.md").exists()


def test_json_carries_the_families(folder: Path) -> None:
    done = nasfer("search", "--space", "two.yaml", *OPTIONS, "--json", cwd=folder)
    data = json.loads(done.stdout)
    assert data["chosen_family"] == data["candidates"][0]["family"]
    best = {row["family"]: row["digest"] for row in data["families"]}
    assert best.keys() == {"zennet_r", "emo_net"}
    assert set(best.values()) <= {row["digest"] for row in data["candidates"]}


def test_fer_is_listed_with_its_size() -> None:
    (row,) = [row for row in json.loads(nasfer("spaces", "--json").stdout) if row["name"] == "fer"]
    assert row["limits"] == "max_layers 20"
    assert float(row["members"]) > 1e100
    assert "amp_net" in row["description"]


def test_a_wrong_union_is_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("families: [zennet_m, emonet]")
    done = nasfer("search", "--space", "mine.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "nasfer: mine.yaml: families[1]: unknown space 'emonet'; did you mean 'emo_net'?\n"
    )
