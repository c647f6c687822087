"""Bar 7: kills, full disks and flipped bytes.

Kills: a build is ended by SIGKILL at a random moment, then run again; the store must be the same,
byte for byte, as that of an undisturbed build, and nothing else may lie beside it. One kill in
three hits the rerun as well, one in three a build that replaces an older store, and half of all
moments are chosen near the end, where the store takes its name. A build that ends before its
moment does not count.
"""

import os
import random
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import Bench, clock, fresh, kill_after, limit_file_size, tree_bytes

_ARGUMENTS = ["--samples-per-shard", "512"]


def _command(bench, output, *arguments):
    return [bench.program, "build", str(bench.source), "--output", str(output), *_ARGUMENTS,
            *map(str, arguments)]


def _rerun(bench, output, *arguments):
    done = subprocess.run(_command(bench, output, *arguments), capture_output=True, text=True)
    return "" if done.returncode == 0 else f"rerun ended with {done.returncode}: {done.stderr}"


class Kills:
    def __init__(self, bench, seed):
        self.bench, self.random = bench, random.Random(seed)
        self.folder = fresh(bench.work / "kills")
        self.folder.mkdir()
        self.output = self.folder / "store"
        start = clock()
        problem = _rerun(bench, self.output)
        if problem:
            raise SystemExit(problem)
        self.seconds = clock() - start
        self.expected = tree_bytes(self.folder)
        # What a replacing build starts from: another seed's store.
        self.older = bench.work / "kills-older"
        fresh(self.older)
        subprocess.run(_command(bench, self.older, "--seed", 7, "--force"), check=True,
                       capture_output=True)
        self.older_bytes = tree_bytes(self.older)
        self.hit = 0

    def moment(self):
        """Uniform over the build, or over its last tenth."""
        if self.random.random() < 0.5:
            return self.random.uniform(0, self.seconds)
        return self.random.uniform(0.9 * self.seconds, 1.03 * self.seconds)

    def kill(self, *arguments):
        arguments = [*arguments, "--threads", self.random.choice([1, 2, 3])]
        process = subprocess.Popen(
            _command(self.bench, self.output, *arguments), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.hit += kill_after(process, self.moment())

    def visible(self, older=None):
        """What stands under the store's name now must be whole: the store or the older one."""
        if not self.output.exists():
            return "" if older is None else "the older store is gone"
        now = tree_bytes(self.output)
        whole = {path[len("store/"):]: content for path, content in self.expected.items()
                 if path.startswith("store/")}
        return "" if now in (whole, older) else "something else than a whole store is visible"

    def trial(self, number):
        fresh(self.folder)
        self.folder.mkdir()
        arguments, older = [], None
        if number % 3 == 2:
            shutil.copytree(self.older, self.output)
            arguments, older = ["--force"], self.older_bytes
        self.kill(*arguments)
        problem = self.visible(older)
        if not problem and number % 3 == 1:
            self.kill(*arguments)
            problem = self.visible(older)
        problem = problem or _rerun(self.bench, self.output, *arguments)
        if not problem and tree_bytes(self.folder) != self.expected:
            problem = "differs from an undisturbed build: " + _difference(
                tree_bytes(self.folder), self.expected)
        return problem


def _difference(got, expected):
    paths = [path for path in sorted({*got, *expected})
             if (path in got) != (path in expected) or got[path] != expected[path]]
    return ", ".join(paths[:5]) + (" …" if len(paths) > 5 else "")


def kills(bench: Bench, count=100, seed=1):
    trials = Kills(bench, seed)
    problems, number = [], 0
    while trials.hit < count and number < 5 * count:
        if problem := trials.trial(number):
            problems.append(problem)
        number += 1
    for problem in problems[:5]:
        print(f"  {problem}", flush=True)
    bench.add(f"{trials.hit} SIGKILLs that hit, in {number} builds; each rerun equal to undisturbed",
              f"{number - len(problems)} of {number}", "all",
              not problems and trials.hit >= count)
    fresh(trials.folder)
    fresh(trials.older)
    fresh(Path(f"{trials.older}.rejects.jsonl"))


def _refusal(done, output):
    """What is wrong with how a build that had no room ended."""
    lines = done.stderr.strip().splitlines()
    if done.returncode != 1:
        return f"ended with {done.returncode}, expected 1: {done.stderr}"
    if len(lines) != 1 or not any(
            reason in lines[0] for reason in ("No space left", "File too large")):
        return f"expected one sentence that says why, got {lines}"
    return "a store is visible" if output.exists() else ""


def full_disk(bench: Bench):
    undisturbed = fresh(bench.work / "undisturbed")
    if problem := _rerun(bench, undisturbed):
        raise SystemExit(problem)
    expected = tree_bytes(undisturbed)
    shard = max(path.stat().st_size for path in undisturbed.rglob("*") if path.is_file())

    problems = []
    limits = [0, 100, 4096, shard // 10, shard // 2, shard - 1]
    for limit in limits:
        output = bench.work / "limited"
        for path in bench.work.glob("limited*"):
            fresh(path)
        done = subprocess.run(
            _command(bench, output), capture_output=True, text=True,
            preexec_fn=limit_file_size(limit))
        problem = _refusal(done, output) or _rerun(bench, output)
        if not problem and tree_bytes(output) != expected:
            problem = "the rerun's store differs"
        if problem:
            problems.append(f"file size limit {limit}: {problem}")
    bench.add("file-size limits: one sentence, nothing visible, rerun whole",
              f"{len(limits) - len(problems)} of {len(limits)}", "all", not problems)
    for path in bench.work.glob("limited*"):
        fresh(path)

    total = sum(len(content) for content in expected.values() if content)
    if os.geteuid() == 0:
        _tmpfs(bench, expected, total, problems)
    else:
        bench.add("small tmpfs", "not tried", "needs root to mount one")
    for problem in problems:
        print(f"  {problem}", flush=True)
    fresh(undisturbed)
    fresh(Path(f"{undisturbed}.rejects.jsonl"))


def _tmpfs(bench, expected, total, problems):
    mount = bench.work / "tmpfs"
    mount.mkdir(exist_ok=True)
    shares = [0.01, 0.1, 0.5, 0.9, 0.97, 0.999]
    before = len(problems)
    for share in shares:
        size = max(8192, int(total * share))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "utk-prep", str(mount)],
                       check=True)
        try:
            output = mount / "store"
            done = subprocess.run(_command(bench, output), capture_output=True, text=True)
            problem = _refusal(done, output)
            subprocess.run(["mount", "-o", f"remount,size={2 * total}", str(mount)], check=True)
            problem = problem or _rerun(bench, output)
            if not problem and tree_bytes(output) != expected:
                problem = "the rerun's store differs"
            if problem:
                problems.append(f"tmpfs of {size} bytes: {problem}")
        except subprocess.CalledProcessError as error:
            problems.append(f"tmpfs of {size} bytes: {error}")
        finally:
            subprocess.run(["umount", str(mount)], check=True)
    failed = len(problems) - before
    bench.add("full tmpfs: one sentence, nothing visible, rerun whole",
              f"{len(shares) - failed} of {len(shares)}", "all", not failed)
    mount.rmdir()


