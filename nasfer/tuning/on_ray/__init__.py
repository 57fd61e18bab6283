"""Ray Tune: the cluster, the engine that runs trials, schedulers, workers."""
