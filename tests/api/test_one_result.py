"""``train``, ``evaluate`` and a trial of ``tune`` keep what they measured in the same files."""

from __future__ import annotations

import json
from pathlib import Path

import nasfer
from nasfer.inference.result import Result
from nasfer.runs.files import trial_folder
from nasfer.tuning.asking.asking import ask
from nasfer.tuning.proposing.drafts import first_trials
from nasfer.tuning.trial import train_trial
from tests.tuning.running import NET

DATA = "drawn,train=70,val=14,test=14"


def test_one_schema_one_name_one_header(tmp_path: Path) -> None:
    trained = nasfer.train(NET, DATA, epochs=1, batch_size=32, threads=1, out=tmp_path / "train")
    checkpoint = tmp_path / "train" / "best.safetensors"
    nasfer.evaluate(checkpoint, DATA, latency=False, out=tmp_path / "evaluate")
    asked = ask([NET], DATA, options={"epochs": 1, "batch_size": 32})
    (spec,) = first_trials(asked)
    record = train_trial(spec, asked.settings, asked.recipe, tmp_path / "tune")
    folders = [tmp_path / "train", tmp_path / "evaluate", trial_folder(tmp_path / "tune", spec.key)]
    found = [json.loads((folder / "result.json").read_text()) for folder in folders]
    assert found[0].keys() == found[1].keys() == found[2].keys()
    results = [Result.from_dict(one) for one in found]
    assert results[0].metrics == trained.test
    assert results[1].metrics.confusion == trained.test.confusion  # last bits hang on the batch
    assert record.test is not None
    assert results[2].metrics.accuracy == record.test.accuracy
    headers = {(folder / "per_class.csv").read_text().splitlines()[0] for folder in folders}
    assert headers == {"class,precision,recall,f1,support"}
    assert not list(tmp_path.rglob("metrics.json"))
