"""What a check finds, beyond what the command's own tests show."""

from __future__ import annotations

from pathlib import Path

from nasfer.data import check_data
from tests.data.drawing import class_folders, rafdb_official


def test_a_missing_image_of_a_list_is_a_fault_of_its_own_kind(tmp_path: Path) -> None:
    root = rafdb_official(tmp_path / "r")
    gone = root / "Image/aligned/train_00002_aligned.jpg"
    gone.unlink()
    (fault,) = check_data(f"rafdb:{root}").faults
    assert fault.kinds == ("missing",)
    assert fault.images == (str(gone),)
    assert "list_patition_label.txt:2 names it" in fault.detail


def test_splits_are_counted_as_the_set_has_them_not_as_they_are_drawn(tmp_path: Path) -> None:
    class_folders(tmp_path, ["happy", "sad"], splits={"train": 5, "test": 2})
    told = []
    found = check_data(f"folder:{tmp_path}", watch=lambda done, total: told.append((done, total)))
    assert found.counts == {
        "train": {"happiness": 5, "sadness": 5},
        "test": {"happiness": 2, "sadness": 2},
    }
    assert not found.faults
    assert told == [(14, 14)]
