"""Tables, fronts and plots."""

from nasfer.report.pareto import dominated, pareto_front
from nasfer.report.plots import plot_fronts
from nasfer.report.run_files import candidates_table, front_table, read_tables, write_run_files
from nasfer.report.tables import readable, to_csv, to_latex, to_markdown, write_table

__all__ = [
    "candidates_table", "dominated", "front_table", "pareto_front", "plot_fronts", "read_tables",
    "readable", "to_csv", "to_latex", "to_markdown", "write_run_files", "write_table",
]  # fmt: skip
