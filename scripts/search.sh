#!/usr/bin/env bash
# Search without training: scripts/search.sh --budget 450M [any option of `nasfer search`].
# Makes .venv on the first call; later calls start at once.
source "$(dirname "${BASH_SOURCE[0]}")/_environment.sh"
prepare
exec "$PYTHON" -m nasfer search "$@"
