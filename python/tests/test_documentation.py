"""Runs docs/python.md from top to bottom, as a reader would, on a small set of drawn faces.

The programs are taken from .build/release, or from the folder in HYDRANET_PROGRAMS.
"""
import re

import pytest
from programs import PROGRAMS, ROOT, shell


def blocks(text):
    """(language, words after it, code, line) of every fenced block."""
    for match in re.finditer(r"^```(\w+)([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match[1], match[2].split(), match[3], text.count("\n", 0, match.start()) + 1


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """What `make run` leaves behind on drawn faces, but smaller."""
    assert (PROGRAMS / "hydra-train").exists(), f"no programs in {PROGRAMS}: make build"
    recipe = ROOT / "pipelines/drawn.yaml"
    shell("utk-prep synth --output data/raw/drawn --count 600 --seed 1", tmp_path)
    shell(f"utk-prep build --pipeline '{recipe}'", tmp_path)
    shell(f"hydra-train --pipeline '{recipe}' --epochs 2 --no-report", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_everything_that_is_shown_runs(folder):
    page = ROOT / "docs/python.md"
    names, count = {"__name__": "documentation"}, 0
    for language, words, code, line in blocks(page.read_text()):
        if "skip" in words:
            continue
        if language == "sh":
            shell(code, folder)
        elif language == "python":
            # Blank lines before the code make line numbers of errors those of the page.
            exec(compile("\n" * line + code, str(page), "exec"), names)
        count += 1
    assert count > 10
