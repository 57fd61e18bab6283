#!/usr/bin/env bash
# Train candidates fully: scripts/tune.sh RUN --epochs 3 [any option of `nasfer tune`].
# Makes .venv on the first call; later calls start at once.
source "$(dirname "${BASH_SOURCE[0]}")/_environment.sh"
prepare tune
exec "$PYTHON" -m nasfer tune "$@"
