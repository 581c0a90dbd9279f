import type Docker from "dockerode";
import { LABELS } from "../../domain/identity/names.js";
import { isAlive, ownIdentity, type ProcessIdentity } from "../process/process-identity.js";
import { withEngineErrors } from "./errors.js";

/** Who made it: JSON of a ProcessIdentity. */
const OWNER = "dev.devkit.owner";

/**
 * Makes a container for the length of one command of this process, and removes those that killed processes of the same
 * project have left: one that was never started, or keeps its end to be read, does not remove itself.
 * @throws DevkitError E_ENGINE
 */
export async function makeHelper(
  docker: Docker,
  options: Docker.ContainerCreateOptions,
): Promise<Docker.Container> {
  await sweep(docker, options.Labels?.[LABELS.project] ?? "").catch(() => undefined);
  const owner = JSON.stringify(await ownIdentity());
  const labels = { ...options.Labels, [LABELS.role]: "helper", [OWNER]: owner };
  return withEngineErrors("make a helper container", () =>
    docker.createContainer({ ...options, Labels: labels }),
  );
}

async function sweep(docker: Docker, project: string): Promise<void> {
  const label = [`${LABELS.role}=helper`, `${LABELS.project}=${project}`, OWNER];
  const found = await docker.listContainers({ all: true, filters: { label } });
  await Promise.all(
    found.map(async ({ Id: id, Labels: labels }) => {
      const owner = parseOwner(labels[OWNER] ?? "");
      if (owner === undefined || (await isAlive(owner))) return;
      await docker
        .getContainer(id)
        .remove({ force: true, v: true })
        .catch(() => undefined);
    }),
  );
}

function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
