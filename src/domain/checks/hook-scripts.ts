/** Names of devkit's git hooks. */
export const GIT_HOOKS = ["pre-commit", "commit-msg", "post-commit"] as const;
export type GitHook = (typeof GIT_HOOKS)[number];

/** Stands in the directory of hooks while there are checks: looking for it is all that a commit costs without. */
export const CHECKS_MARKER = "devkit-checks";

/** A hook of somebody else's has this name, and is run after devkit's. */
export function ownHookName(hook: GitHook): string {
  return `${hook}.local`;
}

const SIGN = "# devkit: this hook is devkit's own, which writes it anew; see docs/checks.md";

/** Whether a hook is one that devkit wrote, this version or another. */
export function isOurHook(text: string): boolean {
  return text.split("\n", 2)[1]?.startsWith("# devkit: ") === true;
}

/**
 * The text of a hook. It does nothing where there is nothing to do, nothing in the middle of a rebase, merge, cherry-pick
 * or revert, and whatever is wrong with devkit never keeps anybody from committing: only a check that blocks does.
 */
export function hookScript(hook: GitHook): string {
  const lines = ["#!/bin/sh", SIGN, `# Yours goes into ${ownHookName(hook)}: it is run after this.`];
  return [...lines, ...COMMON, ...BODIES[hook], ...OWN, ""].join("\n");
}

const COMMON = [
  "hooks=${0%/*}",
  "is_busy() {",
  "  case ${GIT_REFLOG_ACTION-} in rebase* | cherry-pick* | revert* | merge* | pull* | am*) return 0 ;; esac",
  "  git_dir=$(git rev-parse --git-dir) || return 0",
  "  for name in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD rebase-merge rebase-apply; do",
  '    [ -e "$git_dir/$name" ] && return 0',
  "  done",
  "  return 1",
  "}",
  // Whether there is anything to say of a commit; in another worktree of the user's, what is in the primary counts.
  "has_state() {",
  '  for at in .devkit "$hooks/../../.devkit"; do',
  '    { [ -e "$at/HEAD" ] || [ -e "$at/staged-verifications.json" ]; } && return 0',
  "  done",
  "  return 1",
  "}",
  "warn() {",
  '  echo "devkit: $1, because devkit ended with $2; the commit is made all the same" >&2',
  "}",
];

/** What git itself does when the hook is not devkit's: one that is not executable is none. */
const OWN = ['if [ -x "$0.local" ]; then exec "$0.local" "$@"; fi'];

const BODIES: Readonly<Record<GitHook, readonly string[]>> = {
  "pre-commit": [
    `if { [ -e "$hooks/${CHECKS_MARKER}" ] || grep -qs '^[[:space:]]*\\[\\[[[:space:]]*check' devkit.toml; } && ! is_busy; then`,
    "  git diff --cached --name-only -z --no-renames | devkit hook-pre-commit",
    "  code=$?",
    "  case $code in",
    "    0) ;;",
    "    6) exit 1 ;;",
    '    *) warn "checks were not looked at" "$code" ;;',
    "  esac",
    "fi",
  ],
  "commit-msg": [
    // A message that says nothing, so that git gives up the commit, says nothing still.
    "says_something() {",
    '  [ -n "$(sed \'/^[^ ] -\\{24\\} >8 -\\{24\\}$/,$d\' "$1" | git stripspace --strip-comments)" ]',
    "}",
    'if has_state && ! is_busy && says_something "$1"; then',
    '  added=$(git interpret-trailers --parse --no-divider "$1" | devkit hook-commit-msg --action "${DEVKIT_TASK_ACTION:-continue}")',
    "  code=$?",
    '  [ "$code" = 0 ] || warn "nothing was added to the message" "$code"',
    '  [ "$code" = 0 ] && [ -n "$added" ] && printf "%s\\n" "$added" | while read -r how trailer; do',
    '    git interpret-trailers --in-place --no-divider --if-exists "$how" --if-missing add --trailer "$trailer" "$1" || exit 0',
    "  done",
    "fi",
  ],
  "post-commit": [
    // A revert or the end of a merge is over by now, but has no trailers of devkit's.
    "if has_state && ! is_busy; then",
    "  trailers=$(git log -1 --format='%(trailers:only,unfold)')",
    "  case $trailers in",
    "    *Devkit-*)",
    "      {",
    '        printf "%s\\n\\0" "$trailers"',
    "        git diff-tree --root --no-commit-id --name-only -r -z --no-renames HEAD",
    "      } | devkit hook-post-commit",
    "      code=$?",
    '      [ "$code" = 0 ] || warn "what was verified is still staged" "$code"',
    "      ;;",
    "  esac",
    "fi",
  ],
};
