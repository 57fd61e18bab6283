"""How long does each proxy take for a network of 20 M FLOPs? Writes results/proxy_seconds.{csv,md}.

Run: python benchmarks/proxy_seconds.py [--data fer2013:../shared/data/fer2013] [--times 3]
Three presets at 48 px, 16 images a draw, one thread; seconds of processor time, the least of three,
so that other work on the machine counts little; of `early_loss` one. Faces are read before.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pandas as pd
import torch

from nasfer.costs import cost
from nasfer.errors import ProxyError
from nasfer.presets import load_arch
from nasfer.proxies import PROXIES, Proxy, score
from nasfer.report import write_table
from nasfer.runs.atomic import write_atomic

ROOT = Path(__file__).parents[1]
NETWORKS = ("zennet_m", "zennet_r", "emo_net")
SIDE = 48
ONCE = ("early_loss",)
HEAD = """Seconds of processor time of one draw, one thread, 48 px, 16 images (of faces each proxy's
own number), the least of three: `python benchmarks/proxy_seconds.py`. FLOPs: {flops}.
A proxy that refuses a network says why in the docstring; there the place is empty.

"""


def seconds(proxy: Proxy, network: str, data: str, times: int) -> float | None:
    """Return the processor time of a score; ``None`` where the proxy refuses the network."""
    best = float("inf")
    for _ in range(1 if proxy.name in ONCE else times):
        start = time.process_time()
        try:
            score(
                load_arch(network), proxy.name, resolution=SIDE,
                data=data if proxy.needs_data else None,
            )  # fmt: skip
        except ProxyError as error:
            print(f"{proxy.name}, {network}: {error}", flush=True)
            return None
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="fer2013:../shared/data/fer2013")
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    score(load_arch("zennet_r"), "shift", resolution=SIDE, data=given.data)  # faces, torch itself
    rows = []
    for proxy in PROXIES:
        times = {name: seconds(proxy, name, given.data, given.times) for name in NETWORKS}
        rows.append({"proxy": proxy.name, "needs": proxy.needs, **times})
        print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    write_table(table, ROOT / "results/proxy_seconds.csv")
    shown = table.assign(**{name: table[name].map("{:.3f}".format) for name in NETWORKS})
    flops = ", ".join(
        f"{name} {cost(load_arch(name), SIDE).flops / 1e6:.1f} M" for name in NETWORKS
    )
    text = shown.replace("nan", "").to_markdown(index=False, disable_numparse=True)
    write_atomic(ROOT / "results/proxy_seconds.md", f"{HEAD.format(flops=flops)}{text}\n")


if __name__ == "__main__":
    main()
