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
 * refuses where that and the branch do not go together.
 */
export const SWITCH_BRANCH = `
set -eu
target=$1 branch=$2
if [ "$(git symbolic-ref -q HEAD || :)" = "refs/heads/$branch" ]; then exit 0; fi
if git rev-parse -q --verify "refs/heads/$branch" >/dev/null; then
  git checkout -q --no-overwrite-ignore "$branch" --
else
  git checkout -q --no-overwrite-ignore --no-track -b "$branch" "$target" --
fi
`;

/** Where the saved commit is inside the agent, so that a bundle can name it. */
export const SAVED_REF = "refs/devkit/saved";
