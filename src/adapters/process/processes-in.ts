import { readFile, readdir, readlink } from "node:fs/promises";
import type { ProcessRef } from "../../app/ports-worktrees.js";
import { isWithin } from "../../domain/custody/mounts.js";

/** Processes that work in a directory or below, as far as this user may see; none where there is no /proc. */
export async function processesIn(directory: string): Promise<ProcessRef[]> {
  const names = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name): Promise<ProcessRef | undefined> => {
      const cwd = await readlink(`/proc/${name}/cwd`).catch(() => "");
      if (Number(name) === process.pid || !isWithin(cwd, directory)) return undefined;
      const status = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
      // `7 (any) text) S 1 7 5 …`: state, parent, group, session.
      const [, command = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(status) ?? [];
      return { pid: Number(name), leader: Number(rest.split(" ")[3]), command };
    }),
  );
  return found.filter((one) => one !== undefined).sort((a, b) => a.pid - b.pid);
}
