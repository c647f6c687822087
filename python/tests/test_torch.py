"""hydranet.torch beside the store, and the example that trains with it beside hydra-train."""
import importlib.util
import json
import subprocess

import numpy as np
import pytest
import torch
from programs import PROGRAMS, ROOT, shell

from hydranet import HydraNetError, Loader, Store
from hydranet.torch import ShardDataset, ShardLoader


@pytest.fixture(scope="session")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    shell("utk-prep synth --output drawn --count 300 --seed 1", folder)
    shell("utk-prep build drawn --output store --size 32", folder)
    return folder / "store"


@pytest.mark.parametrize("options", [{}, {"pin_memory": True}, {"device": "cpu"}])
def test_the_loader_gives_what_the_native_one_gives(path, options):
    shared = dict(batch_size=32, seed=6, flip=True)
    with Loader(path, **shared) as native, ShardLoader(path, **shared, **options) as loader:
        assert len(loader) == len(native)
        for batch, expected in zip(loader, native):
            np.testing.assert_array_equal(batch.image.numpy(), expected.image)
            np.testing.assert_array_equal(batch.race.numpy(), expected.race)
            assert batch.image.is_pinned() == (
                "pin_memory" in options and torch.cuda.is_available())


def test_batches_on_another_device_are_copies(path):
    with ShardLoader(path, batch_size=8, device="meta") as loader:
        batch = loader.next()
        assert batch.image.device.type == batch.age.device.type == "meta"
    with pytest.raises(ValueError, match="Loader"):
        ShardLoader(path, out="numpy")


@pytest.mark.parametrize("out", ["numpy", "torch"])
def test_dlpack_shares_the_memory(path, out):
    with Loader(path, batch_size=8, out=out) as loader:
        batch = loader.next()
        tensor = torch.from_dlpack(batch.image)
        pointer = batch.image.ctypes.data if out == "numpy" else batch.image.data_ptr()
        assert tensor.data_ptr() == pointer
        before = tensor.clone()
        del batch
        for _ in range(20):
            loader.next()
        assert torch.equal(tensor, before)


@pytest.mark.parametrize("context, workers", [(None, 0), ("fork", 2), ("spawn", 1)])
def test_the_data_set_in_a_data_loader(path, context, workers):
    store = Store(path)
    data = ShardDataset(store, normalize=None)
    loader = torch.utils.data.DataLoader(
        data, batch_size=50, shuffle=True, num_workers=workers, multiprocessing_context=context)
    images, seen = store["train"].read(), []
    for batch in loader:
        seen.extend(batch["index"].tolist())
        np.testing.assert_allclose(
            batch["image"].numpy() * 255, images[batch["index"].numpy()], atol=1e-4)
        np.testing.assert_array_equal(
            batch["age"].numpy(), store["train"]["age"][batch["index"].numpy()])
    assert sorted(seen) == list(range(len(data)))


@pytest.mark.parametrize("normalize", ["imagenet", "dataset", ([0.5] * 3, [0.25] * 3)])
def test_the_data_set_normalizes_as_the_loader(path, normalize):
    data = ShardDataset(path, normalize=normalize, transform=lambda image: image.flip(2))
    with Loader(path, batch_size=16, normalize=normalize) as loader:
        batch = loader.next()
        mine = torch.stack([data[int(number)]["image"] for number in batch.index]).flip(3)
        np.testing.assert_allclose(mine.numpy(), batch.image, atol=5e-6)
    assert ShardDataset(path, normalize="none")[0]["image"].dtype == torch.uint8
    with pytest.raises(HydraNetError, match="no sample"):
        data[len(data)]


def test_the_example_agrees_with_hydra_train(path, tmp_path, capsys):
    spec = importlib.util.spec_from_file_location("train", ROOT / "python/examples/train.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    weights = tmp_path / "tuned.safetensors"
    # Two threads that wait for each other take minutes where the cores are shared.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    example.main([str(path), "--epochs", "1", "--batch-size", "32", "--lr", "0.005",
                  "--device", "cpu", "--output", str(weights)])
    torch.set_num_threads(threads)
    mine = json.loads(capsys.readouterr().out)
    done = subprocess.run(
        [PROGRAMS / "hydra-train", "evaluate", "--shards", path, "--weights", weights,
         "--pipeline", ROOT / "pipelines/drawn.yaml", "--json"],
        check=True, capture_output=True, text=True)
    theirs = json.loads(done.stdout)["figures"]
    for name, value in mine["figures"].items():
        # One sample of 60 on the edge of a class may fall to either side.
        assert theirs[name] == pytest.approx(value, abs=1e-3 if name == "age_mae" else 0.02)
