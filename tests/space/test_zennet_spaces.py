"""Laws of the ZenNet spaces, and the space language's errors."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from pathlib import Path

import pytest

from nasfer.arch import Arch, parse_arch
from nasfer.errors import SpaceError, UnknownNameError
from nasfer.presets import PRESETS
from nasfer.space import Space, list_spaces, load_space
from nasfer.testing import check_space
from tests.golden_files import golden

ZENNET_SPACES = ["zennet_m", "zennet_r"]


@pytest.mark.parametrize("name", list_spaces())
def test_moves_never_leave_the_space(name: str) -> None:
    check_space(load_space(name), members=100, seed=1)


@pytest.mark.parametrize("name", ZENNET_SPACES)
def test_a_long_walk_of_nudges_stays_in_the_space(name: str) -> None:
    space, rng = load_space(name), random.Random(2)
    arch = space.start
    for _ in range(2000):
        arch = space.nudge(arch, rng=rng)
        assert space.contains(arch), space.why_not(arch)
        assert Arch(arch.blocks, arch.head) == arch  # the unchecked constructor kept the chain
        if len(arch.blocks) > 12:
            arch = space.start


@pytest.mark.parametrize("name", ZENNET_SPACES)
def test_published_structures_are_members(name: str) -> None:
    space = load_space(name)
    structures = [row["structure"] for row in golden(f"zen/space_{name[-1]}")]
    for structure in [*structures, golden(name)["structure"]]:
        assert space.why_not(parse_arch(structure)) is None


@pytest.mark.parametrize("name", ZENNET_SPACES)
def test_why_not_names_the_block_and_the_allowed_values(name: str) -> None:
    space = load_space(name)
    text = str(space.start)
    wrong = text.replace("K3(", "K9(") if name == "zennet_m" else text.replace("K3K3(", "K9K9(", 1)
    complaint = space.why_not(parse_arch(wrong))
    assert complaint is not None
    assert complaint.startswith("blocks[1].kernel: 9 is not one of 3, 5, 7")
    assert space.why_not(parse_arch("SuperConvK3BNRELU(3,8,2,1)")) is not None


def test_the_digest_is_the_same_in_every_process() -> None:
    code = (
        "from nasfer.presets import load_arch;"
        "print(load_arch('zennet_m').digest(), load_arch('zennet_r').digest())"
    )
    here = [PRESETS.get(name).arch.digest() for name in ("zennet_m", "zennet_r")]
    for hash_seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout.split() == here


TINY = """
start: SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,1,8,1)
moves:
  SuperConv:
    out_channels: {scale: [1, 2], multiple_of: 8, max: 16}
  SuperResKK:
    repeats: {step: [-1, 0, 1], max: 2}
split: {first: 1}
"""


def tiny(tmp_path: Path, text: str = TINY) -> Space:
    (tmp_path / "tiny.yaml").write_text(text)
    return load_space(str(tmp_path / "tiny.yaml"))


def test_size_counts_what_enumeration_finds(tmp_path: Path) -> None:
    space = tiny(tmp_path)
    found = set()
    for channels, parts in itertools.product(
        (8, 16), [p for n in range(1, 5) for p in itertools.product((1, 2), repeat=n)]
    ):
        into = f"SuperConvK3BNRELU(3,{channels},2,1)"
        rest = [f"SuperResK3K3({channels if not i else 8},8,1,8,{n})" for i, n in enumerate(parts)]
        arch = parse_arch(into + "".join(rest))
        assert space.contains(arch), space.why_not(arch)
        if 1 + sum(parts) <= 5:
            found.add(arch)
    assert space.size(max_layers=5) == len(found)


def test_size_is_infinite_without_a_limit_where_blocks_split(tmp_path: Path) -> None:
    assert tiny(tmp_path).size() == float("inf")
    assert tiny(tmp_path, TINY.replace("split: {first: 1}", "")).size() == 4


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("moves:", "movess:", "movess: unknown key; allowed: start"),
        ("max: 2}", "max: 2, kernel: 3}", "unknown key; allowed: scale"),
        ("repeats:", "repeat:", "moves.SuperResKK.repeat: no field that can move"),
        ("SuperResKK:", "SuperResKKK:", "did you mean 'SuperResKK'"),
        ("step: [-1, 0, 1], max: 2", "max: 2", "exactly one of scale, step and choices"),
        ("SuperResK3K3(8,8", "SuperResK3K3(9,8", "start: blocks[1].in_channels: 9"),
        ("max: 16", "max: 4", "max: 4 is under the minimum 8"),
        ("start:", "limits: {max_params: 5Q}\nstart:", "'5Q' is not a number"),
        ("(3,8,2,1)Super", "(3,12,2,1)Super", "start: blocks[1].in_channels: 8"),
        ("first: 1", "first: [", "cannot be read"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_the_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises((SpaceError, UnknownNameError)) as raised:
        tiny(tmp_path, TINY.replace(old, new, 1))
    assert message in str(raised.value)
    assert "tiny.yaml" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_unknown_space_names_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'zennet_m'"):
        load_space("zenet_m")
