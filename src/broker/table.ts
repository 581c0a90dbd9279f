import type { CommandTable } from "../cli/command.js";
import { eventCommand } from "../cli/commands/activity/event.js";
import { hookCommitMsg, hookPostCommit, hookPreCommit } from "../cli/commands/checks/git-hooks.js";
import { checkList } from "../cli/commands/checks/list.js";
import { checkRun } from "../cli/commands/checks/run.js";
import { verify } from "../cli/commands/checks/verify.js";
import { ownStatusCommand } from "../cli/commands/endpoint/own-status.js";
import { taskCurrent } from "../cli/commands/tasks/current.js";
import { taskDone, taskNote, taskRelease } from "../cli/commands/tasks/finish.js";
import { taskList } from "../cli/commands/tasks/list.js";
import { taskNext } from "../cli/commands/tasks/next.js";
import { taskShow } from "../cli/commands/tasks/show.js";
import { topicCurrent, topicList, topicUse } from "../cli/commands/tasks/topics.js";
import { taskClaim, taskStart } from "../cli/commands/tasks/take.js";

/** What agents may run: the host's own commands, with an agent for an actor. */
export const BROKER_TABLE: CommandTable = {
  commands: [
    ownStatusCommand,
    taskList,
    taskShow,
    taskNext,
    taskStart,
    taskClaim,
    taskRelease,
    taskDone,
    taskNote,
    taskCurrent,
    topicList,
    topicUse,
    topicCurrent,
    checkList,
    checkRun,
    verify,
    hookPreCommit,
    hookCommitMsg,
    hookPostCommit,
    eventCommand,
  ],
  groups: {
    task: "The pool of tasks that all agents share",
    topic: "What tasks belong to, and which topic is yours",
    check: "What has to be looked after when certain files change",
  },
  about: "The task pool, from inside an agent. Everything else of devkit is for the host.",
};
