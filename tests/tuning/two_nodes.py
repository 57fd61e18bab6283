"""Run by a test: a tuning on two nodes of one CPU each, one of which is taken away."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0"}

from ray.cluster_utils import Cluster

from tests.tuning.running import epochs, finish, start, wait_for


def main(out: Path) -> None:
    node = {"num_cpus": 1, "object_store_memory": 80 * 1024 * 1024, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    other = cluster.add_node(**{k: v for k, v in node.items() if k != "include_dashboard"})
    cluster.wait_for_nodes()
    try:
        process = start(out, "--max-concurrent", "2", "--ray-address", cluster.address)
        wait_for(lambda: len(epochs(out, 0)) >= 3 and len(epochs(out, 1)) >= 3, process)
        cluster.remove_node(other, allow_graceful=False)
        _, stderr = finish(process)
        print(stderr)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
