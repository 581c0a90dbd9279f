import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { HookStore } from "../../app/ports-hooks.js";
import { formatHookRecord, parseHookRecord } from "../../domain/hooks/hook-record.js";
import { WARM_FILES } from "../../domain/hooks/warm-status.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { withFileErrors } from "./translate.js";

const STATUS_LIMIT = 200;

/** Beside an agent's home, where it cannot write. */
export const hookStore: HookStore = {
  async loadRecord({ state }) {
    return parseHookRecord(await readFile(recordFile(state), "utf8").catch(() => ""));
  },
  saveRecord: ({ state }, record) => replaceFile(recordFile(state), formatHookRecord(record)),
  saveLog({ state }, hook, text) {
    const directory = path.join(state, "hooks");
    const file = path.join(directory, `${hook}.log`);
    return withFileErrors(`cannot write ${file}`, async () => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await replaceFile(file, text);
      return file;
    });
  },
  readWarmStatus: ({ home }) => readHostileFile(path.join(home, WARM_FILES.status), STATUS_LIMIT),
};

function recordFile(state: string): string {
  return path.join(state, "hooks.json");
}
