"""The loaders compared: each yields shuffled batches of float32 [64, 3, S, S], normalized as for
ImageNet, as tensors of PyTorch.

A peer reads what a conversion has written, once, from the decoded pixels; `batches(work)` is
endless, with None after every epoch. What a peer needs is imported in its functions, for it lies
in an environment of its own, and the time of that can be told.
"""
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

BATCH = 64
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
THREADS = 2

# What pip installs in every environment, beside PyTorch and Pillow. FFCV is built from source: it
# needs libopencv-dev, libturbojpeg0-dev, pkg-config and g++, and cv2 of PyPI needs libgl1.
ENVIRONMENTS = {
    "hydranet": ["zarr"],  # and the wheel
    "torch": [],
    "ffcv": ["ffcv"],
    "dali": ["nvidia-dali-cuda120"],
    "streaming": ["mosaicml-streaming"],
    "litdata": ["litdata"],
    "webdataset": ["webdataset"],
    "datasets": ["datasets"],
    "tensorstore": ["tensorstore"],
}


class Work:
    """A folder for one image size: photographs, stores, and what was made of them."""

    def __init__(self, folder, size):
        self.size = size
        self.folder = Path(folder) / str(size)

    def __truediv__(self, name):
        return self.folder / name

    def images(self):
        """uint8 [N, 3, S, S], mapped."""
        import numpy as np

        return np.load(self / "npy/images.npy", mmap_mode="r")


class Conversion(NamedTuple):
    folder: str
    environment: str
    # Writes into the folder. None: utk-prep made it.
    make: Callable[[Work, Path], None] | None


class Peer(NamedTuple):
    name: str
    source: Conversion
    environment: str
    batches: Callable[[Work], Iterator[Any]]


PHOTOGRAPHS, PREDICTIVE, PORTABLE = (
    Conversion(folder, "", None) for folder in ("photographs", "predictive", "portable"))
CONVERSIONS: dict[str, Conversion] = {}
PEERS: dict[str, Peer] = {}


def conversion(folder, environment):
    def add(make):
        CONVERSIONS[folder] = Conversion(folder, environment, make)
        return CONVERSIONS[folder]

    return add


def peer(name, source, environment=None):
    def add(batches):
        PEERS[name] = Peer(name, source, environment or source.environment, batches)
        return batches

    return add


def normalizer():
    import torch

    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
    scale, shift = 1 / (255 * std), -mean / std
    # In place: no allocation but the result's.
    return lambda pixels: pixels.float().mul_(scale).add_(shift)


def epochs(loader, of=lambda batch: batch):
    while True:
        for batch in loader:
            yield of(batch)
        yield None


def raw_epochs(loader, of=lambda batch: batch):
    """Epochs of a loader that gives bytes."""
    normalized = normalizer()
    return epochs(loader, lambda batch: normalized(of(batch)))


def torch_loader(data, **options):
    """The `DataLoader` that PyTorch's documentation recommends, one worker a core."""
    import torch

    torch.set_num_threads(1)
    return torch.utils.data.DataLoader(
        data, num_workers=THREADS, persistent_workers=True,
        **{"batch_size": BATCH} | options)


def ours(work, cache_bytes):
    from hydranet.torch import ShardLoader

    with ShardLoader(work / "predictive", batch_size=BATCH, cache_bytes=cache_bytes) as loader:
        yield from epochs(loader, lambda batch: batch.image)


@peer("hydranet", PREDICTIVE, "hydranet")
def hydranet(work):
    return ours(work, 0)


@peer("hydranet, decoded pixels cached", PREDICTIVE, "hydranet")
def cached(work):
    return ours(work, 8 << 30)


@conversion("npy", "hydranet")
def npy(work, folder):
    import numpy as np
    from hydranet import Store

    np.save(folder / "images.npy", Store(work / "predictive")["train"].read())


@peer("NumPy memmap, two threads", npy, "torch")
def memmap(work):
    import numpy as np
    import torch

    normalized = normalizer()
    images = work.images()
    torch.set_num_threads(1)

    def load(index):
        return normalized(torch.from_numpy(images[index]))

    with ThreadPoolExecutor(THREADS) as pool:
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


