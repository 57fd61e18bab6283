"""Pools of trained networks: what scores and predictors are held against, and learnt from."""

from nasfer.pools import accel_nasbench as _accel_nasbench  # registers it
from nasfer.pools import nas_bench_macro as _nas_bench_macro  # registers it
from nasfer.pools.pool import Pool, PooledNetwork
from nasfer.pools.reading import read_pool
from nasfer.pools.table import write_pool

__all__ = ["Pool", "PooledNetwork", "read_pool", "write_pool"]
