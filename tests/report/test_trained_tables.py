"""Tables of trained candidates: the same in every format; printed figures stay apart."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from nasfer.errors import SpecError, UnknownNameError
from nasfer.report import failures_table, find_front, printed_table, trained_table
from nasfer.report.front import Front
from nasfer.report.tables import latex_rows
from nasfer.report.tunings.again import train_commands
from nasfer.report.tunings.plot import plot_trained
from nasfer.report.tunings.texts import trained_csv, trained_latex, trained_markdown
from tests.report.ledgers import line, some_run, stopped, write_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return some_run(tmp_path)


@pytest.fixture
def front(run: Path) -> Front:
    return find_front(trained_table(run), "flops", "accuracy")


def with_failures(front: Front, run: Path) -> Front:
    return replace(front, failures=failures_table(run))


def test_dominated_rows_are_marked_and_kept(front: Front) -> None:
    assert front.table["name"].tolist() == ["search#0", "zennet_m_sa", "search#2", "search#3"]
    assert front.table["dominated"].tolist() == [False, False, True, False]
    assert front.reference == (4_400_000, 0.0)
    expected = 3_400_000 * 0.52 + 2_400_000 * 0.09 + 400_000 * 0.095
    assert front.hypervolume == pytest.approx(expected)
    assert "reference point flops 4.4e+06, accuracy 0" in front.sentence


METRICS = ("accuracy", "mean_class_accuracy", "macro_f1", "zen", "flops", "macs", "params",
           "latency", "checkpoint_size")  # fmt: skip


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_may_be_either_axis(run: Path, name: str) -> None:
    table = trained_table(run)
    assert not find_front(table, name, "layers").table["dominated"].all()
    assert find_front(table, "layers", name).hypervolume >= 0
    with pytest.raises(SpecError, match="a front needs two"):
        find_front(table, name, name)


@pytest.mark.parametrize("name", ["acuracy", "epochs", "name", "accuracy_st"])
def test_what_is_no_metric_is_refused(run: Path, name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown metric '{name}'; "):
        find_front(trained_table(run), name, "accuracy")


def test_csv_is_exact_and_markdown_in_percent(front: Front, run: Path) -> None:
    read = pd.read_csv(io.StringIO(trained_csv(front)))
    assert read["accuracy"].tolist() == front.table["accuracy"].tolist()
    assert read["flops"].tolist() == [1_000_000, 2_000_000, 3_000_000, 4_000_000]
    text = trained_markdown(with_failures(front, run))
    assert "| 61.00 ± 1.41" in text
    assert "hypervolume" in text
    assert "TrialError: loss is nan in epoch 2" in text


def test_digest_and_recipe_values_stand_where_they_tell_rows_apart(tmp_path: Path) -> None:
    one = line(0, config={"lr": 0.1})
    lines = [one, line(1, config={"lr": 0.2}, source=one["source"])]
    front = find_front(trained_table(write_run(tmp_path, lines)), "flops", "accuracy")
    text = trained_markdown(front)
    assert "| digest" in text
    assert '{"lr": 0.2}' in text


def test_printed_and_measured_figures_never_mix(front: Front, run: Path) -> None:
    printed = printed_table()
    read = pd.read_csv(io.StringIO(trained_csv(front, printed)))
    from_papers = read["kind"] == "printed"
    assert from_papers.sum() == len(printed) > 10
    assert read.loc[from_papers, ["accuracy", "flops", "params", "dominated"]].isna().all(axis=None)
    assert read.loc[~from_papers, ["printed_accuracy", "printed_on"]].isna().all(axis=None)
    assert set(read.loc[read["name"] == "zennet_m_sa", "kind"]) == {"preset", "printed"}
    for text in (
        trained_markdown(with_failures(front, run), printed),
        trained_latex(front, printed),
    ):
        measured, apart = text.split("rinted by the sources, not measured here")
        assert "87.1" not in measured
        assert "87.1" in apart
        assert "61.00" not in apart
    assert "rinted" not in trained_markdown(with_failures(front, run))


NASTY = r"a_b & 50% #1 {x} ~ ^ \end{tabular} $y$ <z> |"


def test_latex_is_escaped() -> None:
    text = latex_rows(pd.DataFrame({"na_me": [NASTY], "accuracy (%)": ["1.0 ± 0.1"]}), [])
    row = text.splitlines()[4]
    assert row.count("&") - row.count(r"\&") == 1
    for part in (r"a\_b \& 50\% \#1 \{x\}", r"\textbackslash", r"\$y\$", r"$\pm$",
                 r"\textless{}z\textgreater{}"):  # fmt: skip
        assert part in text
    assert r"na\_me & accuracy (\%)" in text
    assert text.count(r"\end{tabular}") == 1


@pytest.mark.slow
@pytest.mark.needs_program("pdflatex")
def test_latex_compiles(tmp_path: Path) -> None:
    lines = [line(0, source=NASTY, config={"lr": 0.1}), line(1)]
    front = find_front(trained_table(write_run(tmp_path, lines)), "flops", "accuracy")
    table = trained_latex(front, printed_table())
    (tmp_path / "page.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        f"{table}\\end{{document}}\n"
    )
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "page.pdf").stat().st_size > 0


@pytest.mark.parametrize(
    ("name", "magic"), [("front.png", b"\x89PNG"), ("front.pdf", b"%PDF")]
)  # fmt: skip
def test_the_plot_is_drawn(run: Path, tmp_path: Path, name: str, magic: bytes) -> None:
    table = trained_table(run).assign(name="a_$x^ & _b$")  # no mathematics
    plot_trained(find_front(table, "flops", "accuracy"), tmp_path / name, "4 $networks")
    assert (tmp_path / name).read_bytes().startswith(magic)


def test_a_population_is_repeated_as_a_whole() -> None:
    settings = {"scheduler": "pbt", "command": "nasfer tune zennet_r --scheduler pbt"}
    assert train_commands(settings, "zennet_r", "S(1)") == [settings["command"]]


def test_seeds_that_were_stopped_early_are_told(tmp_path: Path) -> None:
    run = write_run(tmp_path, [line(0, 0, 0.7), stopped(0, 1), line(1, 0, 0.5), line(1, 1, 0.6)])
    front = find_front(trained_table(run), "flops", "accuracy")
    text = trained_markdown(with_failures(front, run))
    assert "stopped early" in text
    assert "1 by the seeds that were not stopped early alone" in text


def test_a_candidate_is_trained_again_with_the_runs_options() -> None:
    settings = {"data": "folder:/my faces", "recipe": "zennet", "resolution": 48, "threads": 2,
                "options": {"epochs": "5", "lr": "0.2", "mixup": "0.1"}}  # fmt: skip
    (command,) = train_commands(settings, "run#1", "S(1,2)", config='{"lr": 0.05}', seeds=[4])
    assert command == (
        "nasfer train 'S(1,2)' --data 'folder:/my faces' --recipe zennet --epochs 5"
        " --resolution 48 --threads 2 --seed 4 --set lr=0.05 --set mixup=0.1"
    )
