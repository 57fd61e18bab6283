"""Recipes: the files load, texts are read strictly, errors are one line that names the field."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import nasfer.training
from nasfer.errors import SpecError, UnknownNameError
from nasfer.presets import PRESETS
from nasfer.training.older import ADDED, todays_names
from nasfer.training.recipe import Recipe, list_recipes, load_recipe

READ_ELSEWHERE = {"summary", "source", "resolution"}
"""By people, and by `nasfer.training.job.make_job` under another name."""


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "my.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", list_recipes())
def test_every_file_loads_and_says_what_it_is(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.summary
    assert recipe.source
    assert Recipe.model_validate(recipe.model_dump()) == recipe


def test_every_preset_has_its_recipe() -> None:
    assert {preset.recipe for preset in PRESETS} <= set(list_recipes())


def test_every_field_is_read_somewhere() -> None:
    folder = Path(nasfer.training.__file__).parent
    code = "".join(p.read_text() for p in folder.rglob("*.py") if p.name != "recipe.py")
    read = set(re.findall(r"recipe\.(\w+)", code)) | {"lr", "lr_per"}  # both by start_lr
    assert set(Recipe.model_fields) - read <= READ_ELSEWHERE


def test_recipes_are_listed_without_torch() -> None:
    listed = "import sys, nasfer.training.recipe as r; r.load_recipe(r.list_recipes()[0])"
    code = f"{listed}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_published_figures() -> None:
    zennet, efficientface = load_recipe("zennet"), load_recipe("efficientface")
    assert (zennet.start_lr, zennet.epochs, zennet.init) == (0.1 * 64 / 256, 400, "zennet")
    assert (efficientface.loss, efficientface.step_epochs, efficientface.lr) == ("ldl", 30, 0.1)
    assert load_recipe("emo_net").weight_decay == 1e-5
    assert load_recipe("amp_net").translate == pytest.approx(20 / 224, abs=1e-4)
    assert load_recipe("attention_emotion_net").sam_rho > 0


def test_the_default_recipe_begins_nearly_linear_and_without_shifts() -> None:
    chosen = load_recipe("nasfer")
    assert (chosen.init, chosen.crop) == ("near_linear", "eased")


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("lr: 1e-3", "lr", 0.001),  # YAML reads a string
        ("epochs: 010", "epochs", 10),  # YAML reads 8
        ("autocast: off", "autocast", "off"),  # YAML reads False
        ("nesterov: on", "nesterov", True),
        ("resolution: none", "resolution", None),
        ("resolution: null", "resolution", None),
        ("resolution: 48", "resolution", 48),
        ("teacher: 010", "teacher", "010"),
        ("source: 2021", "source", "2021"),
    ],
)
def test_values_are_read_as_they_stand(
    tmp_path: Path, text: str, field: str, value: object
) -> None:
    got = getattr(load_recipe(written(tmp_path, text)), field)
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("momentun: 0.9", "momentun: unknown option; did you mean 'momentum'?"),
        ("on: 1", "on: unknown option"),
        ("lr: 450M", "lr: '450M': "),
        ("lr: nan", "lr: 'nan': "),
        ("lr: -1", "lr: '-1': Input should be greater than 0"),
        ("epochs: 1.5", "epochs: '1.5': "),
        ("epochs: none", "epochs: 'none': "),
        ("flip: true", "flip: 'true': "),
        ("crop: some", "crop: 'some': Input should be 'none', 'pad', 'eased' or 'random_resized'"),
        ("lr: [1, 2]", "lr: one value is needed"),
        ("lr: 1\nlr: 2", "lr: stands there twice"),
        ("- lr", "a mapping of options is needed"),
        ("", "a mapping of options is needed"),
        ("lr: !!python/name:os.system", "cannot be read"),
        ("lr: [", "cannot be read"),
        ("schedule: step", "step_epochs: needed by schedule step"),
        ("warmup_epochs: 2", "warmup_epochs: one_cycle has its own"),
        ("schedule: cosine\nwarmup_epochs: 20", "warmup_epochs: 20 leaves nothing of 20 epochs"),
        ("loss: ldl\nlabel_smoothing: 0.1", "label_smoothing, focal_gamma: loss ldl has neither"),
        ("nesterov: true\nmomentum: 0", "nesterov: needs a momentum over 0"),
    ],
)
def test_errors_name_file_and_field_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SpecError) as caught:
        load_recipe(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_options_override_and_leave_the_rest() -> None:
    zennet = load_recipe("zennet")
    changed = zennet.with_options({"lr": "2e-1", "resolution": "none"})
    assert changed == zennet.model_copy(update={"lr": 0.2, "resolution": None})
    assert zennet.lr == 0.1
    with pytest.raises(SpecError, match=r"--set: lr: 'x': .*number"):
        zennet.with_options({"lr": "x"}, where="--set")
    with pytest.raises(SpecError, match="--set: step_epochs: needed"):
        zennet.with_options({"schedule": "step"}, where="--set")


def test_the_older_name_of_a_field_is_understood(tmp_path: Path) -> None:
    assert load_recipe(written(tmp_path, "start: zennet")).init == "zennet"
    assert Recipe().with_options({"start": "zero_residual"}).init == "zero_residual"
    assert todays_names({"seed": 0, "recipe_values": {"lr": 0.1, "start": "zennet"}}) == {
        "seed": 0, "recipe_values": {"lr": 0.1, "init": "zennet", **ADDED},
    }  # fmt: skip
    with pytest.raises(SpecError, match="init: stands there twice"):
        load_recipe(written(tmp_path, "start: zennet\ninit: torch"))


def test_values_are_taken_as_they_are() -> None:
    changed = Recipe().with_options({"epochs": 3, "lr": 1, "nesterov": True, "resolution": None})
    assert (changed.epochs, changed.lr, changed.nesterov, changed.resolution) == (
        3,
        1.0,
        True,
        None,
    )
    for options in ({"epochs": 3.0}, {"epochs": True}, {"flip": None}, {"lr": [1]}, {"crop": 1}):
        with pytest.raises(SpecError, match=f"`options`: {next(iter(options))}: "):
            Recipe().with_options(options)


def test_unknown_recipes_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'zennet'"):
        load_recipe("zennt")
    with pytest.raises(UnknownNameError, match="there is no such file"):
        load_recipe("zennt.yaml")
    with pytest.raises(UnknownNameError, match="there is no such file"):
        load_recipe("z" * 300 + ".yaml")
    with pytest.raises(UnknownNameError, match="'paper' is the own one of a preset"):
        load_recipe("paper")


def test_an_older_training_did_what_the_default_of_a_new_field_does() -> None:
    now = {f"recipe_{name}": value for name, value in Recipe().model_dump().items()}
    since = {f"recipe_{name}" for name in ADDED}
    older = {name: value for name, value in now.items() if name not in since}
    assert len(older) == len(now) - len(ADDED)
    assert todays_names({"seed": 1, **older}) == {"seed": 1, **now}
    assert todays_names({"seed": 1}) == {"seed": 1}
