import type { HostileAct } from "./attack.js";

/** githooks(5), without what only git's own mail and Perforce bridges run. */
export const HOOKS = [
  "applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg post-commit",
  "pre-rebase post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update",
  "reference-transaction push-to-checkout pre-auto-gc post-rewrite post-index-change",
].flatMap((names) => names.split(" "));

/** Settings that name a program, as `git config` takes them; `%` is the program. */
const SETTINGS: Readonly<Record<string, string>> = {
  "core.fsmonitor": "%",
  "core.sshCommand": "%",
  "core.gitProxy": "%",
  "core.pager": "%",
  "core.editor": "%",
  "sequence.editor": "%",
  "diff.external": "%",
  "gpg.program": "%",
  "credential.helper": "%",
  "merge.day.driver": "%",
  "alias.day-alias": "!%",
  "difftool.day.cmd": "%",
  "tar.day.command": "%",
  "trailer.day.cmd": "%",
};

const setAll = Object.entries(SETTINGS)
  .map(([key, value]) => `git config -f settings ${key} "${value.replace("%", `$(trap_for ${key})`)}"`)
  .join("\n");

/** An embedded repository, and a gitlink to it in a commit. */
const embed = (setting: string) =>
  `git init -q lib; cd lib; echo x >f; git add f; git commit -qm lib
   git config ${setting}; echo '* filter=day' >.gitattributes; cd ..
   git -c core.fsmonitor= add lib; git commit -qm lib; touch -d tomorrow lib/f`;

/** What an agent can try so that the host's git runs its program. */
export const ACTS_ON_HOST: readonly HostileAct[] = [
  {
    name: "hooks of every name",
    script: `mkdir -p $G/hooks
      for name in ${HOOKS.join(" ")}; do cp "$(trap_for $name)" $G/hooks/$name; done
      cp "$(trap_for proc-receive)" $G/hooks/proc-receive
      git config receive.procReceiveRefs refs/for; git config receive.denyCurrentBranch updateInstead
      git config gc.autoPackLimit 1`,
    fires: HOOKS,
  },
  {
    name: "settings that name a program",
    script: `${setAll}
      printf '* merge=day\\n' >>$G/info/attributes
      git config -f settings diff.tool day; git config -f settings difftool.prompt false
      git config -f settings uploadpack.packObjectsHook "$(trap_for packObjectsHook)"
      cp settings ~/.gitconfig; cat settings >>$G/config; cat settings >>$OWN/config.worktree`,
    // git itself takes packObjectsHook from the user's and the system's settings only.
    fires: Object.keys(SETTINGS),
  },
  {
    name: "settings that hold for a path: filters and textconv",
    script: `git config diff.day.textconv "$(trap_for textconv)"; git config filter.day.clean "$(trap_for clean)"
      git config filter.day.smudge "$(trap_for smudge)"; git config filter.long.process "$(trap_for process)"
      printf '*.md diff=day filter=day\\n*.js filter=long\\n' >>$G/info/attributes
      cp $G/info/attributes .gitattributes; touch -d tomorrow src/app.js`,
    fires: ["clean", "process", "smudge", "textconv"],
  },
  {
    name: "hooksPath",
    script: `mkdir -p .traps/hooks; cp "$(trap_for hooksPath)" .traps/hooks/post-index-change
      git config core.hooksPath "$W/.traps/hooks"`,
    fires: ["hooksPath"],
  },
  {
    name: "include and includeIf",
    script: `git config -f one alias.day-include "!$(trap_for include)"
      git config -f two alias.day-includeif "!$(trap_for includeIf)"
      git config include.path "$W/one"; git config includeIf.gitdir:/**.path "$W/two"`,
    fires: ["include", "includeIf"],
  },
  {
    name: "config.worktree of the worktree and of the primary",
    script: `git config -f $OWN/config.worktree core.fsmonitor "$(trap_for worktree-config)"
      git config -f $G/config.worktree core.fsmonitor "$(trap_for primary-config)"
      git config extensions.worktreeConfig true`,
    fires: ["primary-config", "worktree-config"],
  },
  {
    name: "the worktree's .git replaced by a repository",
    script: `git init -q other; git -C other config core.fsmonitor "$(trap_for dotgit)"; git -C other commit -q --allow-empty -m x
      mv .git old-git || umount .git || rm -f .git; mv other/.git .git; mv other/.git .GIT`,
    fires: ["dotgit"],
  },
  {
    name: "commondir of the worktree's git dir",
    script: `cp -r $G elsewhere 2>/dev/null; git config -f elsewhere/config core.fsmonitor "$(trap_for commondir)"
      echo "$W/elsewhere" >$OWN/commondir`,
    fires: ["commondir"],
  },
  {
    name: "commondir in the primary's git dir",
    script: `cp -r $G elsewhere 2>/dev/null; git config -f elsewhere/config core.fsmonitor "$(trap_for primary-commondir)"
      echo "$W/elsewhere" >$G/commondir`,
    fires: ["primary-commondir"],
  },
  {
    name: "gitdir that names another place",
    script: `mkdir -p /tmp/x; echo /tmp/x/.git >$OWN/gitdir; git init -q there; echo "$W/there/.git" >$G/gitdir`,
  },
  {
    name: "an embedded repository with a file system monitor, and a gitlink to it",
    script: embed(`core.fsmonitor "$(trap_for embedded-monitor)"`),
    fires: ["embedded-monitor"],
  },
  {
    name: "an embedded repository with a filter, and a gitlink to it",
    script: embed(`filter.day.clean "$(trap_for embedded-filter)"`),
    fires: ["embedded-filter"],
  },
  {
    name: "a rebase left in the middle, with a program as its next step",
    script: `git rebase -q -i --root --exec "$(trap_for rebase)" --keep-base main 2>/dev/null
      git commit -q --allow-empty -m one
      GIT_SEQUENCE_EDITOR="sed -i '1i break'" git rebase -q -i HEAD~1 --exec "$(trap_for rebase)"`,
    fires: ["rebase"],
  },
  {
    name: "a promisor remote behind a program",
    script: `git config remote.evil.url "ext::$(trap_for promisor)"; git config protocol.ext.allow always
      git config remote.evil.promisor true; git config extensions.partialClone evil
      git config core.repositoryformatversion 1`,
    fires: ["promisor"],
  },
  {
    name: "a submodule that updates itself with a program",
    script: `git config submodule.lib.update "!$(trap_for submodule)"; git config submodule.lib.url .
      printf '[submodule "lib"]\\n\\tpath = lib\\n\\turl = ./.\\n\\tupdate = none\\n' >.gitmodules`,
  },
  {
    name: "alternates and a quarantine that lead to the host",
    script: `printf '%s\\n' /root "$W/../../../../elsewhere/.git/objects" >>$G/objects/info/alternates
      ln -s / $G/objects/zz; mkdir -p $G/objects/incoming-x; git config core.alternateRefsCommand "$(trap_for alternates)"`,
  },
];
