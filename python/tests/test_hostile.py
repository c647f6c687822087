"""Stores that lie, are cut, or change under a reader: an exception or right data, never a crash.

What could end the process runs in one of its own.
"""
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from programs import shell

from hydranet import HydraNetError, Loader, Store

SEEDS = 120


@pytest.fixture(scope="module", params=["predictive", "portable"])
def path(request, tmp_path_factory):
    """The training split has three shards of 20 samples, the last not full."""
    folder = tmp_path_factory.mktemp(request.param)
    shell("utk-prep synth --output drawn --count 60 --seed 1", folder)
    shell(f"utk-prep build drawn --output store --codec {request.param} --samples-per-shard 20",
          folder)
    return folder / "store"


def test_hostile_stores(path, tmp_path):
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("hostile.py"), path, tmp_path, "0", str(SEEDS)],
        capture_output=True, text=True)
    lines = done.stdout.split("\n")
    assert done.returncode == 0, f"seed {lines[-2]}: {done.returncode}\n{done.stderr}"
    # The rest was damaged where nothing reads, or is right: a number that means nothing, a name.
    assert int(lines[-2].split()[1]) > SEEDS / 2


def run(code, *arguments):
    """The output of a program in a process of its own, which must end well."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True,
        timeout=60)
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


CUT = """
import faulthandler, os, sys
from pathlib import Path
import numpy as np
from hydranet import HydraNetError, Loader, Store

place = float(sys.argv[2])
store = Store(sys.argv[1])
images = store["train"].read()
shards = sorted(file for file in Path(sys.argv[1]).glob("train/image/c/*/*/*/*"))
with Loader(store, batch_size=4, dtype="uint8", cache_bytes=0) as loader:
    loader.next()
    # Another handler of SIGBUS, such as those of DataLoader's workers, comes after ours.
    faulthandler.enable()
    loader.next()
    # A page of a file is there as a whole.
    os.truncate(shards[1], int(place * shards[1].stat().st_size) // 4096 * 4096)
    right = 0
    try:
        for _ in range(5 * len(loader)):
            batch = loader.next()
            np.testing.assert_array_equal(batch.image, images[batch.index])
            right += 1
    except HydraNetError as error:
        assert "was cut short" in str(error), error
        print("refused")
"""


@pytest.mark.parametrize("place", [0, 0.3, 0.8])
def test_a_shard_cut_while_the_loader_runs(path, tmp_path, place):
    shutil.copytree(path, tmp_path / "store")
    assert run(CUT, tmp_path / "store", place) == "refused\n"


OTHERS = """
import faulthandler, mmap, os, signal, sys
from hydranet import Store

store = Store(sys.argv[1])
faulthandler.enable()
store["train"].read([0])
if sys.argv[2] == "sent":
    os.kill(os.getpid(), signal.SIGBUS)
with open(sys.argv[3], "w+b") as file:
    os.truncate(file.fileno(), 4096)
    memory = mmap.mmap(file.fileno(), 4096)
    os.truncate(file.fileno(), 0)
    memory[0]
"""


@pytest.mark.parametrize("how", ["sent", "touched"])
def test_the_faults_of_others_end_the_process_as_ever(path, tmp_path, how):
    done = subprocess.run([sys.executable, "-c", OTHERS, path, how, tmp_path / "file"],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == -signal.SIGBUS
    assert done.stderr.count("Fatal Python error: Bus error") == 1


def test_a_shard_cut_under_the_workers_of_a_data_loader(path, tmp_path):
    torch = pytest.importorskip("torch")
    from hydranet.torch import ShardDataset

    shutil.copytree(path, tmp_path / "store")
    data = ShardDataset(tmp_path / "store")
    for shard in (tmp_path / "store").glob("train/image/c/*/*/*/*"):
        os.truncate(shard, 0)
    with pytest.raises(HydraNetError, match="was cut short"):
        list(torch.utils.data.DataLoader(data, batch_size=4, num_workers=1))


def test_a_store_replaced_in_mid_epoch(path, tmp_path):
    for name in ("drawn", "store"):
        shutil.copytree(path.parent / name, tmp_path / name)
    store = Store(tmp_path / "store")
    images, ages = store["train"].read(), store["train"]["age"]
    options = dict(batch_size=4, seed=1, dtype="uint8", cache_bytes=0)
    with Loader(store, **options) as loader:
        loader.next()
        shell(f"utk-prep build drawn --output store --codec {store.codec} --samples-per-shard 20 "
              "--seed 9 --force", tmp_path)
        for number in range(2 * len(loader)):
            batch = loader.next()
            np.testing.assert_array_equal(batch.image, images[batch.index])
            np.testing.assert_array_equal(batch.age, ages[batch.index])
        # Also where its threads begin anew, as after a stop or a fork.
        loader.set_epoch(7)
        batch = loader.next()
        np.testing.assert_array_equal(batch.image, images[batch.index])
        state = loader.state_dict()
    with Loader(tmp_path / "store", **options) as other:
        batch = other.next()
        assert not np.array_equal(batch.image, images[batch.index])
        with pytest.raises(HydraNetError, match="content differs"):
            other.load_state_dict(state)


FORKS = """
import os, signal, sys, threading
from hydranet import Loader, Store

path = sys.argv[1]
ended = threading.Event()

def open_and_close():
    while not ended.is_set():
        with Store(path) as store:
            store["train"].read([0])

threads = [threading.Thread(target=open_and_close) for _ in range(2)]
for thread in threads:
    thread.start()
with Loader(path, batch_size=4, seed=3) as loader:
    expected = [batch.index.copy() for batch in loader]
    loader.set_epoch(0)
    for number in range(200):
        if number % len(expected) == 0:
            loader.set_epoch(0)
        batch = loader.next()
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            place = loader.position
            good = (loader.next().index == expected[place]).all() if loader.epoch == 0 else True
            with Store(path) as store:
                good = good and len(store["train"].read([1])) == 1
            loader.close()
            os._exit(0 if good else 1)
        assert os.waitpid(child, 0)[1] == 0, number
ended.set()
for thread in threads:
    thread.join()
"""


def test_forks_while_stores_are_opened(path):
    assert run(FORKS, path) == ""
