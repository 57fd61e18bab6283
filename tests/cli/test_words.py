"""What the commands say holds: nothing is dropped in silence, and advice is for who typed it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from nasfer.errors import DataError, RunFolderError
from nasfer.report import correlate, trained_table
from nasfer.report.trainings import files
from nasfer.training.job import make_job
from nasfer.training.settings import Epoch
from nasfer.tuning.asking.sources import found_for_others, read_source
from tests.cli.test_evaluate import Nasfer, home, nasfer  # noqa: F401  # fixtures
from tests.report.ledgers import line, write_run


@pytest.mark.parametrize("words", [
    ("train", "zennet_r", "--data", "drawn", "--data", "rafdb:x"),
    ("train", "zennet_r", "--data=drawn", "--epochs", "1", "--data=drawn"),
    ("tune", "zennet_r", "--data", "drawn", "--data", "ferplus:x"),
    ("evaluate", "x.safetensors", "--data", "a", "--data", "b"),
])  # fmt: skip
def test_an_option_of_one_value_is_given_once(
    nasfer: Nasfer, words: tuple[str, ...]  # noqa: F811
) -> None:  # fmt: skip
    done = nasfer(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("nasfer: --data: given twice, ")


def test_a_value_that_looks_like_an_option_is_none(nasfer: Nasfer) -> None:  # noqa: F811
    done = nasfer("train", "zennet_r", "--set", "--data", "--data", "nowhere")
    assert "given twice" not in done.stderr


def test_a_folder_of_faces_is_told_how_to_say_so(
    nasfer: Nasfer, home: Path  # noqa: F811
) -> None:  # fmt: skip
    done = nasfer("train", "zennet_r", "--data", home / "faces")
    assert done.returncode == 2
    assert f"say folder:{home}/faces" in done.stderr


def test_a_checkpoint_is_written_under_its_own_ending(
    nasfer: Nasfer, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    done = nasfer("create", "zennet_r", tmp_path / "x.pth")
    assert done.returncode == 2
    assert "x.pth does not end in .safetensors" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_image_of_another_format_is_told_which_are_read(
    nasfer: Nasfer, home: Path, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    path = tmp_path / "x.gif"
    Image.fromarray(np.zeros((48, 48), np.uint8)).save(path)
    done = nasfer("predict", home / "net.safetensors", path)
    assert done.returncode == 1
    assert "x.gif: no image of a format that is read: BMP, JPEG, PNG" in done.stderr
    done = nasfer("predict", home / "net.safetensors", tmp_path / "none.gif")
    assert "none.gif: no such file" in done.stderr


def test_a_training_is_no_run_of_tune_and_report_says_so(
    nasfer: Nasfer, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    run = write_run(tmp_path / "train", [], kind="train")
    done = nasfer("report", run)
    assert done.returncode == 2
    assert "a run of nasfer train; one of nasfer tune is needed" in done.stderr


def test_who_trains_on_landmarks_that_are_not_there_is_told_where_to_put_them(
    home: Path,  # noqa: F811
) -> None:
    with pytest.raises(DataError, match=r"amp_net reads landmarks .* none; a file landmarks.csv"):
        make_job("amp_net", f"folder:{home}/faces", resolution=48)


def test_an_interval_over_a_handful_of_networks_is_refused(tmp_path: Path) -> None:
    lines = [line(index, accuracy=0.5 + index / 20) for index in range(5)]
    found, _ = correlate(trained_table(write_run(tmp_path / "five", lines)), ["flops"])
    assert found["candidates"].tolist() == [5]
    with pytest.raises(RunFolderError, match=r"4 candidates .* fewer than 5 means nothing"):
        correlate(trained_table(write_run(tmp_path / "four", lines[:4])), ["flops"])


def test_one_epoch_can_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    epoch = Epoch(**{name: 1 if name == "epoch" else 0.5 for name in Epoch.__dataclass_fields__})
    drawn: list[Figure] = []
    monkeypatch.setattr(files, "save_figure", lambda figure, path: drawn.append(figure))
    for epochs in (1, 100):
        files.plot_curves([epoch] * epochs, tmp_path / "curves.png", "curves")
    few, many = ({line.get_marker() for line in figure.axes[0].lines} for figure in drawn)
    assert few == {"o"}
    assert many == {""}


def test_a_search_at_another_size_is_told_when_it_is_trained(tmp_path: Path) -> None:
    rows = [{"digest": "d", "resolution": 224, "structure": "SuperConvK3BNRELU(3,8,2,1)"}]
    pd.DataFrame(rows).to_csv(tmp_path / "candidates.csv", index=False)
    candidates = read_source(str(tmp_path), top=1)
    assert isinstance(candidates, list)
    assert [one.searched_px for one in candidates] == [224]
    assert found_for_others(candidates, 224) is None
    assert "1 candidate found for images of 224 px, trained at 48 px" in str(
        found_for_others(candidates, 48)
    )


def test_families_are_not_said_to_be_compared(
    nasfer: Nasfer, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    words = "search --space fer --budget 40M --resolution 48 --iterations 60 --top 1 --repeats 1"
    done = nasfer(*words.split(), "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "chosen family" not in done.stdout
    assert "highest Zen-score: " in done.stdout
    assert "not comparable between families, so tune the best of each:\nnasfer tune " in done.stdout
    assert (pd.read_csv(tmp_path / "candidates.csv")["resolution"] == 48).all()


def test_without_data_it_says_that_it_draws_where_the_rest_is_right(
    nasfer: Nasfer, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    net = "SuperConvK3BNRELU(1,8,2,1)"
    done = nasfer("train", net, "--out", "/proc/nasfer")
    drawn = "no --data given: training on faces that nasfer draws itself"
    assert drawn in done.stderr.splitlines()
    for words in (
        ("zenet_r",), (net, "--set", "epochs=0"), (net, "--weights", "/nowhere.pth"),
        (net, "--recipe", "zenet"), (net, "--device", "tpu"), ("SuperConv(1)",),
    ):  # fmt: skip
        refused = nasfer("train", *words, "--out", tmp_path / "run")
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1), refused.stderr
