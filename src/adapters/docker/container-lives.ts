import type Docker from "dockerode";
import { readFile } from "node:fs/promises";
import type { Engine } from "../../app/ports-engine.js";
import { createTextSink } from "../../base/text-sink.js";
import { statusOf, withEngineErrors } from "./errors.js";
import { execIn } from "./exec.js";
import { findLoad } from "./find-load.js";

/** The kernel's files of a container, where the engine is on this machine: both versions of cgroups, both drivers. */
const PLACES: Readonly<Record<"v1" | "v2", readonly ((id: string) => string)[]>> = {
  v2: [(id) => `/sys/fs/cgroup/system.slice/docker-${id}.scope`, (id) => `/sys/fs/cgroup/docker/${id}`],
  v1: [
    (id) => `/sys/fs/cgroup/memory/docker/${id}`,
    (id) => `/sys/fs/cgroup/memory/system.slice/docker-${id}.scope`,
  ],
};

/** What both versions call the same thing. */
interface CounterNames {
  readonly v2: string;
  readonly v1: string;
}

const KILLS: CounterNames = { v2: "memory.events", v1: "memory.oom_control" };
const PEAK: CounterNames = { v2: "memory.peak", v1: "memory.max_usage_in_bytes" };

const COUNTER_BYTES = 4096;

/** When containers started and ended, and what of them the kernel has ended for want of memory. */
export function createContainerLives(
  docker: Docker,
): Pick<Engine, "findStart" | "findEnd" | "countOomKills" | "findLastOom" | "findUsage" | "findLoad"> {
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
    findUsage: async (id) => ({
      // Of one that does not run nobody counts.
      peakMemory: parsePeak(await readCounter(docker, id, PEAK).catch(() => "")),
      layerBytes: await findLayerSize(docker, id),
    }),
    findLoad: (id) => findLoad(docker, id),
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
  return parseKills(await readCounter(docker, id, KILLS));
}

/** From outside; where the engine is on another machine, as the container itself sees it. */
async function readCounter(docker: Docker, id: string, names: CounterNames): Promise<string> {
  for (const version of ["v2", "v1"] as const) {
    for (const place of PLACES[version]) {
      const text = await readFile(`${place(id)}/${names[version]}`, "utf8").catch(() => undefined);
      if (text !== undefined) return text;
    }
  }
  const said = createTextSink(COUNTER_BYTES);
  const files = [`/sys/fs/cgroup/${names.v2}`, `/sys/fs/cgroup/memory/${names.v1}`];
  const request = { argv: ["cat", ...files], env: {}, workdir: "/", tty: false };
  const ignored = createTextSink(0);
  await execIn(docker, id, request, { stdin: undefined, stdout: said.stream, stderr: ignored.stream });
  return said.text();
}

function parsePeak(text: string): number | undefined {
  return /^\d{1,18}$/.test(text.trim()) ? Number(text) : undefined;
}

/** What was written in the container besides its mounts; the engine counts it for this. */
async function findLayerSize(docker: Docker, id: string): Promise<number | undefined> {
  return withEngineErrors("look at the container's size", async () => {
    const found = await docker.listContainers({ all: true, size: true, filters: { id: [id] } });
    const [one] = found as { readonly SizeRw?: number }[];
    // The engine leaves a zero out.
    return one && (one.SizeRw ?? 0);
  });
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
