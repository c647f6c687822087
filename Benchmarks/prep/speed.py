"""Bar 4: images a second of a build at 32 pixels, between its peer and its ceiling."""

import subprocess
import sys
from pathlib import Path

from harness import Bench, fresh, median

_LOADER = Path(__file__).with_name("torch_loader.py")


def speed(bench: Bench, rounds=3):
    for path in bench.source.iterdir():
        path.read_bytes()  # All rounds find the files in memory.
    loader, decode, inside, whole = [], [], [], []
    for _ in range(rounds):
        text = subprocess.run(
            [sys.executable, str(_LOADER), str(bench.source), "--workers", "2"],
            capture_output=True, text=True, check=True).stdout
        loader.append(float(text.split()[-1]))
        output = fresh(bench.work / "speed")
        done = bench.build(output)
        inside.append(done.json["images_per_second"])
        whole.append(done.json["accepted"] / done.seconds)
        decode.append(
            bench.run("bench", bench.source, "--json").json["decode_only_images_per_second"])
    fresh(output)
    bench.add("DataLoader with 2 workers", f"{median(loader):,.0f} images/s")
    bench.add("libjpeg-turbo decode only, all cores", f"{median(decode):,.0f} images/s")
    bench.add("build, as it says", f"{median(inside):,.0f} images/s")
    bench.add("build, from start to exit of the program", f"{median(whole):,.0f} images/s")
    bench.at_least("build over DataLoader", median(whole) / median(loader), 2.2, " x")
    bench.at_least("build over decode only", 100 * median(whole) / median(decode), 60, " %")
