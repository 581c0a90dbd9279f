#!/bin/sh
# Runs a command in some agents of the repository it is called in, and puts their commits on branches of their own:
#   examples/run.sh 3 proof -- ./scripts/work-on-task
# DEVKIT names another devkit than the one on PATH.
set -u

count=$1
out=$2
shift 2
[ "$1" != "--" ] || shift
devkit=${DEVKIT:-devkit}

$devkit run --agents "$count" --timeout 30m --out "$out" -- "$@"
code=$?

# Whatever happened: nothing of a run stays.
$devkit run --reap

# Each agent's commits are on branches below agent/, as it made them.
for bundle in "$out"/agents/*/commits.bundle; do
  [ -e "$bundle" ] || continue
  git fetch --quiet "$bundle" 'refs/heads/*:refs/heads/*' && echo "Fetched: $bundle"
done
exit "$code"
