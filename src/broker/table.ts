import type { CommandTable } from "../cli/command.js";
import { eventCommand } from "../cli/commands/activity/event.js";
import { ownStatusCommand } from "../cli/commands/endpoint/own-status.js";
import { taskCurrent } from "../cli/commands/tasks/current.js";
import { taskDone, taskNote, taskRelease } from "../cli/commands/tasks/finish.js";
import { taskList } from "../cli/commands/tasks/list.js";
import { taskNext } from "../cli/commands/tasks/next.js";
import { taskShow } from "../cli/commands/tasks/show.js";
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
    eventCommand,
  ],
  groups: { task: "The pool of tasks that all agents share" },
  about: "The task pool, from inside an agent. Everything else of devkit is for the host.",
};
