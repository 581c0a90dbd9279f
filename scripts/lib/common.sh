# shellcheck shell=bash
# Narration, refusals, root and apt for the scripts beside this folder. Source it; it runs nothing.
# stdout is for answers: everything here speaks on stderr.

# Exit codes as in docs/errors.md: 2 not tried, 3 something is missing on this machine.
# shellcheck disable=SC2034 # used by those who source this
readonly EXIT_USAGE=2 EXIT_MISSING=3

# Variables that a command needs to reach the network and the engine; sudo drops them otherwise.
readonly PASSED_TO_ROOT=(http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY
  SSL_CERT_FILE NODE_EXTRA_CA_CERTS DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG TMPDIR)

step() { printf '==> %s\n' "$*" >&2; }
say() { printf '    %s\n' "$@" >&2; }

# die CODE MESSAGE [HINT LINE...]: what failed in one line, then what to type next.
die() {
  local code=$1
  printf 'error: %s\n' "$2" >&2
  shift 2
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit "$code"
}

# The comment block under the shebang is the help.
print_help() {
  awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$1"
}

have() { command -v "$1" >/dev/null 2>&1; }

can_be_root() {
  ((EUID == 0)) || { have sudo && sudo -n true 2>/dev/null; }
}

# /usr/sbin is not on the PATH of a Debian user, and su keeps that PATH.
as_root() {
  local path="PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin" name kept=()
  if ((EUID == 0)); then
    env "$path" "$@"
    return
  fi
  for name in "${PASSED_TO_ROOT[@]}"; do
    [[ -z ${!name:-} ]] || kept+=("$name=${!name}")
  done
  sudo -n env "$path" "${kept[@]}" "$@"
}

# Runs a command whose output matters only when it fails.
quietly() {
  local log code=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || code=$?
  if ((code != 0)); then
    printf 'error: exit %d from: %s\n' "$code" "$*" >&2
    tail -n 40 "$log" | sed 's/^/  | /' >&2
  fi
  rm -f "$log"
  return "$code"
}

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# apt_install REASON PACKAGE...: installs what is missing, or says how to.
apt_install() {
  local reason=$1 package missing=()
  shift
  have apt-get || die "$EXIT_MISSING" "$reason needs: $*" "There is no apt-get here: install them with this system's package manager."
  for package; do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  can_be_root || die "$EXIT_MISSING" "$reason needs: ${missing[*]}" \
    "This account may not install packages. Run, as someone who may:" \
    "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
  say "apt-get install ${missing[*]}"
  quietly as_root apt-get -o DPkg::Lock::Timeout=120 update -q || true # an old list may do
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -qy \
    --no-install-recommends -- "${missing[@]}" || die 1 "apt-get could not install: ${missing[*]}"
}
