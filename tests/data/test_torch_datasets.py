"""A split is a torch Dataset: a DataLoader reads it, in processes of its own too."""

from __future__ import annotations

import pickle
import threading
import time
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from nasfer.data import Faces, Item, MemoryImages, load_data, one_hot
from nasfer.data.reading import FileImages, each, workers
from nasfer.errors import DataError

COUNT = 20


@pytest.fixture(params=["drawn", "memory", "files"])
def faces(request: pytest.FixtureRequest, tmp_path: Path) -> Faces:
    drawn = load_data(f"drawn,train={COUNT},val=7,test=7").splits["train"]
    if request.param == "drawn":
        return drawn
    if request.param == "memory":
        pixels = MemoryImages(drawn.images.read(torch.arange(COUNT)))
        return Faces(pixels, drawn.targets, drawn.class_names, drawn.names)
    items = []
    for index in range(COUNT):
        path = tmp_path / f"{index}.png"
        Image.new("L", (48, 48), 10 * index).save(path)
        items.append(Item(str(path), one_hot(index % 7, 7), path))
    return Faces(FileImages(items, 48, 1), drawn.targets, drawn.class_names, drawn.names)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_loader_gives_every_image_and_its_distribution(faces: Faces, num_workers: int) -> None:
    assert isinstance(faces, Dataset)
    batches = list(DataLoader(faces, batch_size=8, num_workers=num_workers))
    assert [len(images) for images, _ in batches] == [8, 8, 4]
    images, targets = (torch.cat(parts) for parts in zip(*batches))
    assert (images.dtype, images.shape[1:]) == (torch.uint8, (1, 48, 48))
    assert torch.equal(images, faces.images.read(torch.arange(COUNT)))
    assert torch.equal(targets, faces.targets)


def test_a_loader_shuffles_images_with_their_distributions(faces: Faces) -> None:
    loader = DataLoader(faces, batch_size=8, shuffle=True, generator=torch.Generator())
    read = torch.cat([images for images, _ in loader]).flatten(1)
    assert sorted(map(tuple, read.tolist())) == sorted(
        map(tuple, faces.images.read(torch.arange(COUNT)).flatten(1).tolist())
    )


def test_single_samples_are_those_of_a_batch(faces: Faces) -> None:
    for index, (image, target) in enumerate(faces.__getitems__(list(range(COUNT)))):
        one, own = faces[index]
        assert torch.equal(one, image)
        assert torch.equal(own, target)
    assert torch.equal(faces[-1][0], faces[COUNT - 1][0])
    assert len(list(faces)) == COUNT  # iteration ends at an IndexError
    with pytest.raises(IndexError, match=f"faces: {COUNT} is not from 0 to {COUNT - 1}"):
        faces[COUNT]


def halved(image: torch.Tensor) -> torch.Tensor:
    return image.float() / 510


def test_a_transform_is_applied_to_each_image_and_landmarks_come_on_request(faces: Faces) -> None:
    data = pickle.loads(pickle.dumps(faces.dataset(transform=halved)))
    images, targets = next(iter(DataLoader(data, batch_size=5)))
    assert torch.equal(images, halved(faces.images.read(torch.arange(5))))
    assert torch.equal(targets, faces.targets[:5])
    if faces.landmarks is None:
        with pytest.raises(DataError, match="`landmarks`: this split has none"):
            faces.dataset(landmarks=True)
    else:
        *_, points = next(iter(DataLoader(faces.dataset(landmarks=True), batch_size=5)))
        assert torch.equal(points, faces.landmarks[:5])
        *_, last = faces.dataset(landmarks=True)[-1]
        assert torch.equal(last, faces.landmarks[-1])


def test_reading_keeps_order_and_runs_a_bounded_way_ahead() -> None:
    started: list[int] = []
    lock = threading.Lock()

    def read(index: int) -> int:
        with lock:
            started.append(index)
        if index % 7 == 3:
            raise DataError(str(index))
        return index

    most = 0
    for taken, (place, found) in enumerate(each(read, range(400), chunk=1), 1):  # type: ignore[arg-type, type-var]
        time.sleep(0.001)
        most = max(most, len(started) - taken)
        assert place == taken - 1
        assert str(found) == str(place)
        assert isinstance(found, DataError) == (place % 7 == 3)
    assert taken == 400
    assert most <= 4 * workers() + 1
