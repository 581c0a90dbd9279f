import type { HostileAct } from "./attack.js";
import { defineAttacks } from "./suite.js";

const evil = "evil=$(git commit-tree -m evil $(git rev-parse HEAD^{tree}))";

const ACTS: readonly HostileAct[] = [
  {
    name: "main, tags and another agent's branch are moved, in every way there is",
    script: `${evil}; for ref in heads/main tags/v1 heads/agent/$OTHER/idle devkit/base/agent-1; do
        git update-ref refs/$ref $evil; mkdir -p $G/refs/\${ref%/*}; echo $evil >$G/refs/$ref; done
      echo "$evil refs/heads/main" >>$G/packed-refs; git push -q . $evil:refs/heads/main`,
  },
  {
    name: "every object and ref is deleted",
    script: `git commit -q --allow-empty -m x
      rm -rf $(cat $G/objects/info/alternates)/* $G/objects/* $G/refs/* $G/packed-refs $G/logs`,
  },
  {
    name: "prune, gc, repair and removal of worktrees",
    script: `git worktree prune -v; git worktree list --porcelain | sed -n 's/^worktree //p' | while read -r one; do
        git worktree remove -f -f "$one"; done
      for one in "$W"/../agent-*; do git worktree remove -f -f "$one"; git worktree repair "$one"; done
      git commit -q --allow-empty -m x; git reset -q --hard HEAD~1
      git reflog expire --expire=now --all; git gc -q --prune=now; git repack -adf; git pack-refs --all --prune`,
  },
  {
    name: "20,000 branches, each with a commit of its own that is not there",
    script: `seq 20000 | awk '{ printf "%040x refs/heads/junk/%d\\n", $1, $1 }' >>$G/packed-refs`,
  },
  {
    name: "directories, pipes, sockets, links and loops among the refs",
    script: `cd $G/refs/heads; mkdir -p a.lock dir/dir/dir x/x; mkfifo pipe x/pipe; ln -s / root; ln -s . loop; ln -s pipe linked
      ln -s /etc/passwd secret; ln -s missing dangling
      node -e 'require("net").createServer().listen("socket", () => process.exit())'
      mknod null c 1 3; d=.; for i in $(seq 60); do d=$d/d; done; mkdir -p $d; git rev-parse main >$d/deep`,
  },
  {
    name: "refs with anything in them",
    script: `cd $G/refs/heads; : >empty; head -c 4096 /dev/urandom >random; echo 'ref: refs/heads/selfref' >selfref
      printf 'ref: ../../../../../etc/passwd' >escape; truncate -s 5G sparse; printf '%040d' 0 >zeros; printf 'z%.0s' {1..40} >letters
      git rev-parse HEAD^{tree} >tree; printf '%s junk\\033[31m' $(git rev-parse HEAD) >tail; chmod 000 letters`,
  },
  {
    name: "a packed-refs file of gigabytes",
    script: "truncate -s 5G $G/packed-refs",
  },
  {
    name: "a packed-refs file that is a pipe, and refs that are a file",
    script: "rm -rf $G/packed-refs $G/refs; mkfifo $G/packed-refs; echo x >$G/refs",
  },
  {
    name: "branch names with control characters, `..`, leading `-`, and ones that clash",
    script: `git commit -q --allow-empty -m x; cd $G/refs/heads; oid=$(git rev-parse HEAD)
      for name in $'red\\033[31m' $'c1\\302\\233' $'line\\nfeed' $'bell\\007' $'rtl\\342\\200\\256' $'\\377\\376' '-rf' '--upload-pack=x' '..' 'a..b' \\
        'x.lock' '@{0}' 'sp ace' 'q?' 's*' 'br[' 'back\\\\slash' '$(touch x)' '\`id\`' ';id' "'q'" Case case CASE HEAD 'refs' 'idle.lock'; do
        echo $oid >"$name"; done
      mkdir -p agent/agent-10 sub/dir; echo $oid >agent/agent-10/idle; echo $oid >idle
      echo "$oid refs/heads/sub" >>$G/packed-refs; echo "$oid refs/heads/sub/dir/deep" >>$G/packed-refs; echo $oid >sub/dir/deep`,
  },
  { name: "HEAD that is a pipe", script: "rm $G/HEAD; mkfifo $G/HEAD" },
  { name: "HEAD that is a directory", script: "rm $G/HEAD; mkdir $G/HEAD" },
  {
    name: "HEAD on main",
    script: `${evil}; echo 'ref: refs/heads/main' >$G/HEAD; git update-ref refs/heads/main $evil`,
  },
  {
    name: "HEAD on another agent's branch",
    script: `echo "ref: refs/heads/agent/$OTHER/idle" >$G/HEAD; git commit -q --allow-empty -m x`,
  },
  {
    name: "HEAD on something that is no branch, or not there",
    script: "echo 'ref: refs/heads/agent/agent-1/nowhere' >$G/HEAD; printf 'ref: refs/tags/v1' >$G/ORIG_HEAD",
  },
  {
    name: "an index that is none",
    script: "git commit -q --allow-empty -m x; head -c 100000 /dev/urandom >$G/index; mkfifo $G/index.lock",
  },
  {
    name: "a history that is cut off, grafted and replaced",
    script: `git commit -q --allow-empty -m one; git commit -q --allow-empty -m two
      ${evil}; git replace -f main $evil; git rev-parse HEAD >$G/shallow; echo "$(git rev-parse HEAD)" >$G/info/grafts`,
  },
];

defineAttacks(ACTS);
