"""A Ray that nasfer starts is nasfer's alone: no door to the network, a token, nothing left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nasfer.errors import ResourceError
from nasfer.tuning.asking.settings import Resources
from nasfer.tuning.on_ray.cluster import ray_for
from nasfer.tuning.on_ray.local import TOKEN

CLIENT = """
import sys
from ray._raylet import GcsClient
print(len(GcsClient(address=sys.argv[1]).get_all_node_info(timeout=10)))
"""
"""The first thing that whoever wants to run code asks a Ray: its nodes."""


def asks(address: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Ask a Ray for its nodes from another process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_AUTH")}
    return subprocess.run(
        [sys.executable, "-c", CLIENT, address], capture_output=True, text=True,
        env={**kept, **environment}, timeout=60,
    )  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home: Ray keeps a token there, if nobody gives it one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")  # for the user's own clusters, not for ours
    monkeypatch.delenv(TOKEN, raising=False)
    return tmp_path


@pytest.mark.slow
def test_it_listens_on_loopback_and_refuses_who_has_not_its_token(home: Path) -> None:
    import ray  # brings its own psutil

    import psutil  # isort: skip

    before = dict(os.environ)
    with ray_for(Resources(address="local"), 1):
        token, address = os.environ[TOKEN], ray.get_runtime_context().gcs_address
        folder = Path(ray.get_runtime_context().get_temp_dir())
        assert ray.get(ray.remote(lambda: os.environ[TOKEN]).remote()) == token

        assert asks(address, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=token).stdout == "1\n"
        for other in ({"RAY_AUTH_MODE": "disabled"},
                      {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64}):  # fmt: skip
            refused = asks(address, **other)
            assert refused.returncode, refused.stdout
            assert "nauthenticated" in refused.stderr, refused.stderr

        processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
        assert len(processes) > 4
        listening = {
            one.laddr.ip for process in processes for one in process.net_connections("inet")
            if one.status == psutil.CONN_LISTEN
        }  # fmt: skip
        assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}
        assert not any(token in " ".join(process.cmdline()) for process in processes)
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files
        assert not any(token.encode() in path.read_bytes() for path in files)
    assert dict(os.environ) == before
    assert not folder.exists()
    assert list(home.iterdir()) == []
    with ray_for(Resources(address="local"), 1):  # a second one has its own
        assert os.environ[TOKEN] != token
        assert ray.nodes()


def test_a_ray_of_the_callers_own_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: True)
    ended: list[str] = []
    monkeypatch.setattr(ray, "shutdown", lambda: ended.append("ended"))
    with pytest.raises(ResourceError, match="in this process already"), ray_for(Resources(), 1):
        pass
    assert ended == []
