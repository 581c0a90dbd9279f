import { readdir } from "node:fs/promises";
import path from "node:path";
import { replaceFile } from "../adapters/fs/atomic-file.js";
import { isThere } from "../adapters/fs/project-dir.js";
import { errorMessage } from "../base/errors.js";
import { isAgentName } from "../domain/agents/agent-name.js";
import { openEndpoint, SOCKET, type Endpoint, type EndpointOptions } from "./endpoint-server.js";

/** The endpoints of all agents there are. */
export interface Endpoints {
  /** Opens those of new agents, closes those of agents that are gone, and says in `ready.json` whom it serves. */
  rescan(): Promise<void>;
  close(): Promise<void>;
}

export interface EndpointsOptions extends Omit<EndpointOptions, "agent" | "directory"> {
  /** Holds `sockets`, with a directory for each agent that the host has made. */
  readonly base: string;
}

export function createEndpoints({ base, ...options }: EndpointsOptions): Endpoints {
  const open = new Map<string, Endpoint>();
  const sockets = path.join(base, "sockets");
  const scan = async () => {
    const entries = await readdir(sockets, { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isDirectory() && isAgentName(entry.name))
      .map(({ name }) => name);
    for (const [agent, endpoint] of open) {
      // A directory without our socket is another one: its agent was removed and made again.
      if (names.includes(agent) && isThere(path.join(sockets, agent, SOCKET))) continue;
      open.delete(agent);
      await endpoint.close();
    }
    for (const agent of names.filter((name) => !open.has(name))) {
      try {
        open.set(agent, await openEndpoint({ ...options, agent, directory: path.join(sockets, agent) }));
      } catch (error) {
        // One that cannot be served keeps the others from nothing.
        options.log.note(agent, "error", errorMessage(error));
      }
    }
    await replaceFile(path.join(base, "ready.json"), `${JSON.stringify({ agents: [...open.keys()] })}\n`);
  };
  // One scan at a time; a signal during one means another.
  let last: Promise<void> = Promise.resolve();
  return {
    rescan() {
      last = last.then(scan).catch((error: unknown) => {
        options.log.note(undefined, "error", errorMessage(error));
      });
      return last;
    },
    async close() {
      await last;
      await Promise.all([...open.values()].map((endpoint) => endpoint.close()));
    },
  };
}