@conversion("beton", "ffcv")
def beton(work, folder):
    import numpy as np
    from ffcv.fields import RGBImageField
    from ffcv.writer import DatasetWriter

    images = work.images()

    class Pixels:
        def __len__(self):
            return len(images)

        def __getitem__(self, index):
            return np.ascontiguousarray(images[index].transpose(1, 2, 0)),

    writer = DatasetWriter(
        str(folder / "train.beton"), {"image": RGBImageField(write_mode="raw")},
        num_workers=THREADS)
    writer.from_indexed_dataset(Pixels())


def ffcv(work, channels_last):
    """Raw pixels, from the page cache, by compiled operations: the fastest of its guides."""
    import numpy as np
    from ffcv.fields.decoders import SimpleRGBImageDecoder
    from ffcv.loader import Loader, OrderOption
    from ffcv.transforms import NormalizeImage, ToTensor, ToTorchImage

    mean, std = (255 * np.array(v) for v in (MEAN, STD))
    loader = Loader(
        str(work / "beton/train.beton"), batch_size=BATCH, num_workers=THREADS, os_cache=True,
        order=OrderOption.QUASI_RANDOM, drop_last=False, pipelines={"image": [
            SimpleRGBImageDecoder(), NormalizeImage(mean, std, np.float32), ToTensor(),
            ToTorchImage(channels_last=channels_last)]})
    return epochs(loader, lambda batch: batch[0])


@peer("FFCV, raw pixels, contiguous NCHW", beton)
def ffcv_contiguous(work):
    return ffcv(work, channels_last=False)


@peer("FFCV, raw pixels, channels-last view", beton)
def ffcv_channels_last(work):
    return ffcv(work, channels_last=True)


@conversion("npys", "dali")
def npys(work, folder):
    import numpy as np

    for number, image in enumerate(work.images()):
        np.save(folder / f"{number:08}.npy", image)


def dali(read):
    """Normalized batches of the images that a function reads and decodes, on the CPU alone."""
    from nvidia.dali import fn, pipeline_def, types
    from nvidia.dali.plugin.base_iterator import LastBatchPolicy
    from nvidia.dali.plugin.pytorch import DALIGenericIterator

    @pipeline_def(batch_size=BATCH, num_threads=THREADS, device_id=None)
    def pipeline():
        mean, std = ([255 * value for value in values] for values in (MEAN, STD))
        return fn.crop_mirror_normalize(
            read(fn, types), dtype=types.FLOAT, output_layout="CHW", mean=mean, std=std)

    loader = DALIGenericIterator(
        [pipeline()], ["image"], reader_name="reader", auto_reset=True,
        last_batch_policy=LastBatchPolicy.PARTIAL)
    return epochs(loader, lambda batch: batch[0]["image"])


@peer("DALI on the CPU, raw pixels", npys)
def dali_pixels(work):
    files = sorted(map(str, (work / "npys").iterdir()))
    return dali(lambda fn, types: fn.reshape(
        fn.readers.numpy(files=files, random_shuffle=True, name="reader"), layout="CHW"))


@peer("DALI on the CPU, JPEG", PHOTOGRAPHS, "dali")
def dali_jpeg(work):
    files = sorted(map(str, (work / "photographs").iterdir()))

    def read(fn, types):
        encoded, _ = fn.readers.file(files=files, random_shuffle=True, name="reader")
        images = fn.decoders.image(encoded, device="cpu", output_type=types.RGB)
        return fn.resize(images, size=(work.size, work.size))

    return dali(read)


@peer("torch DataLoader, JPEG, two workers", PHOTOGRAPHS, "torch")
def jpeg(work):
    import numpy as np
    import torch
    from PIL import Image

    class Photographs(torch.utils.data.Dataset):
        paths = sorted((work / "photographs").iterdir())

        def __len__(self):
            return len(self.paths)

        def __getitem__(self, index):
            image = Image.open(self.paths[index]).convert("RGB")
            if image.size != (work.size, work.size):
                image = image.resize((work.size, work.size), Image.BILINEAR)
            return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()

    return raw_epochs(torch_loader(Photographs(), shuffle=True))