def flips(bench: Bench, count=1000, seed=1):
    """Half of the flips choose a file first, so that small ones get their share."""
    original = fresh(bench.work / "flips")
    bench.build(original, *_ARGUMENTS, source=bench.subset(2000))
    files = sorted(str(path.relative_to(original)) for path in original.rglob("*")
                   if path.is_file())
    sizes = [(original / path).stat().st_size for path in files]
    choice = random.Random(seed)

    def trial(number):
        file = choice.choice(files) if number % 2 else choice.choices(files, sizes)[0]
        byte = choice.randrange((original / file).stat().st_size)
        change = 1 << choice.randrange(8) if number % 4 < 2 else choice.randrange(1, 256)
        return file, byte, change

    trials = [trial(number) for number in range(count)]
    workers = os.cpu_count() or 1

    def work(worker):
        store = fresh(bench.work / f"flips-{worker}")
        shutil.copytree(original, store)
        missed = []
        for file, byte, change in trials[worker::workers]:
            with open(store / file, "r+b") as stream:
                stream.seek(byte)
                old = stream.read(1)[0]
                stream.seek(byte)
                stream.write(bytes([old ^ change]))
            done = subprocess.run([bench.program, "verify", str(store)], capture_output=True,
                                  text=True, errors="replace")
            if done.returncode != 2 or file not in done.stdout:
                missed.append(f"{file} byte {byte} ^ {change}: exit {done.returncode}, "
                              f"{done.stdout.strip()[:200]}{done.stderr.strip()[:200]}")
            with open(store / file, "r+b") as stream:
                stream.seek(byte)
                stream.write(bytes([old]))
        done = subprocess.run([bench.program, "verify", str(store)], capture_output=True, text=True)
        if done.returncode != 0:
            missed.append(f"the store with all bytes put back: {done.stdout}{done.stderr}")
        fresh(store)
        return missed

    with ThreadPoolExecutor(workers) as pool:
        missed = [line for lines in pool.map(work, range(workers)) for line in lines]
    for line in missed[:5]:
        print(f"  {line}", flush=True)
    bench.add(f"single-byte flips found by verify, in {len(files)} files",
              f"{count - len(missed)} of {count}", "all, with the file named", not missed)
    fresh(original)
    fresh(Path(f"{original}.rejects.jsonl"))
