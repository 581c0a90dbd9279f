import path from "node:path";
import type { HookStore } from "../../../src/app/ports-hooks.js";
import type { HookRecord } from "../../../src/domain/hooks/hook-record.js";
import type { Before } from "./git.js";

/** Records of hooks in memory, by agent name. */
export interface FakeHooks extends HookStore {
  readonly records: Map<string, HookRecord>;
  /** By agent and hook: `agent-1 on_create`. */
  readonly logs: Map<string, string>;
  /** What agents say of their warm hook. */
  readonly statuses: Map<string, string>;
}

export function createFakeHooks(before: Before): FakeHooks {
  const [records, logs, statuses] = [
    new Map<string, HookRecord>(),
    new Map<string, string>(),
    new Map<string, string>(),
  ];
  return {
    records,
    logs,
    statuses,
    loadRecord: ({ state }) => Promise.resolve(records.get(path.basename(state)) ?? {}),
    async saveRecord({ state }, record) {
      await before("hook record", path.basename(state));
      records.set(path.basename(state), record);
    },
    saveLog({ state }, hook, text) {
      logs.set(`${path.basename(state)} ${hook}`, text);
      return Promise.resolve(path.join(state, "hooks", `${hook}.log`));
    },
    readWarmStatus: ({ state }) => statuses.get(path.basename(state)),
  };
}
