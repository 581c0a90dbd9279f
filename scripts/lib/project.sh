# shellcheck shell=bash
# Brings a clone to the state in which dist/main.js runs. Source common.sh first.

# ensure_node ROOT: package.json says which Node is new enough.
ensure_node() {
  local need
  need=$(sed -n 's/.*"node": *">=\([0-9.]*\)".*/\1/p' "$1/package.json")
  have node || die "$EXIT_MISSING" "devkit needs Node >= $need" "Install it, with npm, and see that node is on the PATH."
  node -e '
    const [have, need] = [process.versions.node, process.argv[1]].map((v) => v.split(".").map(Number));
    process.exit(have[0] > need[0] || (have[0] === need[0] && have[1] >= (need[1] ?? 0)) ? 0 : 1);
  ' "$need" || die "$EXIT_MISSING" "devkit needs Node >= $need, this is $(node --version)" \
    "Install a newer one and see that it comes first on the PATH: $(command -v node)"
  have npm || die "$EXIT_MISSING" "devkit needs npm to build from a clone" "It comes with Node; on Debian: sudo apt-get install npm"
}

# with_lock ROOT COMMAND...: one at a time per clone. The lock is on the folder itself: it leaves no file behind and
# ends with this process however it ends. The command does not inherit it, so nothing that it starts can keep it.
with_lock() {
  local code=0
  exec 9<"$1"
  shift
  if have flock; then
    flock 9
  else # macOS has no flock(1); the lock belongs to the open file, which perl shares with us
    perl -MFcntl=:flock -e 'open(my $file, "<&=", 9) or die; flock($file, LOCK_EX) or die'
  fi
  "$@" 9<&- || code=$?
  exec 9<&-
  return "$code"
}

in_folder() { (cd "$1" && shift && "$@"); }

# What node_modules was installed from. Native packages differ per Node version and platform.
modules_stamp() {
  { cat "$1/package-lock.json" && node -p 'process.version + process.platform + process.arch'; } | cksum
}

# ensure_modules ROOT
ensure_modules() {
  local stamp="$1/node_modules/.devkit-stamp" want
  want=$(modules_stamp "$1")
  [[ -f $stamp && $(<"$stamp") == "$want" ]] && return
  say "npm ci"
  # Nothing devkit needs depends on install scripts, and they would run as this user.
  quietly in_folder "$1" npm ci --ignore-scripts --no-audit --no-fund || die 1 "npm ci failed in $1"
  printf '%s\n' "$want" >"$stamp"
}

# is_build_fresh ROOT: folders count too, so that a deleted source is noticed. scripts/devkit asks the same.
is_build_fresh() {
  [[ -f $1/dist/main.js && -z $(find "$1/src" "$1/package.json" "$1/package-lock.json" "$1/scripts/build.mjs" \
    -newer "$1/dist/main.js" -print -quit 2>&1) ]]
}

# ensure_build ROOT
ensure_build() {
  local began
  is_build_fresh "$1" && return
  say "npm run build"
  began=$(mktemp)
  quietly in_folder "$1" npm run build || { rm -f "$began"; die 1 "the build failed in $1"; }
  # As old as the beginning of the build: what was edited meanwhile is newer.
  touch -r "$began" "$1/dist/main.js"
  rm -f "$began"
}

# prepare_modules ROOT and prepare_project ROOT: safe to run side by side.
prepare_modules() { ensure_node "$1" && with_lock "$1" ensure_modules "$1"; }
prepare_project() { prepare_modules "$1" && with_lock "$1" ensure_build "$1"; }
