/**
 * Makes a commit of everything uncommitted and untracked, through an index of its own: neither HEAD nor index nor a file
 * changes. Repositories inside the worktree are left out; nothing here touches them. Prints the commit's id.
 */
export const SAVE_FILES = `
set -eu
index=$(git rev-parse --git-path devkit-index)
cp -f "$(git rev-parse --git-path index)" "$index" 2>/dev/null || rm -f "$index"
export GIT_INDEX_FILE="$index"
git ls-files -z --others --exclude-standard | { grep -zv '/$' || :; } | git update-index -z --add --stdin
git add -u
parent=$(git rev-parse -q --verify 'HEAD^{commit}' || :)
tree=$(git write-tree)
saved=$(git -c user.name=devkit -c user.email=devkit@localhost commit-tree \${parent:+-p "$parent"} -m "$1" "$tree")
rm -f "$index"
git update-ref refs/devkit/saved "$saved"
echo "$saved"
`;

/**
 * Puts the branch at a commit; an empty branch: HEAD alone. git itself refuses to write over what is not committed. With
 * a saved commit, everything that is in it counts as committed, and what was in progress is given up first.
 */
export const MOVE_BRANCH = `
set -eu
target=$1 branch=$2 expected=$3 saved=$4
if [ "$(git rev-parse -q --verify HEAD || :)" != "$expected" ]; then
  echo "HEAD has moved meanwhile" >&2
  exit 1
fi
if [ -n "$saved" ]; then
  for one in rebase am cherry-pick revert; do git $one --quit >/dev/null 2>&1 || :; done
  git update-ref --no-deref HEAD "$saved"
  git read-tree "$saved"
  git update-index -q --refresh || :
  git bisect reset HEAD >/dev/null 2>&1 || :
fi
if [ -n "$branch" ]; then
  git checkout -q --no-overwrite-ignore -B "$branch" "$target"
else
  git checkout -q --no-overwrite-ignore --detach "$target"
fi
`;

/**
 * Goes over to a branch, which is made at a commit unless there is one. What is not committed comes along; git itself
 * refuses where that and the branch do not go together. A checkout that was cut off, by a full disk or a kill, has written
 * files of the branch and not the index that knows them: what is byte for byte what the branch has is taken for that.
 */
export const SWITCH_BRANCH = `
set -eu
target=$1 branch=$2
if [ "$(git symbolic-ref -q HEAD || :)" = "refs/heads/$branch" ]; then exit 0; fi
there=$(git rev-parse -q --verify "refs/heads/$branch" || :)
go() {
  if [ -n "$there" ]; then git checkout -q --no-overwrite-ignore "$branch" --
  else git checkout -q --no-overwrite-ignore --no-track -b "$branch" "$target" --; fi
}
take_written() {
  tree=\${there:-$target}
  GIT_INDEX_FILE=$own git read-tree "$tree" || return 1
  GIT_INDEX_FILE=$own git update-index -q --refresh >/dev/null || :
  GIT_INDEX_FILE=$own git diff-files -z --name-only | sort -z >"$own.other" || return 1
  git diff-tree -r -z --name-only --diff-filter=AM HEAD "$tree" | sort -z | comm -z -23 - "$own.other" |
    git update-index -z --add --stdin
}
if go 2>/dev/null; then exit 0; fi
index=$(git rev-parse --git-path index) own=$(git rev-parse --git-path devkit-index)
cp -f "$index" "$own.before" 2>/dev/null || { go; exit; }
code=1
if take_written 2>/dev/null; then go && code=0 || mv -f "$own.before" "$index"; else go && code=0 || :; fi
rm -f "$own" "$own.other" "$own.before"
exit $code
`;

/** Where the saved commit is inside the agent, so that a bundle can name it. */
export const SAVED_REF = "refs/devkit/saved";
