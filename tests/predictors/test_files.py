"""A predictor's file is read without what learnt it, and refused where it is damaged."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from nasfer.errors import PredictorError
from nasfer.predictors import fit, load_predictor, save_predictor
from nasfer.runs.seal import sealed, unsealed
from tests.fuzz.mutating import changed, damaged
from tests.fuzz.running import examples, refused_or_done
from tests.predictors.trained import pool_of

POOL = pool_of(8)
MADE = {kind: fit(POOL, kind) for kind in ("gp", "ridge", "forest")}


def content(kind: str) -> dict[str, Any]:
    import tempfile

    path = Path(tempfile.mkdtemp()) / "predictor.json"
    save_predictor(MADE[kind], path)
    found: dict[str, Any] = unsealed(json.loads(path.read_text()))
    return found


CONTENT = {kind: content(kind) for kind in MADE}


def refused(path: Path, data: Any) -> str:
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    with pytest.raises(PredictorError) as error:
        load_predictor(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("kind", MADE)
def test_it_is_read_without_scipy_and_scikit_learn(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_predictor(MADE[kind], tmp_path / "predictor.json")
    for name in [*sys.modules]:
        if name.partition(".")[0] in ("sklearn", "scipy"):
            monkeypatch.setitem(sys.modules, name, None)
    read = load_predictor(tmp_path / "predictor.json")
    assert (read.means(POOL.archs) == MADE[kind].means(POOL.archs)).all()
    assert read.about == MADE[kind].about


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "predictor.json"
    save_predictor(MADE["gp"], path)
    first = load_predictor(path)
    assert load_predictor(path) is first
    save_predictor(MADE["ridge"], path)
    assert load_predictor(path).model.kind == "ridge"


def test_what_is_no_predictor_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    assert "no predictor of nasfer" in refused(path, {"a": 1})
    assert "no predictor of nasfer" in refused(path, [1])
    assert "no JSON" in refused(path, "{")
    with pytest.raises(PredictorError, match="cannot be read: no such file"):
        load_predictor(tmp_path / "none.json")
    data = CONTENT["gp"]
    assert "schema '2'; this nasfer reads 1; learn it anew" in refused(path, {**data, "schema": 2})
    other = {**data, "features_schema": 0}
    assert "features_schema '0'; this nasfer reads" in refused(path, other)
    assert refused(path, data) == "damaged: its digest is missing"
    cut = {**sealed(data), "kind": "ridge"}
    assert refused(path, cut) == "damaged: does not fit its digest"
    assert "unknown predictor 'tree'" in refused(path, sealed({**data, "kind": "tree"}))
    assert "is no model of its own" in refused(path, sealed({**data, "kind": "auto"}))
    unknown = {**data, "features": ["layer", *data["features"][1:]]}
    assert "unknown feature 'layer'" in refused(path, sealed(unknown))
    short = {**data, "features": data["features"][1:]}
    assert "sizes of its lists do not agree" in refused(path, sealed(short))
    about = {**data["about"], "resolution": 0}
    assert "about.resolution" in refused(path, sealed({**data, "about": about}))


def test_models_whose_lists_do_not_agree_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.json"

    def told(kind: str, **changes: Any) -> str:
        data = CONTENT[kind]
        return refused(path, sealed({**data, "model": {**data["model"], **changes}}))

    (first, *_) = CONTENT["gp"]["model"]["processes"]
    assert "sizes" in told("gp", targets=[0.0])
    assert "sizes" in told("gp", processes=[{**first, "linear": []}])
    assert "not there" in told(
        "gp", processes=[{**first, "groups": [[4000]] * len(first["groups"])}]
    )
    assert "a smooth part" in told("ridge", processes=[{**first, "groups": [[0]], "linear": [0.0],
                                                        "nearness": [0.0]}])  # fmt: skip
    assert "children" in told("forest", left=[0] * len(CONTENT["forest"]["model"]["left"]))
    assert "not there" in told("forest", roots=[10**6])
    assert "model.level" in told("forest", level=None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("kind", ["ridge", "forest"])
def test_damaged_files_are_read_or_refused_in_one_line(kind: str) -> None:
    """Sealed again after the change, so that the form behind the digest is what is tried."""

    @examples(60)
    @given(data=changed(CONTENT[kind]))
    def tried(data: Any) -> None:
        whole = sealed(data) if isinstance(data, dict) else data
        Path("p.json").write_text(json.dumps(whole, default=str))
        os.utime("p.json", ns=(0, abs(hash(str(data))) % 2**40))
        refused_or_done(load_predictor, "p.json")

    @examples(40)
    @given(text=damaged(json.dumps(sealed(CONTENT[kind])).encode()))
    def read(text: bytes) -> None:
        Path("p.json").write_bytes(text)
        refused_or_done(load_predictor, "p.json")

    tried()
    read()
