"""Makes a virtual environment for every peer of run.py, as they do not all agree on versions.

    make wheel
    python Benchmarks/loaders/install.py --wheel dist/hydranet-*.whl [--only ffcv --only dali]

Each gets PyTorch, Pillow, and what peers.py names; 0.6 GB and more apiece with the CPU build, which pip
finds by PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu. One that does not install is
named, and run.py leaves its peers out.
"""
import argparse
import subprocess
import sys
from pathlib import Path

from peers import ENVIRONMENTS


def install(folder, packages):
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "-q", *packages], check=True)
    (folder / "ready").touch()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", required=True)
    parser.add_argument("--only", action="append", choices=ENVIRONMENTS)
    parser.add_argument("--torch", default="torch==2.13.0", help="what pip installs as PyTorch")
    parser.add_argument("--environments", type=Path, default=Path("data/bench/loader-environments"))
    options = parser.parse_args()
    failed = []
    for name in options.only or ENVIRONMENTS:
        folder = options.environments / name
        if (folder / "ready").exists():
            continue
        packages = [options.torch, "numpy", "pillow", *ENVIRONMENTS[name]]
        if name == "hydranet":
            packages.append(options.wheel)
        try:
            install(folder, packages)
        except subprocess.CalledProcessError:
            failed.append(name)
    if failed:
        sys.exit(f"not installed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
