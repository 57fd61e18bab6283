"""A search that is extended comes to what an undisturbed one comes to, byte by byte."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import nasfer
from nasfer.errors import NasferWarning, RunFolderError
from nasfer.runs.folder import RunFolder, read_run
from nasfer.searching import STRATEGIES, candidates, proposing, prospects
from nasfer.searching.result import SearchResult

SMALL: dict[str, Any] = {"seed": 1, "top": 2, "repeats": 1, "resolution": 32}
FEW, MANY = 600, 1_300
RESULTS = ("candidates.csv", "front.csv", "best.yaml", "best_structure.txt")


def search(path: Path, iterations: int, **more: Any) -> SearchResult:
    return nasfer.search("zennet_r", "30M", out=path, iterations=iterations, **{**SMALL, **more})


def results(path: Path) -> list[bytes]:
    return [(path / name).read_bytes() for name in RESULTS]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "few"
    search(path, FEW)
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "many"
    search(path, MANY)
    return path


@pytest.fixture
def run(few: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(few, tmp_path / "run"))


def test_more_iterations_equal_an_undisturbed_search(run: Path, few: Path, many: Path) -> None:
    told: list[str] = []
    search(run, MANY, note=told.append)
    assert told == [f"{run}: extended: iterations {FEW} to {MANY}"]
    assert results(run) == results(many) != results(few)
    assert RunFolder.read_state(opened(run)) == RunFolder.read_state(opened(many))
    assert read_run(run).finished
    assert read_run(run).extended == ({"iterations": FEW, "to": MANY},)
    before = {file.name: file.read_bytes() for file in run.iterdir()}
    search(run, MANY)
    assert {file.name: file.read_bytes() for file in run.iterdir()} | {".lock": b""} == {
        **before, ".lock": b"",
    }  # fmt: skip


def opened(path: Path) -> RunFolder:
    run = read_run(path)
    return RunFolder(path, run.settings, run.record, kind="search")


@pytest.mark.parametrize("strategy", [name for name in STRATEGIES.names() if name != "evolution"])
def test_no_strategy_depends_on_the_number_of_proposals(strategy: str, tmp_path: Path) -> None:
    for iterations in (200, 500):
        search(tmp_path / "run", iterations, strategy=strategy, top=0)
    search(tmp_path / "whole", 500, strategy=strategy, top=0)
    assert results(tmp_path / "run") == results(tmp_path / "whole")


def test_what_was_measured_is_not_measured_again(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {line["digest"] for line in opened(run).ledger()}
    measured = []
    original = candidates.score

    def counting(arch: Any, proxy: str, **settings: Any) -> Any:
        if proxy == "zen":
            measured.append(arch.digest())
        return original(arch, proxy, **settings)

    monkeypatch.setattr(candidates, "score", counting)
    found = search(run, FEW, top=4)
    assert len(measured) == 2
    assert not before & set(measured)
    assert before < {candidate.arch.digest() for candidate in found.candidates}


class Killed(BaseException):
    """Stands for kill -9: nothing is written after it."""


@pytest.mark.parametrize("state", [0, 1])
def test_killed_on_the_way_the_same_command_goes_on(
    run: Path, many: Path, monkeypatch: pytest.MonkeyPatch, state: int
) -> None:
    write, written = RunFolder.write_state, iter(range(state))

    def killed(folder: RunFolder, content: Any) -> None:
        if next(written, None) is None:
            raise Killed
        write(folder, content)

    with monkeypatch.context() as patch:
        patch.setattr(proposing, "SAVE_SECONDS", 0.0)
        patch.setattr(RunFolder, "write_state", killed)
        with pytest.raises(Killed):
            search(run, MANY)
    assert not read_run(run).finished
    search(run, MANY)
    assert results(run) == results(many)
    assert len(read_run(run).extended) == 1


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"iterations": FEW - 1}, rf"iterations = {FEW}, asked for iterations = {FEW - 1}; it can"),
        ({"iterations": MANY, "top": 1}, "top = 2, asked for top = 1; it can only be extended"),
        ({"iterations": MANY, "seed": 2}, "seed = 1, asked for seed = 2"),
    ],
)
def test_a_shorter_or_another_search_is_refused_and_nothing_is_written(
    run: Path, asked: dict[str, Any], says: str
) -> None:
    before = {file.name: file.read_bytes() for file in run.iterdir() if file.name != ".lock"}
    with pytest.raises(RunFolderError, match=says):
        search(run, **asked)
    after = {file.name: file.read_bytes() for file in run.iterdir() if file.name != ".lock"}
    assert after == before


def test_a_state_of_a_longer_search_is_refused(run: Path, many: Path) -> None:
    shutil.copyfile(many / "state.json", run / "state.json")
    with (
        pytest.warns(NasferWarning, match=r"state\.json: .*made anew"),
        pytest.raises(RunFolderError, match=r"state\.json: of a longer search than run\.yaml"),
    ):
        search(run, FEW)


def test_a_family_is_dropped_where_an_undisturbed_search_drops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prospects, "PATIENCE", FEW)  # looked at after 1,000, in both
    three = tmp_path / "three.yaml"
    three.write_text("families: [zennet_m, zennet_r, emo_net]\n")
    asked: dict[str, Any] = {"max_params": "100k", **SMALL, "top": 0, "resolution": 48}
    for path, all_of_them in (("run", (FEW, MANY)), ("whole", (MANY,))):
        for iterations in all_of_them:
            found = nasfer.search(three, "15M", iterations=iterations, out=tmp_path / path, **asked)
    assert "emo_net" in found.missing
    names = (*RESULTS, "families.csv")
    one, other = ([(tmp_path / x / n).read_bytes() for n in names] for x in ("run", "whole"))
    assert one == other
