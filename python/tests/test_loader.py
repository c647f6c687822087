"""Loader: its order, its values, places to go on from, memory and forks."""
import gc
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from programs import shell

from hydranet import HydraNetError, Loader, Store

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


@pytest.fixture(scope="session")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    shell("utk-prep synth --output drawn --count 300 --seed 1", folder)
    shell("utk-prep build drawn --output store --size 32", folder)
    return folder / "store"


def mix(value):
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & MASK
    return value ^ value >> 31


def keyed_hash(seed, purpose, a, b=0):
    state = mix((seed + GOLDEN * purpose) & MASK)
    state = mix(state ^ (a + 0xD1B54A32D192ED03) & MASK)
    return mix(state ^ (b + 0x8CB92BA72F3D8DD7) & MASK)


def trainer_order(count, seed, epoch):
    """The formula of Sources/Loader/IndexPermutation.swift, written again."""
    key = keyed_hash(seed, 1, epoch)
    bits = max(2, (count - 1).bit_length())
    low_bits = bits // 2
    low_mask, high_mask = (1 << low_bits) - 1, (1 << bits - low_bits) - 1
    keys = [mix((key + (number + 1) * GOLDEN) & MASK) for number in range(8)]

    def encipher(value):
        low, high = value & low_mask, value >> low_bits
        for number in range(0, 8, 2):
            low ^= mix(high ^ keys[number]) & low_mask
            high ^= mix(low ^ keys[number + 1]) & high_mask
        return high << low_bits | low

    order = []
    for position in range(count):
        value = encipher(position)
        while value >= count:
            value = encipher(value)
        order.append(value)
    return order


@pytest.mark.parametrize("seed, epoch", [(0, 0), (1, 3), (1, 4), (7, 0), (2**62, 1000)])
def test_the_order_is_the_trainers(path, seed, epoch):
    with Loader(path, batch_size=33, seed=seed, epoch=epoch) as loader:
        seen = np.concatenate([batch.index for batch in loader])
        assert loader.epoch == epoch + 1
        np.testing.assert_array_equal(seen, trainer_order(len(loader.split), seed, epoch))


