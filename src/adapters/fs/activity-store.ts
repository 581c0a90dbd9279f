import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { ActivityStore } from "../../app/ports-activity.js";
import { EVENT_BYTES, formatAgentEvent, parseAgentEvent } from "../../domain/activity/agent-event.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";

/** The last event of each agent, one file each in `directory`. */
export function createActivityStore(directory: string): ActivityStore {
  const fileOf = (agentName: string) => path.join(directory, `${agentName}.json`);
  return {
    find(agentName) {
      const text = readHostileFile(fileOf(agentName), EVENT_BYTES);
      return text === undefined ? undefined : parseAgentEvent(text);
    },
    async save(agentName, event) {
      await withFileErrors(`cannot make ${directory}`, () =>
        mkdir(directory, { recursive: true, mode: 0o700 }),
      );
      await replaceFile(fileOf(agentName), formatAgentEvent(event));
    },
  };
}
