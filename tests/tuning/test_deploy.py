"""The files that users hand to a cluster say what KubeRay needs, and run a command that exists."""

from __future__ import annotations

import shlex
from pathlib import Path

import yaml

from nasfer.cli.app import app
from nasfer.tuning.asking.settings import Resources

DEPLOY = Path(__file__).parents[2] / "deploy"
RAY_JOB = {
    "entrypoint", "runtimeEnvYAML", "shutdownAfterJobFinishes", "ttlSecondsAfterFinished",
    "activeDeadlineSeconds", "submissionMode", "submitterConfig", "rayClusterSpec", "jobId",
    "metadata", "suspend", "backoffLimit", "entrypointNumCpus", "entrypointNumGpus",
    "submitterPodTemplate",
}  # fmt: skip
"""Fields of a RayJob's spec, ray.io/v1."""


def test_the_rayjob_has_what_kuberay_needs() -> None:
    job = yaml.safe_load((DEPLOY / "rayjob.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    spec = job["spec"]
    assert spec.keys() <= RAY_JOB
    cluster = spec["rayClusterSpec"]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    mounts = []
    for group in groups:
        assert isinstance(group["rayStartParams"], dict)
        pod = group["template"]["spec"]
        (container,) = pod["containers"]
        assert {"name", "image", "resources", "volumeMounts"} <= container.keys()
        names = {volume["name"] for volume in pod["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} <= names
        mounts.append((container["image"], container["volumeMounts"], pod["volumes"]))
    assert all(mount == mounts[0] for mount in mounts), "image and storage are the same everywhere"
    for group in cluster["workerGroupSpecs"]:
        assert group["groupName"]
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


def test_every_pod_of_it_has_the_token_of_a_secret() -> None:
    spec = yaml.safe_load((DEPLOY / "rayjob.yaml").read_text())["spec"]
    cluster = spec["rayClusterSpec"]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    pods = [spec["submitterPodTemplate"], *(group["template"] for group in groups)]
    assert len(pods) == 3
    for pod in pods:
        (container,) = pod["spec"]["containers"]
        values = {one["name"]: one for one in container["env"]}
        assert values["RAY_AUTH_MODE"]["value"] == "token"
        secret = values["RAY_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"]
        made = f"secret generic {secret['name']} --from-literal={secret['key']}="
        assert made in (DEPLOY / "README.md").read_text()


def test_its_command_is_one_of_nasfer_on_the_shared_storage() -> None:
    job = yaml.safe_load((DEPLOY / "rayjob.yaml").read_text())
    words = shlex.split(job["spec"]["entrypoint"])
    assert words[:2] == ["nasfer", "tune"]
    known = {name for command in app.registered_commands if command.name == "tune"
             for name in command.callback.__annotations__}  # type: ignore[union-attr]  # fmt: skip
    flags = {word[2:].replace("-", "_") for word in words if word.startswith("--")}
    assert flags <= known
    assert words[words.index("--out") + 1].startswith("/shared/")
    asked = float(words[words.index("--cpus-per-trial") + 1])
    (group,) = job["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    (container,) = group["template"]["spec"]["containers"]
    assert Resources(cpus=asked).cpus <= float(container["resources"]["limits"]["cpu"])
