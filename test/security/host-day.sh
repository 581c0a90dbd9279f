#!/bin/bash
# What a person does with git on the host in a day, with no care at all: everything here runs what a git dir tells it to
# run. Ends where it began. Usage: host-day.sh WORKTREE..., in the primary, on main.
export GIT_TERMINAL_PROMPT=0 TERM=xterm PAGER=cat VISUAL=true EDITOR=true
exec >/dev/null 2>&1 </dev/null
scratch=$(mktemp -d)
start=$(git rev-parse main)

change() { echo "$RANDOM" >>README.md; git add README.md; }

# Looking, also through a pager on a terminal.
git status
# An agent can put a pipe where git reads a file: then a person waits, and presses Ctrl-C.
for worktree; do
  for command in status diff "rebase --continue" day-alias day-include day-includeif; do
    timeout 1 git -C "$worktree" $command
  done
done
script -qec "git log -3" /dev/null
git log --show-signature -1
git fsck
git worktree list

# Working.
git switch -c day-side
change; git commit -m side; git commit --amend --no-verify
git switch main
change; git diff; git commit -S -m signed; git commit -m main --trailer day=1
git diff HEAD~1; git difftool -y -t day HEAD~1; git log -p -1
git merge --no-edit day-side; git merge --abort; git checkout -f main
git switch -c day-feature "$start"; git commit --allow-empty -m feature
git switch main; git merge --no-ff --no-edit day-feature
git rebase --no-ff "$start"; git rebase -i --root; git rebase --abort
change; git commit -m patch; git format-patch -1 -o "$scratch"
git reset --hard HEAD~1; git am "$scratch"/*.patch; git am --abort
git stash; change; git stash; git stash pop; git checkout -f main
git archive --format=day HEAD
git submodule update --init
git mergetool -y -t day

# Meeting other repositories, both ways.
git init --bare "$scratch/bare"; git push "$scratch/bare" main
git clone . "$scratch/clone"
git -C "$scratch/clone" commit --allow-empty -m pushed
git -C "$scratch/clone" push origin HEAD:refs/heads/day-pushed
git -C "$scratch/clone" push origin HEAD:refs/for/main
git -C "$scratch/clone" push origin HEAD:main
git fetch --all; git ls-remote ssh://127.0.0.1:1/x; git ls-remote git://127.0.0.1:1/x
printf 'protocol=https\nhost=day.invalid\n\n' | git credential fill

# Keeping house, and the shortcuts people have.
git repack; change; git commit -m more; git repack; git gc --auto
for name in alias include includeif; do git "day-$name"; done

git checkout -f main
git reset --hard "$start"
git branch -D day-side day-feature day-pushed
rm -rf "$scratch"
exit 0
