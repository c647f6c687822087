"""Bar 6: decoding random samples from a memory-mapped store."""

import numpy as np
import tensorstore

from harness import Bench, clock, median


def by_tensorstore(path, seconds=2.0):
    """Random samples a second of the portable store, 64 at a time, on all cores."""
    spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": f"{path}/train/image/"}}
    array = tensorstore.open(spec, read=True).result()
    order = np.random.default_rng(0).permutation(array.shape[0])
    start, count = clock(), 0
    while clock() - start < seconds:
        at = count % (len(order) - 64)
        array[order[at:at + 64]].read().result()
        count += 64
    return count / (clock() - start)


def access(bench: Bench, rounds=3):
    small, large = bench.store(32, "predictive"), bench.store(200, "predictive")
    peers = {size: bench.store(size, "portable") for size in (32, 200)}
    rate, bandwidth, one, peer = [], [], [], {32: [], 200: []}
    for _ in range(rounds):
        rate.append(
            bench.run("bench", small, "--threads", 2, "--json").json["samples_per_second"])
        one.append(bench.run("bench", large, "--threads", 1, "--json").json)
        for size, path in peers.items():
            peer[size].append(by_tensorstore(path))
    bandwidth = [run["bytes_per_second"] / 1e9 for run in one]
    bench.add("TensorStore, portable, random samples at 32", f"{median(peer[32]):,.0f} samples/s")
    bench.add("TensorStore, portable, random samples at 200", f"{median(peer[200]):,.0f} samples/s")
    bench.add("random samples at 200, one core",
              f"{median(run['samples_per_second'] for run in one):,.0f} samples/s")
    bench.at_least("random samples at 200, pixels a second, one core", median(bandwidth), 0.8,
                   " GB/s")
    bench.at_least("random samples at 32, two cores", median(rate), 400_000, " samples/s")
