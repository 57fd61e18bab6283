"""What users may ask for: sources, ranges, samplers; wrong input is one line and exit 2."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from nasfer import tune
from nasfer.costs import cost
from nasfer.errors import NasferError, RunFolderError, SpecError
from nasfer.presets import load_arch
from nasfer.runs.folder import RunFolder
from nasfer.runs.records import TrialRecord, TrialSpec
from nasfer.training.recipe import Recipe
from nasfer.tuning.asking.asking import ask
from nasfer.tuning.asking.ranges import parse_ranges, parse_search
from nasfer.tuning.proposing.drafts import first_trials
from nasfer.tuning.proposing.optuna_proposers import make_proposers
from tests.cli.test_commands import nasfer
from tests.tuning.running import DATA, NET

PBT = ("--search", "lr=loguniform(1e-4,1e-2)", "--scheduler", "pbt")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr=foo", "none of uniform"),
        ("lr=loguniform(0,1)", "the lower end of a logarithm is over 0"),
        ("lr=uniform(2,1)", "the lower first"),
        ("lr=uniform(1,inf)", "two finite ends"),
        ("lr=uniform(1)", "two finite ends"),
        ("lr=uniform(1,2,3)", "two finite ends"),
        ("lr=uniform(-1,1)", "greater than 0"),
        ("lr=__import__('os')", "none of uniform"),
        ("batch_size=randint(1.5,4)", "not whole numbers"),
        ("optimizer=choice(sgd,adam)", "'adam'"),
        ("optimizer=choice(sgd,)", "an empty value"),
        ("optimizer=choice(sgd,sgd)", "stands there twice"),
        ("momentun=uniform(0,1)", "did you mean 'momentum'"),
        ("epochs=randint(1,9)", "would not compare"),
        ("lr", "is not name=range"),
    ],
)
def test_a_wrong_range_is_named(text: str, message: str) -> None:
    with pytest.raises(SpecError, match="`search`") as error:
        parse_ranges(parse_search([text]), Recipe())
    assert message in str(error.value)


def test_the_older_name_of_a_field_can_be_searched() -> None:
    older = {"start": "choice(torch, zennet)"}
    asked = ask(["zennet_m"], "drawn", search=older)
    assert list(asked.ranges) == ["init"]
    assert asked.settings == ask(["zennet_m"], "drawn", search={"init": older["start"]}).settings
    with pytest.raises(SpecError, match="`search`: init stands there twice, also as start"):
        ask(["zennet_m"], "drawn", search={"init": "choice(torch, zennet)", **older})
    with pytest.raises(SpecError, match="`search`: init: is set to"):
        ask(["zennet_m"], "drawn", search=older, options={"init": "torch"})


@pytest.mark.parametrize(
    "name", ["loop.yaml", "~nobody-of-this-name/x.yaml", "a\0b.yaml", "a" * 300]
)
def test_a_path_that_cannot_be_is_an_error_of_ours(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop.yaml").symlink_to("loop.yaml")
    for asks in (
        lambda: ask([NET], DATA, recipe=name),
        lambda: ask([name], DATA),
        lambda: ask([Path(name)], DATA),
        lambda: first_trials(ask([NET], f"folder:{name}", options={"epochs": 1})),
        lambda: tune([NET], f"folder:{name}", out=Path(name), epochs=1, ray_address="127.0.0.1:1"),
    ):
        with suppress(NasferError):
            asks()


def test_a_range_is_not_set_twice() -> None:
    with pytest.raises(SpecError, match="stands there twice"):
        parse_search(["lr=uniform(1,2)", "lr=uniform(1,3)"])
    with pytest.raises(SpecError, match="is set to"):
        ask(["zennet_m"], "drawn", recipe="nasfer", options={"lr": "1"},
            search={"lr": "uniform(1,2)"})  # fmt: skip


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "evolution", "random"])
def test_every_sampler_keeps_the_budget_and_repeats(sampler: str) -> None:
    asked = ask(
        ["space:zennet_m"], "drawn", recipe="nasfer", options={}, budget="450M",
        max_params="1M", trials=6, sampler=sampler, seeds=2,
    )  # fmt: skip

    def proposed() -> list[TrialSpec]:
        specs = first_trials(asked)
        for proposer in make_proposers(asked):
            past = []
            for number in range(proposer.count):
                new = proposer.propose(number, past, frozenset(spec.key for spec in specs))
                ended = [TrialRecord.of(s, "done", 1, val_accuracy=number / 10) for s in new]
                past.append((new[0], ended))
                specs += new
        return specs

    specs = proposed()
    assert len({spec.digest for spec in specs}) == 6
    assert [spec.seed for spec in specs[:2]] == [0, 1]
    for spec in specs:
        counted = cost(load_arch(spec.structure))
        assert counted.flops <= 450_000_000
        assert counted.params <= 1_000_000
        assert counted.layers <= 14  # the space's own limit
    assert specs == proposed()


def test_a_name_of_both_is_the_preset_and_with_a_budget_the_space() -> None:
    plain = ask(["zennet_m"], "drawn", recipe="nasfer", options={}, sampler="random")
    assert [spec.arch for spec in first_trials(plain)] == ["zennet_m"]
    limited = ask(
        ["zennet_m"], "drawn", recipe="nasfer", options={}, sampler="random", budget="450M",
        trials=3,
    )  # fmt: skip
    assert len(first_trials(limited)) == 3


def test_a_run_goes_on_with_the_recipe_it_began_with_or_not_at_all(tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"

    def settings() -> dict[str, object]:
        return ask([NET], DATA, recipe=str(recipe), options={"epochs": "1"}).plain()

    recipe.write_text("summary: mine\nsource: mine\nlr: 0.001\n")
    RunFolder(tmp_path / "run", settings(), {}, kind="tune")
    RunFolder(tmp_path / "run", settings(), {}, kind="tune")
    recipe.write_text("summary: mine\nsource: mine\nlr: 0.01\n")
    with pytest.raises(RunFolderError, match="recipe_values"):
        RunFolder(tmp_path / "run", settings(), {}, kind="tune")


def test_the_same_network_from_two_sources_is_trained_once() -> None:
    asked = ask(
        [NET, "zennet_m", NET], DATA, recipe="nasfer", options={}, seeds=3, sampler="random"
    )
    keys = [spec.key for spec in first_trials(asked)]
    assert len(keys) == len(set(keys)) == 6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "SOURCE: a run folder"),
        (["zennet_mm"], "unknown source 'zennet_mm'; did you mean 'zennet_m'?"),
        (["EMPTY"], "candidates.csv is missing"),
        (["space:zennet_m", "--budget", "1k"], "no member of space 'zennet_m' found within"),
        (["space:zennet_m", "--budget", "1k", "--sampler", "random"], "no member of space"),
        ([NET, "--sampler", "bayes"], "unknown sampler 'bayes': one of tpe"),
        ([NET, "--scheduler", "bohb"], "unknown scheduler 'bohb'"),
        ([NET, "--scheduler", "pbt"], "needs --search"),
        ([NET, "zennet_r", *PBT], "trials of one network, which take over each other's weights; 2"),
        ([NET, "space:zennet_m", "--budget", "400M", *PBT], "'space:zennet_m' is a space"),
        ([NET, *PBT, "--max-concurrent", "1"], "--max-concurrent: trials of pbt take turns"),
        ([NET, "--cpus-per-trial", "0"], "--cpus-per-trial"),
        ([NET, "--set", "lr"], "--set: 'lr' is not name=value"),
        ([NET, "--resolution", "8", "--data", "rafdp:."], "unknown data set"),
        ([NET, "--ray-address", "nowhere"], "is not HOST:PORT"),
        ([NET, "--ray-address", "127.0.0.1:1"], "does not answer within 15 s"),
        ([NET, "--ray-address", "ray://127.0.0.1:1"], "Ray Client is not supported"),
        (["--status", "EMPTY"], "no run folder"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    given = [str(tmp_path) if word == "EMPTY" else word for word in arguments]
    data = () if "--data" in given else ("--data", DATA)
    done = nasfer("tune", *data, *given, "--epochs", "1", "--out", tmp_path / "run")
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert not (tmp_path / "run/trials").exists()


def test_an_address_that_accepts_and_stays_silent_is_given_up_within_20_s(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        given = ("--epochs", "1", "--out", tmp_path, "--ray-address", address)
        since = time.monotonic()
        done = nasfer("tune", NET, "--data", DATA, *given)
    assert time.monotonic() - since < 20
    assert done.returncode == 2
    assert "does not answer within 15 s" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
