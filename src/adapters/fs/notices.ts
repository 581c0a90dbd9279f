import { lstatSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Notices } from "../../app/ports-spawn.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Project } from "../../domain/identity/project.js";
import { replaceFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";

/** `<state directory>/broker/notices/<agent>.json`, where no agent can write; the later one takes the place of the earlier. */
export function createNotices(project: Project): Notices {
  const directory = path.join(project.stateDir, "broker", "notices");
  const fileOf = ({ name }: AgentRef) => path.join(directory, `${name}.json`);
  return {
    async leave(agent, text) {
      await withFileErrors(`cannot make ${directory}`, () =>
        mkdir(directory, { recursive: true, mode: 0o700 }),
      );
      if (!isRealDirectory(directory)) return;
      const notice = { text, at: new Date().toISOString() };
      await replaceFile(fileOf(agent), `${JSON.stringify(notice)}\n`, undefined, 0o600);
    },
    async withdraw(agent) {
      if (!isRealDirectory(directory)) return;
      await withFileErrors(`cannot remove ${fileOf(agent)}`, () => rm(fileOf(agent), { force: true }));
    },
  };
}

/** The endpoint's container can write beside it, and is not trusted with more. */
function isRealDirectory(directory: string): boolean {
  return lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
}
