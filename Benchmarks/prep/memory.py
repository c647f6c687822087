"""Bar 5: peak resident memory of a build, and of one with ten times the images."""

from harness import Bench, fresh, link

_MEGABYTE = 1e6
# Runs of the same build differ by as much, by when threads meet.
_NOISE = 1.05


def tenfold(bench):
    """A folder that has every file of the source ten times, as hard links."""
    folder = fresh(bench.work / "tenfold")
    for copy in range(10):
        (folder / str(copy)).mkdir(parents=True)
        for path in bench.source.iterdir():
            link(path, folder / str(copy) / path.name)
    return folder


def memory(bench: Bench):
    source = {1: bench.source, 10: tenfold(bench)}
    for size in (32, 200):
        peak = {}
        for times in (1, 10) if size == 32 else (1,):
            output = fresh(bench.work / f"memory-{times}")
            # Three threads as well as the default, since each has buffers of its own.
            done = bench.build(output, "--size", size, "--duplicates", "ignore",
                               source=source[times])
            peak[times] = done.peak_bytes
            images = done.json["accepted"]
            bench.add(f"peak memory of a build at {size}, {images:,} images",
                      f"{peak[times] / _MEGABYTE:.0f} MB", "below 250 MB",
                      peak[times] < 250 * _MEGABYTE)
            fresh(output)
        if 10 in peak:
            growth = peak[10] / peak[1]
            bench.add("peak memory, ten times the images over one", f"{growth:.2f} x",
                      f"at most {_NOISE} x", growth <= _NOISE)
    fresh(source[10])
