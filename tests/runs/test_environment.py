"""What a run folder is called and what it says of its surroundings."""

from __future__ import annotations

import os

import pytest

from nasfer.arch import parse_arch
from nasfer.errors import SpecError
from nasfer.presets import source_name
from nasfer.runs.environment import allowed_threads, run_record
from nasfer.runs.naming import default_folder, short_name
from nasfer.tuning.asking.asking import name_of


@pytest.mark.parametrize(
    ("text", "threads"),
    [("3", 3), ("4,2", 4), (" 2 ", 2), ("", None), ("0", None), ("many", None), ("-1", None)],
)
def test_the_allowed_threads_are_read_from_openmps_variable(
    monkeypatch: pytest.MonkeyPatch, text: str, threads: int | None
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", text)
    assert allowed_threads() == (threads or os.cpu_count())
    assert run_record("nasfer")["threads"] == (threads or os.cpu_count())


def test_a_record_names_command_and_versions() -> None:
    record = run_record("nasfer search", threads=2)
    assert (record["command"], record["threads"]) == ("nasfer search", 2)
    assert {"python", "nasfer", "torch", "numpy"} <= set(record["versions"])


def test_the_same_settings_have_the_same_folder_and_others_another() -> None:
    one = default_folder("train", "net", {"seed": 0, "lr": 0.1})
    assert default_folder("train", "net", {"lr": 0.1, "seed": 0}) == one
    others = [{"seed": 1, "lr": 0.1}, {"seed": 0}, {"seed": 0, "lr": "0.1"}]
    assert len({default_folder("train", "net", other) for other in others} | {one}) == 4


@pytest.mark.parametrize("text", ["a" * 400, "x/y z/", "Net(1,2)Net(2,3)", "folder:a/b c,val=0.1"])
def test_a_short_name_is_a_part_of_a_path(text: str) -> None:
    name = short_name(text)
    assert 0 < len(name) <= 40
    assert not set(name) & set("/ (),:")


def test_long_names_that_begin_alike_are_told_apart() -> None:
    one, other = (short_name(f"runs/{'a' * 60}{end}.yaml") for end in "bc")
    assert one != other
    assert len(one) == len(other) == 40
    assert short_name("x" * 40) == "x" * 40  # what fits stays


def test_a_structure_is_a_digest_in_every_folders_name() -> None:
    structure = "SuperConvK3BNRELU(3,8,2,1)" + "SuperConvK1BNRELU(8,8,1,1)" * 20
    digest = parse_arch(structure).digest()
    assert source_name(structure) == source_name(parse_arch(structure)) == digest
    assert name_of([structure, "zennet_r"]) == digest
    assert source_name("zennet_m_sa") == "zennet_m_sa"
    with pytest.raises(SpecError, match="position 0"):
        source_name("SuperRezK3K3(8,16,1,8,1)")
