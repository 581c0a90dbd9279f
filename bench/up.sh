#!/usr/bin/env bash
# The same git and engine work as `devkit agent up N`, written by hand as well as a shell script can: what devkit is measured
# against. Usage: bench/up.sh REPOSITORY STATE_DIR IMAGE N
set -euo pipefail
repo=$1 state=$2 image=$3 count=$4
cd "$repo"
mkdir -p .devkit/agents
start=$(git rev-parse HEAD)
origin=$(git config --get remote.origin.url || true)
name=$(git config --get user.name || true) email=$(git config --get user.email || true)
ids=$(id -u):$(id -g)

docker network create --label devkit-bench devkit-bench-out >/dev/null
docker run -d --name devkit-bench-egress --label devkit-bench --network devkit-bench-out --user "$ids" "$image" sleep infinity >/dev/null

# A network with a proxy on it, and what keeps the agent from anything else.
network() {
  local net=devkit-bench-agent-$1
  docker network create --label devkit-bench --internal -o com.docker.network.bridge.inhibit_ipv4=true \
    --subnet "10.214.$(($1 / 32)).$(($1 % 32 * 8))/29" "$net" >/dev/null
  docker network connect --ip "10.214.$(($1 / 32)).$(($1 % 32 * 8 + 2))" --alias tinyproxy "$net" devkit-bench-egress
}

agent() {
  network "$1" &
  local made=$!
  local n=agent-$1 w=$repo/.devkit/agents/agent-$1 s=$state/agent-$1 d
  git -c checkout.workers=2 -C "$w" reset --hard --quiet
  mkdir -p "$s"/home/{.ssh,.config,.cache,.local/share,.local/state,.codex/rollouts,.claude}
  printf '[user]\n\tname = %s\n\temail = %s\n[gc]\n\tauto = 0\n' "$name" "$email" >"$s/home/.gitconfig"
  echo "gitdir: /devkit/git" >"$s/dotgit"
  printf 'agent:x:%s::/home/agent:/bin/bash\nroot:x:0:0:root:/root:/bin/bash\n' "$ids" >"$s/passwd"
  printf 'agent:x:%s:\n' "${ids#*:}" >"$s/group"
  git clone --quiet --bare --shared --no-tags -b "agent/$n/idle" --single-branch . "$s/git"
  git -C "$s/git" config core.bare false
  [[ -z $origin ]] || git -C "$s/git" config remote.origin.url "$origin"
  git update-ref "refs/devkit/base/$n" "$start"
  cp ".git/worktrees/$n/index" "$s/git/index"
  wait "$made"
  docker run -d --name "devkit-bench-$n" --label devkit-bench --hostname "$n" --user "$ids" --network "devkit-bench-$n" --init \
    --cap-drop ALL --security-opt no-new-privileges --pids-limit 512 --memory 4g --memory-swap 4g --cpus 2 \
    --tmpfs /tmp:exec,mode=1777,size=1g --log-opt max-size=10m --log-opt max-file=2 -e HOME=/home/agent \
    --mount "type=bind,src=$w,dst=/workspace" --mount "type=bind,src=$w,dst=$w" \
    --mount "type=bind,src=$s/dotgit,dst=/workspace/.git,readonly" --mount "type=bind,src=$s/dotgit,dst=$w/.git,readonly" \
    --mount "type=bind,src=$s/git,dst=/devkit/git" --mount "type=bind,src=$s/home,dst=/home/agent" \
    --mount "type=bind,src=$s/passwd,dst=/etc/passwd,readonly" --mount "type=bind,src=$s/group,dst=/etc/group,readonly" \
    --mount "type=bind,src=$repo/.git/objects,dst=$repo/.git/objects,readonly" \
    "$image" sleep infinity >/dev/null
  docker run --rm --label devkit-bench --network "container:devkit-bench-$n" --user 0 --cap-drop ALL "$image" true
}

pids=()
for i in $(seq "$count"); do
  git worktree add --quiet --no-checkout --lock --reason bench --no-track -b "agent/agent-$i/idle" ".devkit/agents/agent-$i" "$start" 2>/dev/null
  agent "$i" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid"; done
