"""The built programs, for tests that run them: .build/release, or the folder HYDRANET_PROGRAMS."""
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("HYDRANET_PROGRAMS", ROOT / ".build/release"))


def shell(command, folder):
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-e", "-c", command], cwd=folder, text=True,
                          capture_output=True, env={**os.environ, "PATH": path})
    assert done.returncode == 0, f"{command}\n{done.stderr}"
