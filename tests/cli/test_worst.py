"""The worst hour: absurd numbers, hostile names, strange terminals, and the last net."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from nasfer import cost, create_model
from nasfer.arch import parse_arch
from nasfer.cli import app, output
from nasfer.errors import BudgetError, SpecError
from nasfer.quantity import parse_quantity
from nasfer.report.figures import save_figure
from nasfer.report.tables import to_csv, to_markdown
from nasfer.searching.objective import Objective
from nasfer.training.recipe import Recipe


@pytest.mark.parametrize(
    ("structure", "message"),
    [
        ("SuperConvK3BNRELU(3,8,2,99999999)", "repeats: 99999999; 1,000 at most"),
        (f"SuperConvK{'9' * 5000}BNRELU(3,8,2,1)", "letters"),
        ("SuperConvK257BNRELU(3,8,2,1)", "kernel: 257; 255 at most"),
        ("SuperConvK3BNRELU(3,99999,2,1)", "out_channels: 99999; 65,536 at most"),
        ("SuperConvK3BNRELU(3,8,2,1)Head(8,7,dropout=nan)", "dropout"),
        ("SuperConvK3BNRELU(3,8,1,1)" + "SuperConvK3BNRELU(8,8,1,1)" * 1001, "more than 1,000"),
    ],
)
def test_absurd_structures_name_their_bound(structure: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        parse_arch(structure)


def test_absurd_networks_are_not_built() -> None:
    large = "SuperConvK3BNRELU(3,65536,2,2)"
    with pytest.raises(SpecError, match="2,000,000,000 at most"):
        create_model(large)
    with pytest.raises(SpecError, match="2,000,000,000 at most"):
        cost(large, 32)
    with pytest.raises(SpecError, match="8,192 at most"):
        cost("zennet_r", 100_000)
    with pytest.raises(SpecError, match="64 GiB at most"):
        cost("SuperConvK1BNRELU(3,4096,1,1)", 8192)


def test_numbers_without_end_are_refused() -> None:
    for text in ("1e9999", "9" * 400, 10**400):
        with pytest.raises(BudgetError, match="is over 1e"):
            parse_quantity(text, "`budget`")
    with pytest.raises(SpecError, match="proxy_weight"):
        Objective(weight=float("nan"))
    with pytest.raises(SpecError, match="epochs"):
        Recipe().with_options({"epochs": 10**30})


def test_names_steer_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_table("a\x1b[2J[/b]", [{"file": "face[a].png"}, {"file": "x[/b]\u202e"}])
    shown = capsys.readouterr().out
    assert "face[a].png" in shown
    assert "x[/b]\\u202e" in shown
    assert "\x1b" not in shown
    output.complain("a\x1b]0;title\x07 b")
    assert "\x1b" not in capsys.readouterr().err


def test_names_are_texts_in_tables_and_figures(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    table = pd.DataFrame({"name": ["=1+2", "<b>|"], "gap": [-1.0, 2.0]})
    assert to_csv(table).splitlines()[1] == "'=1+2,-1.0"
    assert "&lt;b&gt;\\|" in to_markdown(table)
    figure = Figure()
    axes = figure.subplots()
    axes.set_title("$x^{$")
    axes.plot([0, 1], label="$\\q$")
    axes.legend()
    save_figure(figure, tmp_path / "plot.png")


def test_the_last_net_says_one_line_and_how_to_see_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(arguments: object) -> int:
        raise KeyError("never\nforeseen")

    monkeypatch.setattr(app, "run", broken)
    monkeypatch.setattr("sys.argv", ["nasfer", "spaces"])
    with pytest.raises(SystemExit, match="2"):
        app.main()
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 1
    assert "NASFER_DEBUG=1" in shown[0]
    monkeypatch.setenv("NASFER_DEBUG", "1")
    with pytest.raises(SystemExit, match="2"):
        app.main()
    assert "Traceback" in capsys.readouterr().err


def started(shell: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", shell.replace("nasfer", f"{sys.executable} -m nasfer")],
        capture_output=True, text=True, env={**os.environ, **environment},
    )  # fmt: skip


def test_a_full_a_closed_and_a_plain_output() -> None:
    full = started("nasfer spaces >/dev/full")
    assert full.returncode == 2
    assert full.stderr == "nasfer: standard output cannot be written: No space left on device\n"
    closed = started("nasfer spaces >&-")
    assert (closed.returncode, closed.stderr) == (0, "")
    cut = started("nasfer spaces | true; exit ${PIPESTATUS[0]}")
    assert (cut.returncode, cut.stderr) == (0, "")
    plain = started("nasfer spaces", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (plain.returncode, plain.stdout.isascii()) == (0, True)


def test_ctrl_c_while_modules_are_imported_is_one_line() -> None:
    code = (
        "import os, signal, sys, nasfer.__main__ as m\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # in a background job, too
        "class Late:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Late())\n"
        "m.main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 128 + signal.SIGINT
    assert ended.stderr == "nasfer: interrupted; nothing was begun\n"
