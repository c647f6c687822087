"""A source that fails or changes while it is read.

A read error, and a photograph that is replaced, truncated or removed, each at a random moment of a
build of drawn faces. The build either ends with the store of the folder as it was before or after,
or with one sentence and nothing visible; then the next one makes the store of the folder as it is.
"""

import os
import random
import shutil
import subprocess
from pathlib import Path

from harness import Bench, clock, fresh, tree_bytes

_FACES = 400
_ARGUMENTS = ["--samples-per-shard", "128"]


class Trials:
    def __init__(self, bench, seed):
        self.bench, self.random = bench, random.Random(seed)
        self.folder = fresh(bench.work / "source-faults")
        self.folder.mkdir()
        self.drawn = self.folder / "drawn"
        bench.run("synth", "--output", self.drawn, "--count", _FACES, "--seed", seed)
        self.names = sorted(path.name for path in self.drawn.iterdir() if path.suffix == ".jpg")
        self.source, self.output = self.folder / "faces", self.folder / "store"
        self.shim = self.folder / "failing_reads.so"
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", self.shim,
                        Path(__file__).with_name("failing_reads.c"), "-ldl"], check=True)
        start = clock()
        self.before = self.clean(self.drawn)
        self.seconds = clock() - start
        self.ends = {}

    def command(self, source, output, *arguments):
        return [self.bench.program, "build", str(source), "--output", str(output), *_ARGUMENTS,
                *map(str, arguments)]

    def result(self, output):
        """The store, and the list of rejects beside it."""
        return tree_bytes(output), Path(f"{output}.rejects.jsonl").read_bytes()

    def clean(self, source):
        output = fresh(self.folder / "clean")
        done = subprocess.run(self.command(source, output), capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"an undisturbed build ended with {done.returncode}: {done.stderr}")
        result = self.result(output)
        fresh(output)
        return result

    def replace(self, path):
        """By another photograph, in one step or in place."""
        other = (self.drawn / self.random.choice(self.names)).read_bytes()
        if self.random.random() < 0.5:
            path.write_bytes(other)
        else:
            new = self.folder / "new.jpg"
            new.write_bytes(other)
            os.replace(new, path)

    def truncate(self, path):
        os.truncate(path, self.random.randrange(path.stat().st_size))

    def disturbed(self, kind):
        """A build with a fault in it: how it ended, or None where it ended before."""
        threads = self.random.choice([1, 2, 3])
        command = self.command(self.source, self.output, "--threads", threads)
        environment = dict(os.environ)
        mark = fresh(self.folder / "mark")
        if kind == "read error":
            # A file has an open and two reads.
            environment |= {
                "LD_PRELOAD": str(self.shim), "FAULT_FOLDER": str(self.source),
                "FAULT_CALL": str(self.random.randrange(1, 3 * len(self.names))),
                "FAULT_MARK": str(mark)}
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True, env=environment)
        was_running = True
        if kind != "read error":
            try:
                process.wait(self.random.uniform(0, self.seconds))
                was_running = False
            except subprocess.TimeoutExpired:
                path = self.source / self.random.choice(self.names)
                {"replaced": self.replace, "truncated": self.truncate, "removed": os.remove}[kind](path)
        errors = process.communicate()[1]
        if not was_running or kind == "read error" and not mark.exists():
            return None
        return process.returncode, errors

    def trial(self, kind):
        """What is wrong; None where there was no fault."""
        fresh(self.source)
        for path in self.folder.glob("store*"):
            fresh(path)
        shutil.copytree(self.drawn, self.source)
        ended = self.disturbed(kind)
        if ended is None:
            return None
        code, errors = ended
        after = self.before if kind == "read error" else self.clean(self.source)
        problem = ""
        if code == 0:
            got = self.result(self.output)
            end = "before" if got == self.before else "after" if got == after else "wrong"
            if end == "wrong":
                problem = "a store that is neither that of the folder before nor after"
        else:
            end = "sentence"
            if code != 1 or len(errors.strip().splitlines()) != 1:
                problem = f"ended with {code}, expected 1 and one sentence: {errors}"
            elif self.output.exists():
                problem = "a store is visible after an error"
        self.ends[kind, end] = self.ends.get((kind, end), 0) + 1
        again = subprocess.run(self.command(self.source, self.output, "--force"),
                               capture_output=True, text=True)
        if again.returncode != 0:
            return problem or f"rerun ended with {again.returncode}: {again.stderr}"
        if self.result(self.output) != after:
            return problem or "the rerun's store differs from an undisturbed build's"
        verified = subprocess.run([self.bench.program, "verify", str(self.output)],
                                  capture_output=True, text=True)
        return problem or ("" if verified.returncode == 0 else f"verify: {verified.stdout}")


def source_faults(bench: Bench, count=50, seed=1):
    trials = Trials(bench, seed)
    for kind in ("read error", "replaced", "truncated", "removed"):
        problems, hit, tried = [], 0, 0
        while hit < count and tried < 5 * count:
            problem = trials.trial(kind)
            tried += 1
            if problem is None:
                continue
            hit += 1
            if problem:
                problems.append(problem)
        for problem in problems[:5]:
            print(f"  {problem}", flush=True)
        ends = ", ".join(f"{number} {end}" for (of, end), number in sorted(trials.ends.items())
                         if of == kind)
        bench.add(f"{kind}: a right store or a sentence, rerun whole ({ends})",
                  f"{hit - len(problems)} of {hit}", "all", not problems and hit >= count)
    fresh(trials.folder)
