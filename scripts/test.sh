#!/usr/bin/env bash
# Lint, types and tests: scripts/test.sh [any option of pytest, such as -m slow].
# Makes .venv on the first call; later calls start at once.
source "$(dirname "${BASH_SOURCE[0]}")/_environment.sh"
prepare test
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-10000} # tests start processes that share the cores
cd "$root"
"$PYTHON" -m ruff check .
"$PYTHON" -m ruff format --check .
"$PYTHON" -m mypy
"$venv/bin/lint-imports"
[ $# -eq 0 ] || exec "$PYTHON" -m pytest "$@"
# Two at once; but the slow ones start clusters and kill processes, and have the cores to themselves.
"$PYTHON" -m pytest --quiet --numprocesses 2 --dist loadfile -m "not slow"
"$PYTHON" -m pytest --quiet -m slow --durations=10
