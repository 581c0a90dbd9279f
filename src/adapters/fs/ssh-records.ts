import path from "node:path";
import type { SshRecords } from "../../app/ports-ssh.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";

const LIMIT = 4096;

/** Beside an agent's home, where it cannot write. Read at once: every command in an agent does. */
export const sshRecords: SshRecords = {
  load: ({ state }) => ({
    forward: /"forward": *true/.test(readHostileFile(recordFile(state), LIMIT) ?? ""),
  }),
  save: ({ state }, record) => replaceFile(recordFile(state), `${JSON.stringify(record)}\n`),
};

function recordFile(state: string): string {
  return path.join(state, "ssh.json");
}
