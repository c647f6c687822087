"""Stops a training at random steps and resumes it: the weights must be those of a run that was
never stopped, bit by bit.

Half of the stops are SIGINT, after which the run saves where it is; the others are SIGKILL, after
which it goes on from the last checkpoint. Every resumed run has another number of threads.
"""
import json
import signal
import subprocess
import time

from harness import fresh

_FILES = ["last.safetensors", "best.safetensors"]


def _train(bench, *arguments):
    return subprocess.Popen(
        [bench.program, "train", *map(str, arguments)], stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)


def _weights(run):
    return [(run / name).read_bytes() for name in _FILES]


def _epochs(run):
    """What the log says of every epoch, without the figures of speed."""
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    timed = {"images_per_second", "data_wait", "seconds"}
    return [{part: {key: value for key, value in content.items() if key not in timed}
             if isinstance(content, dict) else content
             for part, content in record.items() if part not in timed} for record in records]


def _trial(bench, recipe, run, seconds, by_interrupt, random):
    fresh(run)
    options = [*recipe, "--output", run, "--checkpoint-every", random.randint(3, 30)]
    process = _train(bench, *options, "--threads", random.choice([1, 2]))
    begin = time.perf_counter()
    while not (run / "checkpoint.safetensors").exists() and process.poll() is None:
        time.sleep(0.005)
    time.sleep(max(0, random.uniform(0, 0.9 * seconds) - (time.perf_counter() - begin)))
    if process.poll() is not None:
        return None, "ended before it was stopped"
    process.send_signal(signal.SIGINT if by_interrupt else signal.SIGKILL)
    message = process.communicate()[1]
    if by_interrupt and "--resume" not in message:
        return True, f"Ctrl-C did not say how to go on: {message}"
    resumed = _train(bench, "--resume", run, "--threads", random.choice([1, 2, 3]), "--no-report")
    message = resumed.communicate()[1]
    return True, "" if resumed.returncode == 0 else f"resuming failed: {message}"


def stops(bench, options):
    run, whole = bench.work / "stopped", fresh(bench.work / "whole")
    recipe = ["--pipeline", options.pipeline, "--shards", options.shards, "--epochs", 2,
              "--batch-size", 64, "--balance", "uncertainty", "--ema", 0.99, "--no-report"]
    begin = time.perf_counter()
    process = _train(bench, *recipe, "--output", whole)
    if process.wait() != 0:
        raise SystemExit(process.stderr.read())
    seconds = time.perf_counter() - begin
    equal, stopped, problems = 0, 0, []
    while stopped < options.count and len(problems) < options.count:
        hit, problem = _trial(
            bench, recipe, run, seconds, stopped % 2 == 0, options.random)
        if not hit:
            continue
        stopped += 1
        if not problem and _weights(run) != _weights(whole):
            problem = "the weights differ"
        if not problem and _epochs(run) != _epochs(whole):
            problem = "the figures of the epochs differ"
        if problem:
            problems.append(problem)
            print(f"  {problem}", flush=True)
        equal += not problem
    bench.add(f"{stopped} random stops, resumed: weights and figures equal", f"{equal} of {stopped}",
              "all", equal == stopped)
    fresh(run)
