#!/usr/bin/env bash
# Fuzzes for longer than CI does, each time with other examples: scripts/fuzz.sh [MINUTES].
# Every find is printed with the smallest example that hypothesis found; the exit code is 1 then.
source "$(dirname "${BASH_SOURCE[0]}")/_environment.sh"
prepare test
cd "$root"
end=$((SECONDS + 60 * ${1:-10}))
found=0
while [ "$SECONDS" -lt "$end" ]; do
  NASFER_FUZZ=3.1 "$PYTHON" -m pytest --quiet tests/fuzz --timeout 3600 || found=1
done
exit "$found"
