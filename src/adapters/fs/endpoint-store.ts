import { lstatSync } from "node:fs";
import { chmod, mkdir, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import type { EndpointStore } from "../../app/ports-endpoint.js";
import { DevkitError } from "../../base/errors.js";
import { isAgentName } from "../../domain/agents/agent-name.js";
import { poolDirs } from "../../domain/endpoint/broker-spec.js";
import { formatEndpointSettings } from "../../domain/endpoint/settings-file.js";
import { brokerPaths, type Project } from "../../domain/identity/project.js";
import { readHostileFile } from "./atomic-file.js";
import { replaceIfOther } from "./egress-folders.js";
import { withFileErrors } from "./translate.js";

const READY_LIMIT = 1024 ** 2;

/** The endpoint's files in the project's state directory; the broker writes some of them, and is not trusted with more. */
export function createEndpointStore(project: Project): EndpointStore {
  const paths = brokerPaths(project);
  /** Everything of an agent below `base` that is not its socket. */
  const kept = [paths.notices, paths.activity];
  return {
    machine: hostname(),
    async prepare(agents, client) {
      const { refs, locks } = poolDirs(project);
      const shared = [path.join(refs, "tasks"), locks, paths.config, ...kept];
      const sockets = agents.map(({ name }) => path.join(paths.sockets, name));
      await withFileErrors(`cannot make ${paths.base}`, async () => {
        for (const directory of [...shared, paths.sockets, ...sockets]) {
          await mkdir(directory, { recursive: true, mode: 0o700 });
        }
        await replaceIfOther(paths.client, client);
        await chmod(paths.client, 0o755);
      });
      // The broker can write here: what is mounted into an agent has to be what it seems.
      for (const directory of [paths.sockets, ...sockets]) requireDirectory(directory);
    },
    saveSettings: (settings) =>
      replaceIfOther(path.join(paths.config, "settings.json"), formatEndpointSettings(settings)),
    findServed: () => Promise.resolve(parseServed(readHostileFile(paths.ready, READY_LIMIT))),
    forgetServed: () => rm(paths.ready, { force: true }),
    async known() {
      const entries = await readdir(paths.sockets, { withFileTypes: true }).catch(() => []);
      return entries.filter((one) => one.isDirectory() && isAgentName(one.name)).map(({ name }) => name);
    },
    removeAgent: ({ name }) =>
      withFileErrors(`cannot remove the endpoint of ${name}`, async () => {
        await rm(path.join(paths.sockets, name), { recursive: true, force: true });
        for (const directory of kept) await rm(path.join(directory, `${name}.json`), { force: true });
      }),
  };
}

function requireDirectory(directory: string): void {
  if (lstatSync(directory).isDirectory()) return;
  throw new DevkitError("E_WORK_IN_THE_WAY", `${directory} is no directory`, {
    hint: `look at it, and remove it: rm ${directory}`,
  });
}

function parseServed(text: string | undefined): ReadonlySet<string> | undefined {
  try {
    const { agents } = JSON.parse(text ?? "") as { readonly agents?: unknown };
    return Array.isArray(agents) ? new Set(agents.filter((one) => typeof one === "string")) : undefined;
  } catch {
    return undefined;
  }
}
