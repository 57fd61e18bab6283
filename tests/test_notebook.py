"""What a notebook user writes first works: values as values, paths as paths, no folder named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

import nasfer
from nasfer.arch import arch_to_yaml, parse_arch
from nasfer.errors import CheckpointError, DataError, RunFolderError, SpecError, UnknownNameError
from nasfer.runs.folder import read_run
from nasfer.searching import Objective

NET = "SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
DATA = "drawn,train=70,val=14,test=14"
QUICK: dict[str, Any] = {"epochs": 1, "batch_size": 32, "threads": 1}
SMALL: dict[str, Any] = {"iterations": 200, "seed": 0, "resolution": 48, "top": 0}
LONG = NET + "SuperConvK1BNRELU(32,32,1,1)" * 10
OWN_SPACE = """
start: SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)
moves:
  SuperResKK:
    out_channels: {scale: [0.5, 2], multiple_of: 8, max: 64}
    repeats: {step: [-1, 1], max: 3}
"""


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return nasfer.train(NET, DATA, out=tmp_path_factory.mktemp("trained") / "run", **QUICK)


def test_what_a_search_found_is_trained(capfd: pytest.CaptureFixture[str]) -> None:
    found = nasfer.search("zennet_r", "30M", **SMALL)
    result = nasfer.train(found.best.arch, DATA, lr=1e-3, flip=0.5, **QUICK)
    settings = read_run(result.folder).settings
    assert (settings["recipe_epochs"], settings["recipe_lr"], settings["recipe_flip"]) == (
        1, 1e-3, 0.5,
    )  # fmt: skip
    assert nasfer.load_arch(settings["source"]) == found.best.arch
    assert len(result.history) == 1
    assert found.best.arch.digest() in result.folder.name
    assert "".join(capfd.readouterr()) == ""


def test_the_same_call_goes_on_and_another_call_has_another_folder() -> None:
    first = nasfer.train(NET, DATA, **QUICK)
    before = (first.folder / "state.pt").stat().st_mtime_ns
    again = nasfer.train(NET, DATA, **QUICK)
    assert again.folder == first.folder
    assert again.folder.parent == Path("results/runs")
    assert (again.folder / "state.pt").stat().st_mtime_ns == before
    assert nasfer.train(NET, DATA, seed=1, **QUICK).folder != first.folder


@pytest.mark.parametrize("kind", ["arch", "structure", "text of a path", "path"])
def test_arch_means_the_same_everywhere(kind: str) -> None:
    arch, path = parse_arch(NET), Path("net.yaml")
    path.write_text(arch_to_yaml(arch))
    source = {"arch": arch, "structure": NET, "text of a path": str(path), "path": path}[kind]
    assert nasfer.load_arch(source) == arch
    assert nasfer.cost(source, 48) == nasfer.cost(arch, 48)
    assert nasfer.score(source, "params") == nasfer.score(arch, "params")
    assert nasfer.create_model(source, seed=0)(torch.zeros(1, 1, 48, 48)).shape == (1, 7)
    result = nasfer.train(source, DATA, **QUICK)
    assert isinstance(read_run(result.folder).settings["source"], str)
    assert parse_arch(result.info.structure) == arch


def test_a_long_structure_is_no_path() -> None:
    assert len(LONG) > 255
    for text in (LONG, f"{LONG}\n", NET.replace(")Super", ")\nSuper")):
        assert nasfer.cost(text, 48).params > 0
    for text in (f"{LONG}.yaml", f"{LONG}\n.txt"):
        with pytest.raises(SpecError, match=r"^position \d+"):
            nasfer.load_arch(text)
    result = nasfer.train(LONG, DATA, **QUICK)
    assert len(result.folder.name) < 100


def test_a_path_is_a_folder_of_classes() -> None:
    rng = np.random.default_rng(0)
    for split in ("train", "val", "test"):
        for name in ("anger", "happiness"):
            Path("faces", split, name).mkdir(parents=True)
            for number in range(4):
                pixels = rng.integers(0, 255, (48, 48), dtype=np.uint8)
                Image.fromarray(pixels).save(f"faces/{split}/{name}/{number}.png")
    result = nasfer.train(NET, data=Path("faces"), epochs=1, batch_size=4, threads=1)
    assert result.info.class_names == ("happiness", "anger")
    assert read_run(result.folder).settings["data"] == "folder:faces"
    with pytest.raises(DataError, match=r"^`data`: 'a,b': a comma"):
        nasfer.train(NET, data=Path("a,b"))


def test_a_space_of_ones_own_is_searched_within_limits_by_keyword() -> None:
    Path("own.yaml").write_text(OWN_SPACE)
    found = nasfer.search(space=Path("own.yaml"), max_params="5k", **SMALL)
    assert found.best.cost.params <= 5000


def test_a_checkpoint_is_a_network(trained: Any) -> None:
    path, images = trained.folder / "best.safetensors", torch.zeros(1, 1, 48, 48)
    logits = trained.model.eval()(images)
    for model in (
        nasfer.create_model(str(path)).eval(),
        nasfer.create_model(path).eval(),
        nasfer.load_checkpoint(path),
        nasfer.load_checkpoint(nasfer.create_model(NET), path).eval(),
    ):
        torch.testing.assert_close(model(images), logits, atol=1e-6, rtol=1e-5)
    fresh = nasfer.create_model(path, num_classes=8, reset_head=True)
    assert fresh(images).shape == (1, 8)
    assert nasfer.create_model(path, num_classes=0)(images).shape == (1, 32)
    backbone = nasfer.create_model(path, out_indices=(0,))
    assert [found.shape[1] for found in backbone(images)] == backbone.feature_info.channels()
    with pytest.raises(CheckpointError, match="`path`: needed"):
        nasfer.load_checkpoint(nasfer.create_model(NET))


def test_a_seed_leaves_torchs_generator_as_it_was() -> None:
    before = torch.random.get_rng_state()
    one, other = (nasfer.create_model(NET, seed=3) for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), before)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_papers_recipe_is_offered_and_taken() -> None:
    lines: list[str] = []
    nasfer.train("zennet_r", DATA, note=lines.append, **QUICK)
    assert "recipe: nasfer; the paper's own: `recipe=paper` (zennet)" in lines
    lines.clear()
    result = nasfer.train("zennet_r", DATA, recipe="paper", note=lines.append, warmup_epochs=0,
                          resolution=48, auto_augment="none", **QUICK)  # fmt: skip
    assert "recipe: zennet, zennet_r's own" in lines
    assert read_run(result.folder).settings["recipe_init"] == "zennet"
    with pytest.raises(SpecError, match=r"^`recipe`: 'paper' is a preset's own recipe, and 'Super"):
        nasfer.train(NET, DATA, recipe="paper")


def test_a_folder_of_before_the_new_name_is_gone_on_with(trained: Any) -> None:
    path = trained.folder / "run.yaml"
    run = yaml.safe_load(path.read_text())
    del run["sha256"], run["files"]  # there were none then, and no digests in states
    (trained.folder / "state.pt").unlink()
    run["settings"]["recipe_start"] = run["settings"].pop("recipe_init")
    path.write_text(yaml.safe_dump(run))
    again = nasfer.train(NET, DATA, out=trained.folder, **QUICK)
    assert again.test == trained.test
    with pytest.raises(RunFolderError, match="= near_linear, asked for recipe_init = zennet"):
        nasfer.train(NET, DATA, out=trained.folder, start="zennet", **QUICK)


def test_torchs_threads_are_recorded() -> None:
    result = nasfer.train(NET, DATA, epochs=1, batch_size=32)
    run = read_run(result.folder)
    assert run.record["threads"] == run.settings["threads"] == torch.get_num_threads()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"epoch": 1}, "`options`: epoch: unknown option; did you mean 'epochs'"),
        ({"epochs": 1.5}, "`options`: epochs: 1.5: "),
        ({"nesterov": 1}, "`options`: nesterov: 1: "),
        ({"lr": float("nan")}, "`options`: lr: nan: "),
        ({"init": "zennet", "start": "torch"}, "`options`: init: stands there twice"),
        ({"lr": 0.1, "options": {"lr": "0.2"}}, "`options`: lr: is given as a keyword, too"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        nasfer.train(NET, DATA, **fields)
    assert str(caught.value).startswith(message)
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"iterations": 0}, "`iterations`: 0; a whole number from 1"),
        ({"population": 1}, "`population`: 1; a whole number from 2"),
        ({"strategy": "evolve"}, "unknown strategy 'evolve'"),
        ({"max_params": "450Q"}, "`max_params`: '450Q' is not a number"),
        ({"budget_unit": "ops"}, "`budget_unit`: 'ops'"),
        ({"limits": {"max_param": 1}}, "`limits`: max_param: unknown limit; did you mean"),
        ({"objective": Objective(), "proxy": "flops"}, "`proxy`: 'flops'; `objective` says it"),
        ({"space": LONG}, "`space`: a structure is one network"),
    ],
)
def test_wrong_settings_of_a_search_leave_no_folder(settings: dict[str, Any], message: str) -> None:
    with pytest.raises((SpecError, UnknownNameError, ValueError)) as caught:
        nasfer.search(**{"space": "zennet_r", "out": "run", **settings})
    assert str(caught.value).startswith(message)
    assert not Path("run").exists()


def test_numbers_of_numpy_are_numbers() -> None:
    result = nasfer.train(NET, DATA, epochs=np.int64(1), lr=np.float32(0.5), threads=1)
    settings = read_run(result.folder).settings
    assert (settings["recipe_epochs"], settings["recipe_lr"]) == (1, 0.5)


def test_the_version_and_the_rooms_are_there() -> None:
    assert nasfer.__version__.count(".") >= 2
    assert callable(nasfer.report.trained_table)
