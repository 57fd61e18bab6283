"""score, search and proxies with measured proxies: parts, faces, devices, one-line refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nasfer as library
from nasfer.errors import ProxyError, RunFolderError, UnknownNameError
from nasfer.testing import FACES
from tests.cli.test_evaluate import Nasfer, nasfer  # noqa: F401  # fixture

NET = "SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)"
SPACE = """
start: SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)
moves:
  SuperConv: {out_channels: {scale: [0.5, 2], multiple_of: 8, max: 32}}
"""


def test_the_list_says_what_each_proxy_needs(nasfer: Nasfer) -> None:  # noqa: F811
    done = nasfer("proxies", "--json")
    needs = {row["name"]: row["needs"] for row in json.loads(done.stdout)}
    assert needs["ridge_probe"] == needs["shift"] == needs["early_loss"] == "faces"
    assert (needs["flops"], needs["naswot"], needs["zico"]) == ("structure", "images", "gradients")


def test_a_score_shows_its_parts(nasfer: Nasfer) -> None:  # noqa: F811
    words = ("score", NET, "--proxy", "vkdnw", "--resolution", "48", "--repeats", "2")
    done = nasfer(*words)
    assert done.returncode == 0, done.stderr
    assert "over 2 draws" in done.stdout
    assert "\n  entropy " in done.stdout
    data = json.loads(nasfer(*words, "--json").stdout)
    assert data["mean"] == pytest.approx(sum(data["parts"].values()))
    assert len(data["draws"]) == 2


def test_a_proxy_of_faces_reads_them(nasfer: Nasfer) -> None:  # noqa: F811
    words = ("score", NET, "--proxy", "ridge_probe", "--resolution", "48", "--data", FACES)
    done = nasfer(*words, "--device", "cpu", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["data"] == FACES
    same = library.score(NET, "ridge_probe", resolution=48, data=FACES, device="cpu")
    assert found["mean"] == float(same)


@pytest.mark.parametrize(("words", "told"), [
    (("score", NET, "--proxy", "shift"),
     "--proxy: shift reads faces; give --data, NAME:PATH"),
    (("score", NET, "--proxy", "zen", "--data", "drawn"),
     "--data: zen reads no faces; leave it out"),
    (("score", NET, "--proxy", "shift", "--data", "fer2013:/nowhere"),
     "--data: /nowhere: no such file or folder"),
    (("score", NET, "--proxy", "zen", "--device", "tpu"), "--device: 'tpu'; torch has no such"),
    (("search", "--budget", "30M", "--proxy", "early_loss", "--out", "{out}"),
     "--proxy: early_loss reads faces; give --data, NAME:PATH"),
    (("search", "--budget", "30M", "--data", "drawn", "--out", "{out}"),
     "--data: zen_closed_form reads no faces; leave it out"),
])  # fmt: skip
def test_refusals_are_one_line(
    nasfer: Nasfer, tmp_path: Path, words: tuple[str, ...], told: str  # noqa: F811
) -> None:  # fmt: skip
    done = nasfer(*(word.format(out=tmp_path / "run") for word in words))
    assert done.returncode == 2
    assert done.stderr.startswith(f"nasfer: {told}")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_search_by_a_proxy_of_faces_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text(SPACE)
    given = {"proxy": "shift", "iterations": 6, "population": 2, "top": 0, "resolution": 48,
             "out": tmp_path / "run", "device": "cpu"}  # fmt: skip
    first = library.search(tmp_path / "space.yaml", data=FACES, **given)
    again = library.search(tmp_path / "space.yaml", data=FACES, **given)
    assert [c.value for c in first.candidates] == [c.value for c in again.candidates]
    best = library.score(first.best.arch, "shift", resolution=48, data=FACES, device="cpu")
    assert first.best.value == pytest.approx(float(best))
    with pytest.raises(RunFolderError, match="holds a run with data = drawn,train=70"):
        library.search(tmp_path / "space.yaml", data="drawn,train=77,val=7,test=7", **given)


def pool_file(folder: Path) -> Path:
    widths = (8, 16, 24, 32, 40, 48)
    rows = [
        f'"SuperConvK3BNRELU(1,{w},2,1)SuperResK3K3({w},16,2,8,1)",{30 + w % 7},48' for w in widths
    ]
    path = folder / "pool.csv"
    path.write_text("structure,accuracy,resolution\n" + "\n".join(rows) + "\n")
    return path


def test_correlations_of_proxies_of_faces_are_gone_on_with(tmp_path: Path) -> None:
    pool, table = pool_file(tmp_path), tmp_path / "table.csv"
    given = {"proxies": ["shift", "flops"], "out": table, "device": "cpu", "overwrite": True}
    found = library.correlate(pool, data=FACES, **given)
    assert found["candidates"].tolist() == [6, 6]
    kept = (tmp_path / "table.scores.jsonl").read_text()
    assert kept.count("\n") == 6
    assert library.correlate(pool, data=FACES, **given).equals(found)
    assert (tmp_path / "table.scores.jsonl").read_text() == kept
    library.correlate(
        pool, data="drawn,train=77,val=7,test=7", **given
    )  # other faces, other scores
    assert (tmp_path / "table.scores.jsonl").read_text().count("\n") == 12


@pytest.mark.parametrize(("words", "told"), [
    (("--proxy", "flops", "--proxy", "shift"), "--proxy: shift reads faces; give --data"),
    (("--proxy", "flops", "--data", "drawn"), "--data: none of these proxies reads faces"),
])  # fmt: skip
def test_correlate_asks_for_faces_before_it_scores(
    nasfer: Nasfer, tmp_path: Path, words: tuple[str, ...], told: str  # noqa: F811
) -> None:  # fmt: skip
    done = nasfer("correlate", pool_file(tmp_path), *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"nasfer: {told}")


def test_the_library_names_arguments() -> None:
    with pytest.raises(ProxyError, match="`proxy`: ridge_probe reads faces; give `data`"):
        library.score(NET, "ridge_probe")
    with pytest.raises(UnknownNameError, match="`device`: 'cuda:99'"):
        library.score(NET, "flops", device="cuda:99")
