"""Search: budgets, objectives, strategies with ``ask`` and ``tell``, and the loop."""

from nasfer.searching import evolution as _evolution  # registers the strategies
from nasfer.searching import random_sampling as _random_sampling
from nasfer.searching.budget import Budget, make_budget
from nasfer.searching.candidates import Candidate
from nasfer.searching.evaluator import Evaluator, Outcome
from nasfer.searching.objective import Objective
from nasfer.searching.population import Population
from nasfer.searching.progress import Progress, Watch
from nasfer.searching.result import SearchResult
from nasfer.searching.search import run_search
from nasfer.searching.settings import SearchSettings
from nasfer.searching.strategy import STRATEGIES, Strategy, register_strategy

__all__ = [
    "STRATEGIES", "Budget", "Candidate", "Evaluator", "Objective", "Outcome", "Population",
    "Progress", "SearchResult", "SearchSettings", "Strategy", "Watch", "make_budget",
    "register_strategy", "run_search",
]  # fmt: skip
