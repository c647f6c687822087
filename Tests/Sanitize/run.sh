#!/usr/bin/env bash
# run.sh PROGRAMS: both programs end to end, on drawn faces, as built with a sanitizer. The first
# report of the sanitizer ends it.
set -euo pipefail
programs=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export ASAN_OPTIONS=detect_leaks=0:halt_on_error=1 TSAN_OPTIONS=halt_on_error=1
prep() { "$programs/utk-prep" "$@" >out 2>err || { tail -n 40 err; echo "utk-prep $*: failed"; exit 1; }; }
train() { "$programs/hydra-train" "$@" >out 2>err || { tail -n 40 err; echo "hydra-train $*: failed"; exit 1; }; }

prep synth --output faces --count 96 --seed 1
prep build faces --output store --threads 3
prep build faces --output store --seed 7 --threads 3 --force
prep build faces --output portable --codec portable
prep verify store --pixels faces
prep stats store --json
prep sample store --output grid.png --count 9
train --shards store --output run --epochs 2 --batch-size 16 --threads 3
train --shards store --output mtan --epochs 1 --batch-size 16 --model mtan --balance gradnorm
train --shards store --output pcgrad --epochs 1 --batch-size 16 --balance pcgrad --cache 10
train evaluate --shards store --weights run/best.safetensors --json
# Drawn folders hold damaged files on purpose, which predict names, with exit code 1.
"$programs/hydra-train" predict --weights run/best.safetensors faces --json >out 2>err || grep -q truncated err
train export --weights run/best.safetensors --format onnx --output model.onnx
train inspect run/best.safetensors
train compare run mtan --output compare.html
echo "both programs end to end: the sanitizer is silent"
