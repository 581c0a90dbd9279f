import type { Variables as UserVariables } from "../interpolate.js";
import { createHash } from "node:crypto";
import path from "node:path";

/** What `${…}` stands for while the file is read; what only the container knows is left in place. */
export interface Variables {
  readonly localWorkspaceFolder: string;
  /** Undefined while it is being found out. */
  readonly containerWorkspaceFolder: string | undefined;
  readonly devcontainerId: string;
  readonly env: UserVariables;
}

const VARIABLE = /\$\{([^{}]*)\}/g;

/** Replaces the specification's variables; any other `${…}` stays, since a shell may know it. */
export function substitute(text: string, variables: Variables): string {
  return text.replaceAll(VARIABLE, (whole, inside: string) => valueOf(inside, variables) ?? whole);
}

/** The same in every text of a value; names of members stay. */
export function substituteAll(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") return substitute(value, variables);
  if (Array.isArray(value)) return value.map((item) => substituteAll(item, variables));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, inner]): [string, unknown] => [
    name,
    substituteAll(inner, variables),
  ]);
  return Object.fromEntries(members);
}

function valueOf(inside: string, variables: Variables): string | undefined {
  const [kind = "", name = "", ...fallback] = inside.split(":");
  const { localWorkspaceFolder, containerWorkspaceFolder, devcontainerId, env } = variables;
  switch (kind) {
    case "localEnv":
    case "env":
      return name === "" ? undefined : (env(name) ?? fallback.join(":"));
    case "localWorkspaceFolder":
      return localWorkspaceFolder;
    case "localWorkspaceFolderBasename":
      return path.basename(localWorkspaceFolder);
    case "containerWorkspaceFolder":
      return containerWorkspaceFolder;
    case "containerWorkspaceFolderBasename":
      return containerWorkspaceFolder === undefined
        ? undefined
        : path.posix.basename(containerWorkspaceFolder);
    case "devcontainerId":
      return devcontainerId;
    default:
      return undefined;
  }
}

/** Stable for a repository and a file; short, for it ends up in names of volumes. */
export function devcontainerId(root: string, file: string): string {
  return createHash("sha256").update(`${root}\0${file}`).digest("hex").slice(0, 16);
}
