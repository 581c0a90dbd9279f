import type Docker from "dockerode";
import { readFile } from "node:fs/promises";
import type { Engine } from "../../app/ports-engine.js";
import { createTextSink } from "../../base/text-sink.js";
import { statusOf, withEngineErrors } from "./errors.js";
import { execIn } from "./exec.js";

/** The kernel's counters of a container, where the engine is on this machine: both versions of cgroups, both drivers. */
const COUNTERS: readonly ((id: string) => string)[] = [
  (id) => `/sys/fs/cgroup/system.slice/docker-${id}.scope/memory.events`,
  (id) => `/sys/fs/cgroup/docker/${id}/memory.events`,
  (id) => `/sys/fs/cgroup/memory/docker/${id}/memory.oom_control`,
  (id) => `/sys/fs/cgroup/memory/system.slice/docker-${id}.scope/memory.oom_control`,
];

/** The same as the container itself sees them. */
const INSIDE = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

const COUNTER_BYTES = 4096;

/** When containers started and ended, and what of them the kernel has ended for want of memory. */
export function createContainerLives(
  docker: Docker,
): Pick<Engine, "findStart" | "findEnd" | "countOomKills" | "findLastOom"> {
  return {
    findStart: async (id) => {
      const state = await findState(docker, id);
      return state?.Running === true ? state.StartedAt : undefined;
    },
    findEnd: async (id) => {
      const state = await findState(docker, id);
      if (state === undefined || state.Running) return undefined;
      return { outOfMemory: state.OOMKilled, at: new Date(state.FinishedAt).toISOString() };
    },
    countOomKills: (id) => countOomKills(docker, id),
    findLastOom: (id) => findLastOom(docker, id),
  };
}

async function findState(
  docker: Docker,
  id: string,
): Promise<Docker.ContainerInspectInfo["State"] | undefined> {
  return withEngineErrors("look at the container", async () => {
    const found = await docker
      .getContainer(id)
      .inspect()
      .catch((error: unknown) => {
        if (statusOf(error) === 404) return undefined;
        throw error;
      });
    return found?.State;
  });
}

/** How many processes of a container the kernel has ended for want of memory since it was started. */
async function countOomKills(docker: Docker, id: string): Promise<number | undefined> {
  for (const place of COUNTERS) {
    const text = await readFile(place(id), "utf8").catch(() => undefined);
    if (text !== undefined) return parseKills(text);
  }
  const said = createTextSink(COUNTER_BYTES);
  const request = { argv: ["cat", ...INSIDE], env: {}, workdir: "/", tty: false };
  const ignored = createTextSink(0);
  await execIn(docker, id, request, { stdin: undefined, stdout: said.stream, stderr: ignored.stream });
  return parseKills(said.text());
}

function parseKills(text: string): number | undefined {
  const count = /^oom_kill (\d{1,15})$/m.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** When the engine last saw one, as far back as it remembers. */
async function findLastOom(docker: Docker, id: string): Promise<string | undefined> {
  return withEngineErrors("look at the engine's events", async () => {
    const until = Math.ceil(Date.now() / 1000);
    const filters = { container: [id], event: ["oom"] };
    const stream = await docker.getEvents({ since: 0, until, filters });
    let text = "";
    for await (const chunk of stream) text += chunk.toString();
    const times = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { readonly timeNano: number }).timeNano);
    return times.length === 0 ? undefined : new Date(Math.max(...times) / 1e6).toISOString();
  });
}
