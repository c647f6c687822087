"""Bar 3: how much smaller than the raw pixels a store is, every file of it counted."""

import zarr

from harness import Bench, size_on_disk


def size(bench: Bench):
    for edge, bar in ((32, 1.55), (200, 2.7)):
        for codec in ("predictive", "portable"):
            path = bench.store(edge, codec)
            group = zarr.open_group(str(path), mode="r")
            raw = sum(group[f"{split}/image"].nbytes for split, _ in group.groups())
            ratio = raw / size_on_disk(path)
            what = f"raw pixels over the {codec} store at {edge}"
            if codec == "predictive":
                bench.at_least(what, ratio, bar, " x")
            else:
                bench.add(what, f"{ratio:.2f} x")
