"""What is no space is one line, however long it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from nasfer.errors import SpaceError, UnknownNameError
from nasfer.presets import load_arch
from nasfer.space import load_space

LONG = str(load_arch("efficientface")) + str(load_arch("zennet_m")) * 4


def test_a_structure_is_no_space_however_long() -> None:
    assert len(LONG) > 255
    with pytest.raises(
        SpaceError, match=r"^`space`: 'ConvK3.*\.\.\.' is the structure of one network"
    ):
        load_space(LONG)


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".yaml", "no\0file.yaml", "a/" * 3000])
def test_a_name_of_no_file_is_one_line(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"^unknown space") as caught:
        load_space(name)
    assert "\n" not in str(caught.value)


def test_a_path_is_a_space() -> None:
    path = Path("search_spaces/zennet_r.yaml")
    assert load_space(path).digest() == load_space("zennet_r").digest()
