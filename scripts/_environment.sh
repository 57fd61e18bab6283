# Sourced by the scripts: make .venv once, install what is missing, and leave $PYTHON.
# NASFER_VENV names another folder for the environment.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${NASFER_VENV:-$root/.venv}
PYTHON=$venv/bin/python

prepare() { # prepare [EXTRA]: install nasfer, with an extra's packages, unless it is there already
  local extra=${1:-} target mark
  target=$root${extra:+[$extra]}
  mark=$venv/.nasfer-installed${extra:+-$extra}
  if [ -x "$PYTHON" ] && [ "$mark" -nt "$root/setup.cfg" ]; then
    return
  fi
  if [ ! -x "$PYTHON" ]; then
    echo "making $venv (once; torch is large, a few minutes)" >&2
    "$(find_python)" -m venv "$venv"
  fi
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --editable "$target" >&2
  touch "$mark"
}

find_python() { # a Python of 3.10 or newer
  local name
  for name in "${NASFER_PYTHON:-python3}" python3.13 python3.12 python3.11 python3.10; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  echo "nasfer needs Python 3.10 or newer; none found (NASFER_PYTHON names one)" >&2
  exit 2
}
