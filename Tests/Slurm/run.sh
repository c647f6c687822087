#!/usr/bin/env bash
# run.sh UTK-PREP: a real Slurm of this one machine builds drawn faces in an array of 8, of which one
# task is killed; the missing part is submitted again, a merge waits for it, and the store is
# compared with that of one build. As root, on Debian or Ubuntu; all traffic stays on 127.0.0.1.
# Exit code 77 where this machine cannot run Slurm at all.
set -euo pipefail
prep=$(realpath "$1")
folder=$(mktemp -d)
state=$folder/slurm

finish() {
  for file in "$state/d.pid" "$state/ctl.pid" "$state/munged.pid"; do
    [ -s "$file" ] && kill "$(cat "$file")" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap finish EXIT
fail() { echo "$*"; tail -n 5 "$folder"/*.out "$state"/*.log 2>/dev/null; exit 1; }

skip() { echo "skipped, as Slurm cannot run here: $*"; tail -n 5 "$state"/*.log 2>/dev/null; exit 77; }

[ "$(id -u)" = 0 ] || skip "its services take root"
if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
  # The packages must not start services of their own.
  policy=/usr/sbin/policy-rc.d
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && made=1; }
  apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null ||
    installed=no
  [ -z "${made:-}" ] || rm -f $policy
  [ "${installed:-}" != no ] || skip "its packages cannot be installed"
fi

# A cluster of one node, under a key, ports and a configuration of its own.
host=$(hostname -s)
mkdir -p "$state/ctl" "$state/d" "$state/munge"
head -c 1024 /dev/urandom >"$state/munge.key"
chown -R munge:munge "$state/munge" "$state/munge.key"
chmod 755 "$folder" "$state" "$state/munge"
chmod 400 "$state/munge.key"
cat >"$state/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$state/munge/socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmctldPidFile=$state/ctl.pid
SlurmdPidFile=$state/d.pid
StateSaveLocation=$state/ctl
SlurmdSpoolDir=$state/d
SlurmctldLogFile=$state/ctl.log
SlurmdLogFile=$state/d.log
SlurmctldPort=26817
SlurmdPort=26818
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' >"$state/cgroup.conf"
export SLURM_CONF=$state/slurm.conf
runuser -u munge -- /usr/sbin/munged --key-file="$state/munge.key" --socket="$state/munge/socket" \
  --pid-file="$state/munge/munged.pid" --log-file="$state/munge/log" --seed-file="$state/munge/seed" ||
  skip "munged does not start"
ln -s munge/munged.pid "$state/munged.pid"
slurmctld -f "$SLURM_CONF" && slurmd -f "$SLURM_CONF" || skip "its services do not start"
for _ in $(seq 30); do sinfo -h -o %t 2>/dev/null | grep -q idle && break || sleep 1; done
sinfo -h -o %t | grep -q idle || skip "its node does not become idle"

cd "$folder"
"$prep" synth --output faces --count 1200 --seed 3 >/dev/null
"$prep" build faces --output one --size 64 >/dev/null

# Part 5 is killed as soon as it has begun, the first time that it runs.
cat >part.sh <<'JOB'
#!/bin/bash
if [ "$SLURM_ARRAY_TASK_ID" = 5 ] && mkdir killed 2>/dev/null; then
  "$PREP" build faces --part 5/8 --output store --size 64 --threads 1 &
  until [ -e store.parts/5-of-8/chunks ] || ! kill -0 $! 2>/dev/null; do :; done
  kill -9 $!
  rm -f store.parts/5-of-8/manifest.json
  exit 9
fi
exec "$PREP" build faces --part "$SLURM_ARRAY_TASK_ID/8" --output store --size 64 --threads 1
JOB
cat >merge.sh <<'JOB'
#!/bin/bash
exec "$PREP" merge --output store --size 64
JOB
export PREP=$prep
submit() { sbatch --parsable --output='%x-%A-%a.out' "$@"; }
# Waits for a job to leave the queue.
await() {
  for _ in $(seq 120); do [ -z "$(squeue -h -j "$1" 2>/dev/null)" ] && return || sleep 1; done
  fail "job $1 does not end"
}

await "$(submit --array=0-7 part.sh)"
missing=$("$prep" merge --output store --size 64 2>/dev/null) && fail "a merge without part 5 passed"
[ "$missing" = 5 ] || fail "expected that part 5 is missing, got: $missing"
retry=$(submit --array="$missing" part.sh)
await "$(submit --dependency=afterok:"$retry" merge.sh)"
[ -d store ] || fail "there is no merged store"
diff -r one store || fail "the merged store is not that of one build"
cmp one.rejects.jsonl store.rejects.jsonl || fail "the lists of rejected files differ"
"$prep" build faces --output store --size 64 | grep -q unchanged || fail "a build says that it changed"
echo "an array of 8 on Slurm $(sinfo --version | cut -d' ' -f2), one task killed and repeated, merged: the bytes of one build"
