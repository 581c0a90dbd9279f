# What people do with git, told as a transcript: every command, what it said, how it ended. Paths and dates do not depend
# on where or when it runs, so two runs can be compared. Usage: bash -s DIRECTORY, a repository with one commit.
cd "$1" || exit
here=$PWD tmp=/tmp/git-inside step=0
rm -rf "$tmp"; mkdir "$tmp"
export GIT_PAGER=cat LC_ALL=C

run() {
  step=$((step + 1))
  export GIT_AUTHOR_DATE="@$((1700000000 + step)) +0000" GIT_COMMITTER_DATE="@$((1700000000 + step)) +0000"
  echo "\$ $*"
  "$@" 2>&1
  echo "= $?"
}

main() {
  run git status
  run git config --local user.note here
  run git config --get user.note
  run git config --unset user.note
  echo one >a.txt; echo two >b.txt
  run git add a.txt b.txt
  run git commit -qm "two files"
  run git tag light; run git tag -a v1.0 -m "first"; run git tag -l; run git describe
  run git notes add -m "a note"; run git notes show; run git notes list
  run git branch topic; run git branch -m topic work; run git branch -vv
  run git switch -q work
  echo more >>a.txt; run git diff; run git diff --stat; run git commit -qam "more in a"
  run git mv b.txt c.txt; run git commit -qm "rename"; run git log --oneline --graph --follow c.txt
  echo x >d.txt; run git add d.txt; run git commit -qm "d"
  run git commit -q --amend -m "d, amended"; run git log --format=%s -2; run git show --stat HEAD
  run git format-patch -q -o "$tmp/patches" HEAD~2; run git range-diff HEAD~2..HEAD HEAD~2..HEAD
  run git switch -q -c mailed HEAD~2
  run git am -q "$tmp/patches/0001-rename.patch"; run git apply --stat "$tmp/patches/0002-d-amended.patch"
  run git apply --index "$tmp/patches/0002-d-amended.patch"; run git commit -qm "applied"
  run git diff --exit-code work mailed
  run git switch -q -c picked HEAD~1; run git cherry-pick work; run git revert --no-edit HEAD; run git log --oneline
  run git cherry -v mailed picked
  echo dirty >>a.txt; echo new >untracked; run git stash push -u -m "put away"; run git stash list; run git status --short
  run git stash show -p; run git stash pop; run git checkout -- a.txt; run git clean -nd; run git clean -fdq
  run git switch -q work; run git switch -q -c rebased HEAD~2
  for i in 1 2 3; do echo $i >n$i; git add n$i; run git commit -qm "step $i"; done
  GIT_SEQUENCE_EDITOR='sed -i "2s/pick/squash/;3s/pick/reword/"' GIT_EDITOR=true run git rebase -q -i work
  run git log --format='%s%n%b' work..
  run git bisect start HEAD HEAD~3; run git bisect run sh -c 'test ! -e d.txt'; run git bisect log; run git bisect reset
  run git config rerere.enabled true
  run git switch -q -c left work; echo left >a.txt; run git commit -qam left
  run git switch -q -c right work; echo right >a.txt; run git commit -qam right
  run git merge left; run git status --short; run git ls-files -u; run git diff --name-only --diff-filter=U
  echo both >a.txt; run git add a.txt; run git commit -qm "merged"; run git log --graph --oneline
  run git reset -q --hard HEAD~1; run git merge left; run git rerere status; run cat a.txt; run git merge --abort
  run git merge -q --no-edit -s ours left; run git rev-list --count --merges HEAD
  run git rebase -q left rebased; run git rebase --abort; run git status --short --branch
  run git reset -q --hard; run git switch -q work
  run git blame -s a.txt; run git grep -n more; run git shortlog -sn HEAD; run git ls-tree -r HEAD; run git ls-files -s
  run git show HEAD:a.txt; run git cat-file -p HEAD; run git archive --format=tar -o "$tmp/x.tar" HEAD; run tar tf "$tmp/x.tar"
  echo gone >>a.txt; run git restore a.txt; run git rm -q c.txt; run git restore --staged --worktree c.txt; run git status -s
  run git sparse-checkout set --no-cone /a.txt; run ls; run git sparse-checkout list; run git sparse-checkout disable; run ls
  run git worktree add -q -b beside "$tmp/beside"; run git -C "$tmp/beside" commit -q --allow-empty -m "from beside"
  run git worktree lock "$tmp/beside"; run git worktree unlock "$tmp/beside"
  run git worktree remove "$tmp/beside"; run git worktree prune -v; run git branch -d beside; run git branch -D beside
  run git bundle create -q "$tmp/b.bundle" work; run git bundle verify -q "$tmp/b.bundle"; run git bundle list-heads "$tmp/b.bundle"
  run git fetch -q "$tmp/b.bundle" work:from-bundle; run git pull -q --no-rebase "$tmp/b.bundle" work
  run git clone -q . "$tmp/clone"; run git -C "$tmp/clone" commit -q --allow-empty -m "pushed"
  run git -C "$tmp/clone" push -q origin HEAD:pushed; run git log -1 --format=%s pushed
  git init -q "$tmp/lib"; echo lib >"$tmp/lib/lib"; git -C "$tmp/lib" add .; run git -C "$tmp/lib" commit -qm lib
  run git -c protocol.file.allow=always submodule add -q "$tmp/lib" lib; run git submodule status; run git commit -qm "submodule"
  run git submodule foreach -q 'echo $name'; run git submodule deinit -q lib; run git rm -q lib; run git commit -qm "no submodule"
  run git replace HEAD~1 HEAD~2; run git replace -l; run git replace -d "$(git rev-parse HEAD~1)"
  run git switch -q --orphan fresh; run ls; echo f >f; run git add f; run git commit -qm "fresh start"
  run git switch -q --detach work; run git reflog -3 --format=%gs; run git switch -q -
  run git pack-refs --all; run git repack -adq; run git gc -q; run git maintenance run --task=gc --quiet; run git prune
  run git fsck --no-dangling --no-progress; run git for-each-ref --format='%(refname) %(objectname)'
  run git var GIT_AUTHOR_IDENT; run git check-ignore .devkit/x; run git reset -q --soft HEAD; run git status
}

main | sed "s|$here|HERE|g"
