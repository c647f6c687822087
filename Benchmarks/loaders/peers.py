"""The loaders compared: each is prepared once from arrays or photographs, and then yields shuffled
batches of float32 [64, 3, S, S], normalized as for ImageNet, as tensors of PyTorch.

A peer has `prepare(work)`, which may find its files there, and `batches(work)`, one epoch. What it
needs is imported in `batches`, so that the time of that can be told.
"""
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BATCH = 64
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PEERS = {}


class Work:
    """A folder for one image size: photographs, stores, and what peers made of them."""

    def __init__(self, folder, size):
        self.size = size
        self.folder = Path(folder) / str(size)
        self.photographs = Path(folder) / "photographs"
        self.predictive, self.portable = self.folder / "predictive", self.folder / "portable"

    def __truediv__(self, name):
        return self.folder / name

    def images(self):
        from hydranet import Store

        return Store(self.predictive)["train"].read()


def peer(name, prepare=None):
    def add(batches):
        PEERS[name] = prepare or (lambda work: None), batches
        return batches

    return add


def normalizer():
    import torch

    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
    scale, shift = 1 / (255 * std), -mean / std
    # In place: no allocation but the result's.
    return lambda pixels: pixels.float().mul_(scale).add_(shift)


def raw_batches(loader):
    """Epochs of a `DataLoader` that gives bytes."""
    normalized = normalizer()
    while True:
        for batch in loader:
            yield normalized(batch)
        yield None


def ours(work, cache_bytes):
    from hydranet.torch import ShardLoader

    with ShardLoader(work.predictive, batch_size=BATCH, cache_bytes=cache_bytes) as loader:
        while True:
            for batch in loader:
                yield batch.image
            yield None


@peer("hydranet")
def hydranet(work):
    return ours(work, 0)


@peer("hydranet, decoded pixels cached")
def cached(work):
    return ours(work, 8 << 30)


def to_npy(work):
    import numpy as np

    np.save(work / "images.npy", work.images())


@peer("NumPy memmap, two threads", to_npy)
def memmap(work):
    import numpy as np
    import torch

    normalized = normalizer()
    images = np.load(work / "images.npy", mmap_mode="r")
    torch.set_num_threads(1)

    def load(index):
        return normalized(torch.from_numpy(images[index]))

    with ThreadPoolExecutor(2) as pool:
        while True:
            order = np.random.permutation(len(images))
            ahead = []
            for start in range(0, len(order), BATCH):
                ahead.append(pool.submit(load, order[start:start + BATCH]))
                if len(ahead) > 4:
                    yield ahead.pop(0).result()
            for future in ahead:
                yield future.result()
            yield None


@peer("torch DataLoader, JPEG, two workers")
def jpeg(work):
    import numpy as np
    import torch
    from PIL import Image

    class Photographs(torch.utils.data.Dataset):
        paths = sorted(work.photographs.iterdir())

        def __len__(self):
            return len(self.paths)

        def __getitem__(self, index):
            image = Image.open(self.paths[index]).convert("RGB")
            if image.size != (work.size, work.size):
                image = image.resize((work.size, work.size), Image.BILINEAR)
            return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()

    torch.set_num_threads(1)
    loader = torch.utils.data.DataLoader(
        Photographs(), batch_size=BATCH, shuffle=True, num_workers=2, persistent_workers=True)
    return raw_batches(loader)


@peer("TensorStore, portable store")
def tensorstore(work):
    import numpy as np
    import tensorstore as ts
    import torch

    normalized = normalizer()
    array = ts.open({"driver": "zarr3", "kvstore": {
        "driver": "file", "path": str(work.portable / "train/image")}}).result()
    while True:
        order = np.random.permutation(array.shape[0])
        ahead = []
        for start in range(0, len(order), BATCH):
            ahead.append(array[np.sort(order[start:start + BATCH])].read())
            if len(ahead) > 2:
                yield normalized(torch.from_numpy(ahead.pop(0).result()))
        for future in ahead:
            yield normalized(torch.from_numpy(future.result()))
        yield None


@peer("zarr-python, our codec")
def zarr_python(work):
    import numpy as np
    import torch
    import zarr

    normalized = normalizer()
    zarr.config.set({"codec_pipeline.batch_size": 128})
    array = zarr.open_group(work.predictive, mode="r")["train/image"]
    while True:
        order = np.random.permutation(array.shape[0])
        for start in range(0, len(order), BATCH):
            index = np.sort(order[start:start + BATCH])
            yield normalized(torch.from_numpy(array.oindex[index]))
        yield None


def to_tar(work):
    import webdataset

    with webdataset.ShardWriter(f"{work / 'shard'}-%04d.tar", maxcount=1000, verbose=0) as sink:
        for number, image in enumerate(work.images()):
            sink.write({"__key__": f"{number:08}", "rgb": image.tobytes()})


@peer("WebDataset, raw pixels, two workers", to_tar)
def web(work):
    import numpy as np
    import torch
    import webdataset

    shape = (3, work.size, work.size)
    data = webdataset.WebDataset(
        sorted(map(str, work.folder.glob("shard-*.tar"))), shardshuffle=100).shuffle(1000).map(
        lambda sample: torch.from_numpy(np.frombuffer(sample["rgb"], np.uint8).reshape(shape).copy()))
    loader = torch.utils.data.DataLoader(
        data, batch_size=BATCH, num_workers=2, persistent_workers=True)
    return raw_batches(loader)


def to_mds(work):
    from streaming import MDSWriter

    shape = ",".join(map(str, (3, work.size, work.size)))
    with MDSWriter(out=str(work / "mds"), columns={"image": f"ndarray:uint8:{shape}"}) as sink:
        for image in work.images():
            sink.write({"image": image})


@peer("MosaicML Streaming, raw pixels, two workers", to_mds)
def mosaic(work):
    import torch
    from streaming import StreamingDataset

    class Copied(StreamingDataset):
        def __getitem__(self, index):
            return torch.from_numpy(super().__getitem__(index)["image"].copy())

    data = Copied(local=str(work / "mds"), shuffle=True, batch_size=BATCH)
    return raw_batches(torch.utils.data.DataLoader(
        data, batch_size=BATCH, num_workers=2, persistent_workers=True))


def to_lit(work):
    import torch
    from litdata.streaming.cache import Cache

    cache = Cache(str(work / "lit"), chunk_bytes="64MB")
    for number, image in enumerate(torch.from_numpy(work.images())):
        cache[number] = image
    cache.done()
    cache.merge()


@peer("LitData, raw pixels, two workers", to_lit)
def lit(work):
    from litdata import StreamingDataLoader, StreamingDataset

    data = StreamingDataset(str(work / "lit"), shuffle=True)
    return raw_batches(StreamingDataLoader(
        data, batch_size=BATCH, num_workers=2, persistent_workers=True))
