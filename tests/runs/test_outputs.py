"""What a user made is not replaced, unless it is asked for; what nasfer wrote is."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import nasfer
from nasfer.cli.app import run
from nasfer.data.labels import EXPRESSIONS
from nasfer.errors import RunFolderError
from nasfer.runs.atomic import write_atomic
from nasfer.runs.files import RUN_FILE
from nasfer.runs.outputs import OUTPUTS_FILE, outputs
from tests.report.ledgers import line, some_run, write_run

NET = "SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,8,2,8,1)"
MINE = "the user's"
EVALUATED = ("--data", "drawn,train=14,val=7,test=7", "--no-latency", "--resolution", "48",
             "--out")  # fmt: skip


def written(path: Path, text: str, *, overwrite: bool = False) -> None:
    with outputs([path], overwrite=overwrite):
        write_atomic(path, text)


def test_what_nasfer_wrote_is_replaced_and_what_a_user_made_or_edited_is_not(
    tmp_path: Path,
) -> None:
    ours, theirs = tmp_path / "a.csv", tmp_path / "b.csv"
    theirs.write_text(MINE)
    written(ours, "1")
    written(ours, "2")
    with pytest.raises(RunFolderError, match=r"b.csv: exists, .* `overwrite=True` replaces it"):
        written(theirs, "1")
    ours.write_text("edited")
    with pytest.raises(RunFolderError, match=r"a.csv: exists"):
        written(ours, "3")
    assert (ours.read_text(), theirs.read_text()) == ("edited", MINE)
    written(theirs, "1", overwrite=True)
    written(theirs, "2")  # it is nasfer's now
    assert theirs.read_text() == "2"


def test_a_command_that_fails_makes_nothing_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(MINE)

    def fail() -> None:
        with outputs([path], overwrite=True):
            raise RunFolderError("no")

    with pytest.raises(RunFolderError, match="no"):
        fail()
    with pytest.raises(RunFolderError, match="exists"):
        written(path, "1")
    assert not (tmp_path / OUTPUTS_FILE).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a.csv": 3}', '{"a.csv": NaN}', "[" * 9999])
def test_a_damaged_list_makes_nothing_ours(content: str, tmp_path: Path) -> None:
    (tmp_path / OUTPUTS_FILE).write_text(content)
    (tmp_path / "a.csv").write_text(MINE)
    with pytest.raises(RunFolderError, match="exists"):
        written(tmp_path / "a.csv", "1")


def test_front_and_page_of_a_run_are_its_own_and_its_other_files_are_not(tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_text("kind: tune\n")
    for name in ("pareto.csv", "report.html", "notes.md", "result.json"):
        (tmp_path / name).write_text(MINE)
    written(tmp_path / "pareto.csv", "1")
    written(tmp_path / "report.html", "1")
    for name in ("notes.md", "result.json"):
        with pytest.raises(RunFolderError, match="exists"):
            written(tmp_path / name, "1")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    some_run(folder / "run")
    write_run(folder / "five", [line(i, 0, 0.5 + i / 50) for i in range(5)])
    assert run(("create", NET, str(folder / "net.safetensors"))) == 0
    return folder


COMMANDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "create": (("create", NET, "out/a.safetensors"), ("a.safetensors",)),
    "import-checkpoint": (
        ("import-checkpoint", NET, "{home}/net.safetensors", "out/a.safetensors"),
        ("a.safetensors",),
    ),
    "export": (
        ("export", "{home}/net.safetensors", "--resolution", "16", "--out", "out/a.onnx"),
        ("a.onnx",),
    ),
    "data show": (
        ("data", "show", "drawn,train=7,val=7,test=7", "--out", "out/a.png"), ("a.png",),
    ),
    "pareto": (("pareto", "{home}/run", "--format", "csv,md", "--out", "out"),
               ("pareto.csv", "pareto.md", "pareto_failures.csv")),
    "report": (("report", "{home}/run", "--out", "out/a.html"), ("a.html",)),
    "correlate": (("correlate", "{home}/five", "--proxy", "flops", "--out", "out/a.csv"),
                  ("a.csv", "a.png")),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_replaces_a_users_file(
    command: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    words, names = COMMANDS[command]
    words = tuple(word.format(home=home) for word in words)
    out = Path("out")
    for name in names:
        out.mkdir(exist_ok=True)
        (out / name).write_text(MINE)
        assert run(words) == 2
        assert f"out/{name}: exists" in capsys.readouterr().err
        assert {path.name: path.read_text() for path in out.iterdir()} == {name: MINE}
        (out / name).unlink()
    (out / names[0]).write_text(MINE)
    assert run((*words, "--overwrite")) == 0
    assert (out / names[0]).read_bytes() != MINE.encode()
    assert run(words) == 0  # typed again


def test_an_evaluation_replaces_no_file_of_a_folder(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network, names = home / "net.safetensors", ",".join(EXPRESSIONS[:7])
    words = ("evaluate", str(network), "--classes", names, *EVALUATED, str(tmp_path))
    (tmp_path / "confusion.png").write_text(MINE)
    assert run(words) == 2
    assert "confusion.png: exists" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["confusion.png"]
    assert run((*words, "--overwrite")) == 0
    assert run(words) == 0


@pytest.mark.parametrize("function", ["evaluate", "export", "correlate", "pareto"])
def test_the_functions_take_it_too(function: str) -> None:
    parameter = inspect.signature(getattr(nasfer, function)).parameters["overwrite"]
    assert parameter.default is False
    assert parameter.kind is parameter.KEYWORD_ONLY
