import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { HostPorts, HostPortState, PortStore } from "../../app/ports-ports.js";
import type { Progress } from "../../app/ports.js";
import { DevkitError } from "../../base/errors.js";
import { forwarderDir, type Project } from "../../domain/identity/project.js";
import type { RegisteredBlock } from "../../domain/ports/block.js";
import { formatRegistry, parseRegistry } from "../../domain/ports/registry-file.js";
import { isPortFree } from "../process/is-port-free.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { readIfThere } from "./egress-folders.js";
import { createFileLocks } from "./locks.js";
import { withFileErrors } from "./translate.js";

export interface PortStoreOptions {
  readonly project: Project;
  readonly progress: Pick<Progress, "warn">;
  readonly signal: AbortSignal;
}

const STATE_LIMIT = 64 * 1024;

/** The registry is beside the state of the user's projects, with a lock of its own: that of a project is not enough. */
export function createPortStore({ project, progress, signal }: PortStoreOptions): PortStore {
  const directory = path.dirname(project.stateDir);
  const file = path.join(directory, "ports.json");
  const lockDir = path.join(directory, "locks");
  const locks = createFileLocks({ directory: lockDir, progress, signal });
  const load = async () =>
    readRegistry(file, await withFileErrors(`cannot read ${file}`, () => readIfThere(file)));
  const stateFile = (dir: string) => path.join(dir, "state");
  return {
    load,
    async change(work) {
      // Closed to others from the start: the lock would make it open to all.
      await withFileErrors(`cannot make ${lockDir}`, () => mkdir(lockDir, { recursive: true, mode: 0o700 }));
      return locks.hold("ports", async () => {
        const before = await load();
        const { blocks, answer } = await work(before);
        if (blocks !== before) await replaceFile(file, formatRegistry(blocks), undefined, 0o600);
        return answer;
      });
    },
    isFree: isPortFree,
    prepareForwarder: (agent) =>
      withFileErrors("cannot make the directory for forwarded ports", async () => {
        const dir = forwarderDir(project, agent);
        await mkdir(dir, { recursive: true, mode: 0o700 });
        await rm(stateFile(dir), { force: true });
      }),
    readForwarder(agent) {
      const text = readHostileFile(stateFile(forwarderDir(project, agent)), STATE_LIMIT);
      return Promise.resolve(text === undefined ? undefined : parseState(text));
    },
    removeForwarder: (agent) =>
      withFileErrors("cannot remove what forwarded ports", () =>
        rm(forwarderDir(project, agent), { recursive: true, force: true }),
      ),
  };
}

function readRegistry(file: string, text: string | undefined): readonly RegisteredBlock[] {
  if (text === undefined) return [];
  const parsed = parseRegistry(text);
  if (parsed.ok) return parsed.blocks;
  throw new DevkitError("E_PORT_REGISTRY", `${file} cannot be read: ${parsed.problem}`, {
    // Agents' containers carry their ports: without the file they keep them.
    hint: `look at it, or let devkit make it anew from the agents there are: mv ${file} ${file}.broken`,
    details: { file },
  });
}

/** As docker/egress/forward.pl writes it. */
function parseState(text: string): HostPorts {
  const lines = text.matchAll(/^(\d+) (open|taken)$/gm);
  return new Map([...lines].map(([, port, state]) => [Number(port), state as HostPortState]));
}
