"""Ray, started or joined: addresses, resources, signals, and nothing left behind."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from nasfer.errors import ResourceError
from nasfer.runs.environment import environment_put_back, waiting
from nasfer.tuning.asking.settings import Resources
from nasfer.tuning.on_ray.local import own_cluster

REACH_SECONDS = 15.0
"""A Ray that does not answer for so long is not there."""

END_SECONDS = 30.0
"""After a signal the process ends within this time, whatever Ray is doing."""

OBJECT_STORE_BYTES = 80 * 1024 * 1024
"""Nothing goes through the object store; this is about the least that Ray accepts."""

INTERRUPTED = 130

ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
    "TUNE_FORCE_TRIAL_CLEANUP_S": "10",
}


LOGGERS = ("ray", "ray.tune")


class Interruption:
    """Whether the run should end now, and why: a signal, or a fault that ends everything."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.fault: str | None = None

    @property
    def wanted(self) -> bool:
        """Whether to stop."""
        return self.signal is not None or self.fault is not None


@contextmanager
def ray_for(resources: Resources, threads: int) -> Iterator[Interruption]:
    """Start or join Ray for the while; SIGINT and SIGTERM are noted instead of killing.

    Raises:
        ResourceError: the address does not answer, or no node can ever hold a trial.
    """
    with environment_put_back(), _own_loggers():
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        yield from _started(resources, threads)


def _started(resources: Resources, threads: int) -> Iterator[Interruption]:
    address = resources.address or os.environ.get("RAY_ADDRESS") or "local"
    if address != "local":
        _reach(address)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="ray")
        warnings.filterwarnings("ignore", category=ResourceWarning)
        import ray

        if ray.is_initialized():
            raise ResourceError("Ray runs in this process already; ray.shutdown() ends it")
        options: dict[str, Any] = {
            "address": address,
            "log_to_driver": False,
            "logging_level": logging.ERROR,
            "runtime_env": {"env_vars": _worker_environment(threads)},
        }
        with ExitStack() as open_for_now:
            temporary = None
            if address == "local":
                temporary = open_for_now.enter_context(own_cluster())
                options |= {
                    "include_dashboard": False,  # it runs code for anyone who reaches the port
                    "object_store_memory": OBJECT_STORE_BYTES,
                    "_temp_dir": str(temporary),
                }
            open_for_now.callback(ray.shutdown)
            _init(address, options)
            for name in LOGGERS:  # its tracebacks are in the table of failures, short
                logging.getLogger(name).setLevel(logging.CRITICAL)
            _check_fits(resources, ray.nodes())
            with _noted_signals(temporary) as interruption:
                yield interruption


def _init(address: str, options: dict[str, Any]) -> None:
    """Start or join Ray.

    Raises:
        ResourceError: it cannot be used; its token may be another than ours.
    """
    import ray
    from ray.exceptions import RayError

    try:
        ray.init(**options)
    except (ConnectionError, ValueError, RuntimeError, TimeoutError, RayError) as error:
        raise ResourceError(
            f"Ray at {address!r} cannot be used: {' '.join(str(error).split())}"
        ) from None


@contextmanager
def _own_loggers() -> Iterator[None]:
    """Let Ray's loggers be set as it likes for the while."""
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def trials_that_fit(resources: Resources) -> int:
    """Return how many trials run at once: as asked, else as many as the cluster holds now."""
    import ray

    if resources.at_once is not None:
        return resources.at_once
    count = 0
    for node in ray.nodes():
        if node["Alive"]:
            has = node["Resources"]
            fits = [has.get("CPU", 0) / resources.cpus]
            if resources.gpus:
                fits.append(has.get("GPU", 0) / resources.gpus)
            count += int(min(fits) + 1e-9)
    return max(1, count)


def _check_fits(resources: Resources, nodes: list[dict[str, Any]]) -> None:
    asked = {"CPU": resources.cpus, "GPU": resources.gpus}
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    if any(all(has.get(k, 0) >= wanted for k, wanted in asked.items()) for has in alive):
        return
    ask = ", ".join(f"{wanted:g} {name}" for name, wanted in asked.items() if wanted)
    there = "; ".join(", ".join(f"{has.get(name, 0):g} {name}" for name in asked) for has in alive)
    raise ResourceError(f"a trial asks for {ask}, and no node has that: {there or 'no node'}")


def _reach(address: str) -> None:
    """Refuse an address where no Ray answers, within `REACH_SECONDS`."""
    if address == "auto":
        return
    if address.startswith("ray://"):  # Tune runs elsewhere then, and our callbacks not at all
        raise ResourceError(
            f"Ray address {address!r}: Ray Client is not supported; give HOST:PORT of the head on"
            " a node of the cluster, or submit a job (deploy/README.md)"
        )
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        raise ResourceError(f"Ray address {address!r} is not HOST:PORT, auto or local")
    message = f"Ray at {address!r} does not answer within {REACH_SECONDS:g} s"
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACH_SECONDS / 3).close()
    except (OSError, OverflowError) as error:
        raise ResourceError(f"{message}: {error}") from None
    check = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
    try:
        done = subprocess.run(check, capture_output=True, timeout=REACH_SECONDS * 2 / 3)
    except subprocess.TimeoutExpired:
        raise ResourceError(message) from None
    if done.returncode and b"oken" in done.stderr:
        raise ResourceError(
            f"Ray at {address!r} asks for its token; set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or"
            " RAY_AUTH_TOKEN_PATH"
        )
    if done.returncode:
        raise ResourceError(f"{message}: no Ray there")


def _worker_environment(threads: int) -> dict[str, str]:
    """What workers need to import this nasfer and to keep to their threads."""
    variables = {"OMP_NUM_THREADS": str(threads), "RAY_CHDIR_TO_TRIAL_DIR": "0"}
    variables |= waiting(os.environ)
    package = str(Path(__file__).resolve().parents[3])
    if "site-packages" not in package:
        others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        kept = [path for path in others if path and path != package]
        variables["PYTHONPATH"] = os.pathsep.join([package, *kept])
    return variables


@contextmanager
def _noted_signals(temporary: Path | None) -> Iterator[Interruption]:
    """Note SIGINT and SIGTERM (Ray has its own handler for that); a second one ends at once."""
    interruption = Interruption()

    def end() -> None:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        os._exit(INTERRUPTED)

    timer = threading.Timer(END_SECONDS, end)
    timer.daemon = True

    def note(number: int, frame: FrameType | None) -> None:
        if interruption.signal is not None:
            end()
        interruption.signal = number
        timer.start()

    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, note)
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        timer.cancel()
