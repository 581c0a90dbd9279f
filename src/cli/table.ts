import { agentAssign } from "./commands/agents/assign.js";
import { agentConflicts } from "./commands/agents/conflicts.js";
import { agentDiff } from "./commands/agents/diff.js";
import { agentDown } from "./commands/agents/down.js";
import { attachCd, exec, execCd, shell } from "./commands/agents/exec.js";
import { agentKill } from "./commands/agents/kill.js";
import { agentList } from "./commands/agents/list.js";
import { agentLogs } from "./commands/agents/logs.js";
import { agentReset } from "./commands/agents/reset.js";
import { agentRestore } from "./commands/agents/restore.js";
import { agentMerge } from "./commands/agents/merge.js";
import { agentSpawn } from "./commands/agents/spawn.js";
import { agentStatus } from "./commands/agents/status.js";
import { agentSync } from "./commands/agents/sync.js";
import { agentUp } from "./commands/agents/up.js";
import { cacheAdopt } from "./commands/caches/adopt.js";
import { cacheList } from "./commands/caches/list.js";
import { cachePrune } from "./commands/caches/prune.js";
import { egressList } from "./commands/egress/list.js";
import { egressLog } from "./commands/egress/log.js";
import { egressReload } from "./commands/egress/reload.js";
import { allow, deny } from "./commands/egress/rules.js";
import { down, logs, restart, status, up } from "./commands/egress/stack.js";
import { egressTest } from "./commands/egress/test.js";
import { checkAdd, checkRemove } from "./commands/checks/edit.js";
import { hookCommitMsg, hookPostCommit, hookPreCommit } from "./commands/checks/git-hooks.js";
import { checkList } from "./commands/checks/list.js";
import { checkRun } from "./commands/checks/run.js";
import { verify } from "./commands/checks/verify.js";
import { completion } from "./commands/health/completion.js";
import { doctor } from "./commands/health/doctor.js";
import { repair } from "./commands/health/repair.js";
import { prune } from "./commands/reclaim/prune.js";
import { version } from "./commands/health/version.js";
import { hookList } from "./commands/hooks/list.js";
import { hookRun } from "./commands/hooks/run.js";
import { trust } from "./commands/hooks/trust.js";
import { agentAttach } from "./commands/sessions/attach.js";
import { layoutApply, layoutGenerate, layoutValidate } from "./commands/sessions/layout.js";
import { tmuxShells, tmuxSync } from "./commands/sessions/shells.js";
import { agentSigners } from "./commands/identity/signers.js";
import { imageBuild } from "./commands/images/build.js";
import { imageList } from "./commands/images/list.js";
import { imagePrune } from "./commands/images/prune.js";
import { authCommands } from "./commands/logins/auth.js";
import { overlayCreate } from "./commands/overlays/create.js";
import { overlayList } from "./commands/overlays/list.js";
import { overlayShow } from "./commands/overlays/show.js";
import { agentHomeReset } from "./commands/identity/home-reset.js";
import { agentHomeShow } from "./commands/identity/home-show.js";
import { configCheck, configShow } from "./commands/settings/config.js";
import { init } from "./commands/settings/init.js";
import { run } from "./commands/runs/run.js";
import { sshSetup } from "./commands/ssh/setup.js";
import { sshTest } from "./commands/ssh/test.js";
import { portList } from "./commands/ports/list.js";
import { repoConfigHttps, repoConfigSsh } from "./commands/ssh/config.js";
import { repoPushSsh } from "./commands/ssh/push.js";
import { claudeTest, codexTest } from "./commands/tools/test.js";
import { taskAdd } from "./commands/tasks/add.js";
import { taskBlock, taskUnblock } from "./commands/tasks/block.js";
import { taskCurrent } from "./commands/tasks/current.js";
import { taskDone, taskNote, taskRelease } from "./commands/tasks/finish.js";
import { taskImport } from "./commands/tasks/import.js";
import { taskList } from "./commands/tasks/list.js";
import { taskNext } from "./commands/tasks/next.js";
import { taskRemove } from "./commands/tasks/remove.js";
import { taskShow } from "./commands/tasks/show.js";
import { taskClaim, taskStart } from "./commands/tasks/take.js";
import { topicCurrent, topicList, topicUse } from "./commands/tasks/topics.js";
import { worktreesInit } from "./commands/worktrees/init.js";
import { worktreesList } from "./commands/worktrees/list.js";
import { worktreesPrune } from "./commands/worktrees/prune.js";
import { worktreesStatus } from "./commands/worktrees/status.js";
import { worktreesSync } from "./commands/worktrees/sync.js";
import type { Command } from "./command.js";

/** Every command, in the order of help and docs. */
export const COMMANDS: readonly Command[] = [
  init,
  agentUp,
  agentSpawn,
  agentList,
  agentStatus,
  agentAssign,
  agentDown,
  agentAttach,
  agentLogs,
  agentSync,
  agentReset,
  agentKill,
  agentRestore,
  agentHomeShow,
  agentHomeReset,
  agentDiff,
  agentMerge,
  agentConflicts,
  agentSigners,
  exec,
  execCd,
  shell,
  attachCd,
  run,
  taskAdd,
  taskList,
  taskShow,
  taskNext,
  taskStart,
  taskClaim,
  taskRelease,
  taskDone,
  taskBlock,
  taskUnblock,
  taskNote,
  taskRemove,
  taskCurrent,
  taskImport,
  tmuxShells,
  tmuxSync,
  layoutApply,
  layoutGenerate,
  layoutValidate,
  topicList,
  topicUse,
  topicCurrent,
  checkAdd,
  checkList,
  checkRun,
  checkRemove,
  verify,
  hookPreCommit,
  hookCommitMsg,
  hookPostCommit,
  worktreesInit,
  worktreesList,
  worktreesStatus,
  worktreesSync,
  worktreesPrune,
  allow,
  deny,
  egressList,
  egressLog,
  egressReload,
  egressTest,
  up,
  down,
  restart,
  status,
  logs,
  sshSetup,
  sshTest,
  repoPushSsh,
  repoConfigSsh,
  repoConfigHttps,
  ...authCommands("codex"),
  ...authCommands("claude"),
  codexTest,
  claudeTest,
  portList,
  cacheList,
  cachePrune,
  cacheAdopt,
  configShow,
  configCheck,
  overlayList,
  overlayShow,
  overlayCreate,
  imageBuild,
  imageList,
  imagePrune,
  hookList,
  hookRun,
  trust,
  doctor,
  repair,
  prune,
  completion,
  version,
];

/** What the first words of two-word commands stand for. */
export const GROUPS: Readonly<Record<string, string>> = {
  agent: "Bring agents up and down, and look at them",
  "agent home": "What is in an agent's home, and a fresh one",
  task: "The pool of tasks that all agents share",
  layout: "tmux windows over agents, as a file describes them",
  topic: "What tasks belong to, and which topic new ones get",
  check: "What has to be looked after when certain files change",
  worktrees: "Worktrees without containers",
  egress: "What agents may reach, and what they asked for",
  port: "Ports of this machine that are agents'",
  "codex-auth": "Agents' Codex logins",
  "claude-auth": "Agents' Claude logins",
  cache: "The download caches that agents share",
  config: "Show and check the settings",
  overlay: "Named layers of settings",
  image: "Build, list and remove images",
  hook: "Commands that devkit runs in agents when they come up",
};