@peer("TensorStore, portable store", PORTABLE, "tensorstore")
def tensorstore(work):
    import numpy as np
    import tensorstore as ts
    import torch

    normalized = normalizer()
    array = ts.open({"driver": "zarr3", "kvstore": {
        "driver": "file", "path": str(work / "portable/train/image")}}).result()
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


@peer("zarr-python, our codec", PREDICTIVE, "hydranet")
def zarr_python(work):
    import numpy as np
    import torch
    import zarr

    normalized = normalizer()
    zarr.config.set({"codec_pipeline.batch_size": 128})
    array = zarr.open_group(work / "predictive", mode="r")["train/image"]
    while True:
        order = np.random.permutation(array.shape[0])
        for start in range(0, len(order), BATCH):
            index = np.sort(order[start:start + BATCH])
            yield normalized(torch.from_numpy(array.oindex[index]))
        yield None


@conversion("tar", "webdataset")
def tar(work, folder):
    import webdataset

    with webdataset.ShardWriter(f"{folder}/shard-%04d.tar", maxcount=1000, verbose=0) as sink:
        for number, image in enumerate(work.images()):
            sink.write({"__key__": f"{number:08}", "rgb": image.tobytes()})


@peer("WebDataset, raw pixels, two workers", tar)
def web(work):
    import numpy as np
    import torch
    import webdataset

    shape = (3, work.size, work.size)
    data = webdataset.WebDataset(
        sorted(map(str, (work / "tar").iterdir())), shardshuffle=100).shuffle(1000).map(
        lambda sample: torch.from_numpy(
            np.frombuffer(sample["rgb"], np.uint8).reshape(shape).copy()))
    return raw_epochs(torch_loader(data))


@conversion("mds", "streaming")
def mds(work, folder):
    from streaming import MDSWriter

    shape = ",".join(map(str, (3, work.size, work.size)))
    with MDSWriter(
            out=str(folder), columns={"image": f"ndarray:uint8:{shape}"}, exist_ok=True) as sink:
        for image in work.images():
            sink.write({"image": image})


@peer("MosaicML Streaming, raw pixels, two workers", mds)
def mosaic(work):
    import torch
    from streaming import StreamingDataset

    class Copied(StreamingDataset):
        def __getitem__(self, index):
            return torch.from_numpy(super().__getitem__(index)["image"].copy())

    return raw_epochs(torch_loader(
        Copied(local=str(work / "mds"), shuffle=True, batch_size=BATCH)))


@conversion("lit", "litdata")
def lit(work, folder):
    import torch
    from litdata.streaming.cache import Cache

    cache = Cache(str(folder), chunk_bytes="64MB")
    for number, image in enumerate(work.images()):
        cache[number] = torch.from_numpy(image.copy())
    cache.done()
    cache.merge()


@peer("LitData, raw pixels, two workers", lit)
def litdata(work):
    import torch
    from litdata import StreamingDataLoader, StreamingDataset

    torch.set_num_threads(1)
    data = StreamingDataset(str(work / "lit"), shuffle=True)
    return raw_epochs(StreamingDataLoader(
        data, batch_size=BATCH, num_workers=THREADS, persistent_workers=True))


@conversion("arrow", "datasets")
def arrow(work, folder):
    import tempfile

    import numpy as np
    from datasets import Array3D, Dataset, Features

    def samples(path):
        for image in np.load(path, mmap_mode="r"):
            yield {"image": image}

    features = Features({"image": Array3D((3, work.size, work.size), "uint8")})
    with tempfile.TemporaryDirectory(dir=work.folder) as cache:
        Dataset.from_generator(
            samples, features, cache_dir=cache, gen_kwargs={"path": str(work / "npy/images.npy")},
        ).save_to_disk(folder)


@peer("Hugging Face datasets, raw pixels, two workers", arrow)
def hugging_face(work):
    from datasets import load_from_disk
    from torch.utils.data import BatchSampler, RandomSampler

    # A worker takes the samples of a batch together, as its documentation shows.
    data = load_from_disk(work / "arrow").with_format("torch")
    sampler = BatchSampler(RandomSampler(data), BATCH, drop_last=False)
    return raw_epochs(
        torch_loader(data, sampler=sampler, batch_size=None), lambda batch: batch["image"])
