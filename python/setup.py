"""Builds libhydranet.so into the package, and tags the wheel by the glibc that it needs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        library = Path(self.build_lib).resolve() / "hydranet" / "libhydranet.so"
        built = os.environ.get("HYDRANET_LIBRARY")
        if built:
            shutil.copy(built, library)
        else:
            subprocess.run([HERE / "build_library.sh", library], check=True)


class NativeDistribution(Distribution):
    # setuptools sees no extension here, and would put everything into `purelib`, where auditwheel
    # does not accept a library.
    def has_ext_modules(self):
        return True


class NativeWheel(bdist_wheel):
    def get_tag(self):
        library = next(Path(self.bdist_dir).rglob("libhydranet.so"))
        # The newest symbol version that the library asks glibc for is the oldest glibc it runs on.
        needed = max(int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", library.read_bytes()))
        return "py3", "none", f"manylinux_2_{needed}_x86_64"


setup(
    distclass=NativeDistribution,
    cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": NativeWheel})
