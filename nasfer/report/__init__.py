"""Tables, fronts and plots."""

from nasfer.report.correlations.correlation import correlate
from nasfer.report.correlations.judged import one_row_a_network, read_judged
from nasfer.report.correlations.plot import plot_correlation
from nasfer.report.front import Front, find_front
from nasfer.report.hypervolume import hypervolume, reference_point
from nasfer.report.pareto import dominated, pareto_front
from nasfer.report.published import printed_table
from nasfer.report.searches.files import candidates_table, front_table, read_tables, write_run_files
from nasfer.report.searches.fronts import read_found, write_found_files
from nasfer.report.searches.plot import plot_fronts
from nasfer.report.tables import readable, to_csv, to_latex, to_markdown, write_table
from nasfer.report.tunings.failures import failures_table
from nasfer.report.tunings.files import write_results, write_trained_files
from nasfer.report.tunings.page import write_page
from nasfer.report.tunings.table import ended_table, read_trained, trained_resolution, trained_table
from nasfer.report.tunings.texts import shown_ended, shown_trained
from nasfer.report.tunings.unlearnt import unlearnt
from nasfer.runs.tunings import is_tune_run, open_tunings

__all__ = [
    "Front", "candidates_table", "correlate", "dominated", "ended_table", "failures_table",
    "find_front", "front_table", "hypervolume", "is_tune_run", "one_row_a_network", "open_tunings",
    "pareto_front", "plot_correlation", "plot_fronts", "printed_table", "read_found",
    "read_judged", "read_tables", "read_trained", "readable", "reference_point", "shown_ended",
    "shown_trained", "to_csv", "to_latex", "to_markdown", "trained_resolution", "trained_table",
    "unlearnt", "write_found_files", "write_page", "write_results", "write_run_files",
    "write_table", "write_trained_files",
]  # fmt: skip
