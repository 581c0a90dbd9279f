import path from "node:path";
import type { HomeFile, HomeFiles } from "../../../src/app/ports-identity.js";

/** Agents' homes in memory: `agent-1/.ssh/config` → the file. */
export interface FakeHomes extends HomeFiles {
  readonly files: Map<string, HomeFile>;
}

export function createFakeHomes(): FakeHomes {
  const files = new Map<string, HomeFile>();
  const key = (home: string, file: string) => path.join(path.basename(path.dirname(home)), file);
  return {
    files,
    write({ home }, added) {
      for (const file of added) files.set(key(home, file.path), file);
    },
    read({ home }, file, limit) {
      const { content } = files.get(key(home, file)) ?? {};
      return content !== undefined && Buffer.byteLength(content) <= limit ? content : undefined;
    },
    mode({ home }, file) {
      return files.get(key(home, file))?.mode;
    },
    remove({ home }, removed) {
      for (const file of removed) files.delete(key(home, file));
    },
  };
}
