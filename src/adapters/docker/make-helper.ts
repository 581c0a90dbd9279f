import type Docker from "dockerode";
import type { LeftHelper } from "../../app/ports-engine.js";
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

/** Those that killed processes of the project have left. */
export async function listLeftHelpers(docker: Docker, project: string): Promise<LeftHelper[]> {
  const label = [`${LABELS.role}=helper`, `${LABELS.project}=${project}`, OWNER];
  const found = await withEngineErrors("list helper containers", () =>
    docker.listContainers({ all: true, filters: { label } }),
  );
  const judged = await Promise.all(
    found.map(async ({ Id: id, Names: names, Labels: labels }) => {
      const owner = parseOwner(labels[OWNER] ?? "");
      const isLeft = owner !== undefined && !(await isAlive(owner));
      return isLeft ? [{ id, name: names[0]?.replace(/^\//, "") ?? id }] : [];
    }),
  );
  return judged.flat();
}

async function sweep(docker: Docker, project: string): Promise<void> {
  const left = await listLeftHelpers(docker, project);
  const remove = ({ id }: LeftHelper) => docker.getContainer(id).remove({ force: true, v: true });
  await Promise.all(left.map((one) => remove(one).catch(() => undefined)));
}

function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
