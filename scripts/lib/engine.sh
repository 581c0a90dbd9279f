# shellcheck shell=bash
# Makes a container engine answer. Source common.sh first.

# One word: up, denied (it runs, but not for this account), down, or none (no client to ask with).
engine_state() {
  local answer
  have docker || { echo none && return; }
  if answer=$(timeout 20 docker version --format '{{.Server.Version}}' 2>&1 </dev/null); then
    echo up
  elif [[ $answer == *"permission denied"* ]] && ! is_dead_socket; then
    echo denied
  else
    echo down
  fi
}

# A socket that an engine left behind refuses this account, too, whether or not anything listens there.
is_dead_socket() {
  ((EUID != 0)) && can_be_root && ! as_root timeout 20 docker version >/dev/null 2>&1
}

ensure_engine() {
  local state
  state=$(engine_state)
  if [[ $state == down || $state == none ]]; then
    install_or_start "$state"
    state=$(engine_state)
  fi
  case $state in
    up) say "engine: $(docker version --format '{{.Server.Version}}')" ;;
    denied) refuse_denied ;;
    *) die "$EXIT_MISSING" "the container engine does not answer" "$(docker version 2>&1 | tail -n 1)" ;;
  esac
}

install_or_start() {
  [[ -z ${DOCKER_HOST:-} ]] || die "$EXIT_MISSING" "no engine answers at DOCKER_HOST=$DOCKER_HOST" \
    "Start that engine, or use this machine's own:  unset DOCKER_HOST"
  if [[ $1 == none ]] || ! PATH=$PATH:/usr/sbin:/sbin have dockerd; then
    install_engine
  fi
  [[ $(engine_state) == down ]] || return 0
  can_be_root || die "$EXIT_MISSING" "the container engine is not running" \
    "This account may not start it. Run, as someone who may:" "  sudo $(start_command)"
  if runs_systemd; then
    quietly as_root systemctl enable --now docker || die 1 "systemd could not start the engine" \
      "See:  sudo journalctl -u docker --no-pager -n 50"
  else
    start_without_init
  fi
}

install_engine() {
  apt_install "a container engine" docker.io iptables
  # From Debian 13 on the client is a package of its own.
  have docker || apt_install "the engine's client" docker-cli
}

runs_systemd() { [[ -d /run/systemd/system ]]; }

start_command() {
  if runs_systemd; then echo "systemctl enable --now docker"; else echo "dockerd"; fi
}

refuse_denied() {
  local socket=${DOCKER_HOST:-unix:///var/run/docker.sock} group
  group=$(stat -Lc %G "${socket#unix://}" 2>/dev/null) || group=docker
  [[ $group != root ]] || group=docker
  die "$EXIT_MISSING" "$(id -un) may not use the container engine's socket" \
    "Whoever may use it is as good as root on this machine. To allow this account:" \
    "  sudo usermod -aG $group $(id -un)" \
    "then log in again (or type: newgrp $group) and run this script once more."
}

# The engine outlives this script and its terminal; its log stays for whoever wonders later.
start_without_init() {
  local log=/var/log/devkit-dockerd.log
  say "no init system here: starting dockerd, log in $log"
  launch_dockerd "$log" && return
  # Auto-detection settles on a driver that the filesystem below then refuses, as in a container in a container.
  if as_root grep -qiE 'graphdriver|storage.driver|overlay' "$log"; then
    say "it refused its storage driver: once more with vfs (slow, works everywhere)"
    launch_dockerd "$log" --storage-driver=vfs && return
  fi
  as_root tail -n 20 "$log" | sed 's/^/  | /' >&2
  local hints=("Its log: $log")
  [[ ! -e /.dockerenv && ! -e /run/.containerenv ]] ||
    hints+=("This is a container: an engine in it needs one with --privileged and a volume on /var/lib/docker.")
  die "$EXIT_MISSING" "dockerd did not come up" "${hints[@]}"
}

# launch_dockerd LOG [OPTION...]: fails as soon as the process ends, or after a minute without an answer.
launch_dockerd() {
  local log=$1 pid ours='' deadline=$((SECONDS + 60))
  shift
  pid=$(dockerd_pid)
  if [[ -z $pid ]]; then # else someone, such as the package's init script, is starting it already
    # shellcheck disable=SC2016 # expanded by the inner shell, as root
    ours=yes pid=$(as_root sh -c 'log=$1; shift; setsid dockerd "$@" >"$log" 2>&1 </dev/null & echo $!' sh "$log" "$@")
  fi
  while [[ -d /proc/$pid ]] && ((SECONDS < deadline)); do
    [[ $(engine_state) == down ]] || return 0
    sleep 0.2
  done
  [[ -z $ours || ! -d /proc/$pid ]] || as_root kill "$pid"
  return 1
}

# The pid file outlives a machine that lost power, so the process must also have the name.
dockerd_pid() {
  local pid
  pid=$(cat /var/run/docker.pid 2>/dev/null) || return 0
  [[ $(cat "/proc/$pid/comm" 2>/dev/null) != dockerd ]] || echo "$pid"
}
