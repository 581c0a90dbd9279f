import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import type { ContainerLoad } from "../../app/ports-engine.js";
import { statusOf, withEngineErrors } from "./errors.js";

/** How far two looks are apart: the engine itself would take one to two seconds for that. */
const APART_MS = 200;

interface Look {
  readonly atMs: number;
  /** Processor time so far, in nanoseconds. */
  readonly busyNs: number;
  readonly memory: number;
}

/** What a container takes, from two looks at what the kernel counts. */
export async function findLoad(docker: Docker, id: string): Promise<ContainerLoad | undefined> {
  return withEngineErrors("look at what the container takes", async () => {
    const first = await look(docker, id);
    if (first === undefined) return undefined;
    await sleep(APART_MS);
    const second = await look(docker, id);
    if (second === undefined) return undefined;
    const busyMs = Math.max(0, second.busyNs - first.busyNs) / 1e6;
    const cpus = busyMs / Math.max(1, second.atMs - first.atMs);
    return { memory: second.memory, cpus: Number(cpus.toFixed(2)) };
  });
}

/** Of a container that does not run the engine has nothing but zeros. */
async function look(docker: Docker, id: string): Promise<Look | undefined> {
  const found = await docker
    .getContainer(id)
    .stats({ stream: false, "one-shot": true })
    .catch((error: unknown) => {
      if (statusOf(error) === 404 || statusOf(error) === 409) return undefined;
      throw error;
    });
  const atMs = performance.now();
  if (found === undefined) return undefined;
  // What is said to be there is not when it does not run.
  const { usage, stats } = found.memory_stats as { usage?: number; stats?: Record<string, number> };
  if (usage === undefined || usage === 0) return undefined;
  // Of the second version of cgroups, and of the first.
  const files = stats?.["inactive_file"] ?? stats?.["total_inactive_file"] ?? 0;
  return { atMs, busyNs: found.cpu_stats.cpu_usage.total_usage, memory: Math.max(0, usage - files) };
}
