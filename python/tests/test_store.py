"""Store compared with zarr-python, and folders that do not hold a store."""
import os
import pickle
import shutil

import numpy as np
import pytest
import zarr
from programs import shell

from hydranet import HydraNetError, Loader, Store


@pytest.fixture(scope="session", params=["predictive", "portable"])
def path(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    shell("utk-prep synth --output drawn --count 300 --seed 1", folder)
    shell(f"utk-prep build drawn --output store --size 32 --codec {request.param}", folder)
    return folder / "store"


def test_everything_is_what_zarr_reads(path):
    group = zarr.open_group(path, mode="r")
    store = Store(path)
    assert list(store) == ["train", "validation"]
    assert store.dataset["channel_mean"] == group.attrs["dataset"]["channel_mean"]
    for name, split in store.items():
        np.testing.assert_array_equal(split.read(), group[f"{name}/image"][:])
        assert len(split) == group[f"{name}/age"].shape[0]
        for column in store.columns:
            stored = group[f"{name}/{column}"][:]
            assert split[column].dtype == stored.dtype
            np.testing.assert_array_equal(split[column], stored)


def test_any_indices_in_any_order(path):
    split = Store(path)["train"]
    whole = split.read()
    for indices in [[], [5], [7, 7, 0, len(split) - 1], range(10), np.array([3, 1], np.uint8)]:
        np.testing.assert_array_equal(split.read(indices), whole[np.asarray(indices, int)])
    np.testing.assert_array_equal(split.read(slice(None, 20, 3)), whole[:20:3])
    for outside in [-1, len(split), 2**62]:
        with pytest.raises(HydraNetError, match=f"no sample {outside}"):
            split.read([outside])
    with pytest.raises(TypeError):
        split.read([0.5])


def test_what_is_not_there(path, tmp_path):
    store = Store(path)
    with pytest.raises(KeyError, match="train, validation"):
        store["test"]
    with pytest.raises(KeyError, match="age"):
        store["train"]["height"]
    with pytest.raises(HydraNetError, match="nowhere"):
        Store(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="zero byte"):
        Store("a\0b")
    store.close()
    with pytest.raises(ValueError, match="closed"):
        store["train"].read([0])


def test_a_store_in_another_process(path):
    copy = pickle.loads(pickle.dumps(Store(path)))
    assert copy.identity == Store(path).identity


@pytest.mark.parametrize("damage", ["metadata", "cut", "removed", "pixels"])
def test_damaged_stores_are_refused(path, tmp_path, damage):
    copy = tmp_path / "store"
    shutil.copytree(path, copy)
    shard = next(file for file in sorted((copy / "train/image").rglob("*"))
                 if file.is_file() and file.name != "zarr.json")
    if damage == "metadata":
        root = copy / "zarr.json"
        root.write_bytes(root.read_bytes().replace(b"age", b"agf", 1))
    elif damage == "cut":
        os.truncate(shard, shard.stat().st_size // 2)
    elif damage == "removed":
        shard.unlink()
    else:
        content = bytearray(shard.read_bytes())
        content[64] ^= 1
        shard.write_bytes(content)
        with pytest.raises(HydraNetError, match="sample"):
            Store(copy)["train"].read()
        with pytest.raises(HydraNetError, match="sample"), Loader(copy) as loader:
            list(loader)
        return
    with pytest.raises(HydraNetError):
        Store(copy)


def test_a_shard_cut_under_an_open_store(path, tmp_path):
    copy = tmp_path / "store"
    shutil.copytree(path, copy)
    with Loader(copy, batch_size=16, cache_bytes=0) as loader:
        loader.next()
        for shard in (copy / "train/image").rglob("*"):
            if shard.is_file() and shard.name != "zarr.json":
                os.truncate(shard, 0)
        with pytest.raises(HydraNetError):
            for _ in range(10 * len(loader)):
                loader.next()


def test_opens_and_closes_leak_nothing(path):
    def counts():
        return [len(os.listdir(f"/proc/self/{what}")) for what in ("fd", "task")]

    with Loader(path) as loader:
        loader.next()
    before = counts()
    for number in range(1000):
        store = Store(path)
        if number % 20 == 0:
            with Loader(store, batch_size=8) as loader:
                loader.next()
        store.close()
    assert counts() == before
