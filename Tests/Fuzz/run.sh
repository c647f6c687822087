#!/usr/bin/env bash
# run.sh PROGRAM SECONDS: fuzzes every parser for so long, from the tests' own files. A crash, a
# second without an answer or a gigabyte of memory ends it with the input kept in .build-fuzz.
set -euo pipefail
program=$(realpath "$1") seconds=$2
cd "$(dirname "$0")/.."
seeds() {
  case $1 in
    image) ls ImagesTests/Golden/*.jpg ImagesTests/Golden/*.png ;;
    weights) ls WeightFilesTests/Golden/*.pth WeightFilesTests/Golden/*.safetensors ;;
    pipeline) ls ../pipelines/*.yaml ;;
    metadata | json) ls StoreTests/Golden/version1/zarr.json ;;
    *) ls Fuzz/Seeds/"$1"/* 2>/dev/null || true ;;
  esac
}
for parser in $("$program" 2>&1 | sed -n 's/.*parsers: //p' | tr -d ,); do
  corpus=../.build-fuzz/corpus/$parser
  mkdir -p "$corpus"
  for file in $(seeds "$parser"); do cp "$file" "$corpus/"; done
  echo "fuzzing $parser for $seconds s"
  "$program" "$parser" -max_total_time="$seconds" -timeout=1 -rss_limit_mb=1024 -print_final_stats=1 \
    -max_len=65536 -artifact_prefix="../.build-fuzz/$parser-" "$corpus" >"../.build-fuzz/$parser.log" 2>&1 ||
    { tail -40 "../.build-fuzz/$parser.log"; exit 1; }
  sed -n 's/^stat::\(number_of_executed_units\|peak_rss_mb\): */  \1 /p' "../.build-fuzz/$parser.log"
done