@pytest.mark.parametrize("out", ["numpy", "torch"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_values_are_those_of_the_store(path, out, layout, dtype):
    store = Store(path)
    images = store["train"].read()
    with Loader(store, batch_size=64, seed=5, flip=True, dtype=dtype, layout=layout,
                out=out) as loader:
        flipped = 0
        for batch in loader:
            image, index = np.asarray(batch.image), np.asarray(batch.index)
            if layout == "nhwc" and out == "numpy":
                image = image.transpose(0, 3, 1, 2)
            flips = np.array([keyed_hash(5, 3, 0, int(sample)) >> 63 for sample in index], bool)
            flipped += flips.sum()
            expected = np.where(
                flips[:, None, None, None], images[index][..., ::-1], images[index])
            if dtype == "float32":
                mean = np.array([0.485, 0.456, 0.406], np.float32)[:, None, None]
                std = np.array([0.229, 0.224, 0.225], np.float32)[:, None, None]
                np.testing.assert_allclose(image, (expected / 255 - mean) / std, atol=2e-6)
            else:
                np.testing.assert_array_equal(image, expected)
            np.testing.assert_array_equal(batch.age, store["train"]["age"][index])
            np.testing.assert_array_equal(batch["race"], store["train"]["race"][index])
            assert batch.race.dtype == batch.index.dtype and not batch.missing("age").any()
        assert 0.3 < flipped / len(images) < 0.7


def test_torch_tensors_share_the_memory(path):
    import torch

    with Loader(path, batch_size=16, out="torch", layout="nhwc") as loader:
        batch = loader.next()
        assert batch.image.shape == (16, 3, 32, 32)
        assert batch.image.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("normalize, scale", [
    (None, lambda x, _: x), (([0.5] * 3, [0.25] * 3), lambda x, _: (x - 0.5) / 0.25),
    ("dataset", lambda x, about: (x - np.reshape(about["channel_mean"], (3, 1, 1)))
     / np.reshape(about["channel_std"], (3, 1, 1)))])
def test_normalization(path, normalize, scale):
    store = Store(path)
    with Loader(store, batch_size=16, normalize=normalize) as loader:
        batch = loader.next()
        pixels = store["train"].read(batch.index) / 255
        np.testing.assert_allclose(batch.image, scale(pixels, store.dataset), atol=5e-6)


def test_ranks_share_an_epoch(path):
    store = Store(path)
    ranks = [Loader(store, batch_size=10, seed=2, rank=rank, world_size=3) for rank in range(3)]
    assert len({len(rank) for rank in ranks}) == 1
    seen = [sample for rank in ranks for batch in rank for sample in batch.index]
    assert sorted(seen) == list(range(len(store["train"])))
    for rank in ranks:
        rank.close()


def test_going_on_from_random_places(path):
    store, draw = Store(path), random.Random(3)
    options = dict(batch_size=8, seed=9, flip=True)
    with Loader(store, **options) as whole:
        expected = [(b.image.copy(), b.index.copy()) for _ in range(3) for b in whole]
    for _ in range(50):
        place = draw.randrange(len(expected) - 2)
        with Loader(store, **options) as loader:
            loader.set_epoch(*divmod(place, len(loader)))
            loader.next()
            state = loader.state_dict()
        with Loader(store, **options) as loader:
            loader.load_state_dict(state)
            batch = loader.next()
        np.testing.assert_array_equal(batch.index, expected[place + 1][1])
        np.testing.assert_array_equal(batch.image, expected[place + 1][0])
    with Loader(store, batch_size=9) as other, pytest.raises(HydraNetError, match="batch_size"):
        other.load_state_dict(state)


def test_batches_stay_as_they_are_while_someone_looks(path):
    store = Store(path)
    images = store["train"].read()
    with Loader(store, batch_size=8, dtype="uint8") as loader:
        kept = [batch for _ in range(3) for batch in loader]
        views = [batch.image[0] for batch in loader]
    gc.collect()
    for batch in kept:
        np.testing.assert_array_equal(batch.image, images[batch.index])
    assert len(views) == len(loader) and all(view.any() for view in views)


@pytest.mark.parametrize("options, words", [
    (dict(batch_size=0), "batch size"), (dict(seed=-1), "seed"), (dict(dtype="int8"), "float32"),
    (dict(rank=2, world_size=2), "rank"), (dict(normalize="none"), "normalize"),
    (dict(threads=1000), "threads"), (dict(crop_padding=-1), "crop_padding"),
    (dict(batch_size="x"), "batch_size"), (dict(normalize=([0] * 3, [0] * 3)), "deviations"),
    (dict(batch_size=10**6, drop_last=True), "larger"), (dict(layout="hwcn"), "nchw")])
def test_impossible_options(path, options, words):
    with pytest.raises((HydraNetError, ValueError), match=words), Loader(path, **options) as loader:
        loader.next()


def test_memory_does_not_grow(path):
    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    with Loader(path, batch_size=16) as loader:
        for epoch in range(40):
            if epoch == 20:
                before = resident()
            for batch in loader:
                pass
    assert resident() - before < 4 << 20
    threads = len(os.listdir("/proc/self/task"))
    for _ in range(20):
        with Loader(path, batch_size=64) as loader:
            loader.next()
    assert len(os.listdir("/proc/self/task")) == threads
    assert resident() - before < 16 << 20


def test_after_a_fork_both_go_on(path):
    with Loader(path, batch_size=8, seed=4) as loader:
        expected = [batch.index.copy() for batch in loader]
        loader.set_epoch(0)
        held = [loader.next() for _ in range(3)]
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            good = all(np.array_equal(loader.next().index, e) for e in expected[3:])
            good = good and all(np.array_equal(b.index, e) for b, e in zip(held, expected))
            del held
            loader.close()
            os._exit(0 if good else 1)
        assert all(np.array_equal(loader.next().index, e) for e in expected[3:])
        assert os.waitpid(child, 0)[1] == 0


ENDLESS = """
import sys
from hydranet import Loader
loader = Loader(sys.argv[1], batch_size=8)
print("ready", flush=True)
try:
    while True:
        loader.next()
except KeyboardInterrupt:
    import os
    loader.next()
    loader.close()
    assert len(os.listdir("/proc/self/task")) == 1
    print("stopped")
"""


OPENING = """
import sys
from hydranet import Loader, Store
print("ready", flush=True)
try:
    while True:
        with Store(sys.argv[1]) as store, Loader(store, batch_size=8) as loader:
            loader.next()
            store["train"].read()
except KeyboardInterrupt:
    pass
import gc, os
store = loader = None
gc.collect()
assert len(os.listdir("/proc/self/task")) == 1
with open("/proc/self/maps") as maps:
    assert not any("/image/c/" in line for line in maps)
print("stopped")
"""


@pytest.mark.parametrize("program", [ENDLESS, OPENING], ids=["one loader", "many stores"])
def test_control_c_stops_at_once(path, program):
    draw = random.Random(1)
    for number in range(50):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
        assert process.stdout.readline() == "ready\n"
        time.sleep(draw.random() * 0.2)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=5)[0] == "stopped\n", f"stop {number}"
        assert process.returncode == 0
