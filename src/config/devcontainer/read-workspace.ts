import path from "node:path";
import { isWithin } from "../../domain/custody/mounts.js";
import { CONTAINER } from "../../domain/identity/names.js";
import type { SettingPath } from "../locate.js";
import { valueAt } from "./jsonc.js";
import { splitOptions } from "./read-mounts.js";
import type { Reading } from "./reading.js";

/** Where the specification has the worktree, and where in it commands run. */
export interface WorkspacePlaces {
  readonly place: string;
  readonly folder: string;
}

/** By default `/workspaces/<name of the repository>`; `/workspace` where the repository itself has that path on this machine. */
export function workspacePlaces(data: unknown, root: string): WorkspacePlaces {
  const mount = valueAt(data, ["workspaceMount"]);
  const asked = typeof mount === "string" ? optionsOf(mount).get("target") : undefined;
  const place = withoutSlash(asked ?? path.posix.join("/workspaces", path.basename(root)));
  const given = valueAt(data, ["workspaceFolder"]);
  const folder = typeof given === "string" ? given : place;
  // What an agent borrows of the repository is at its path on this machine, so the worktree cannot be there, too.
  if (!isWithin(root, place) && !isWithin(place, root)) return { place, folder };
  const inside = isWithin(folder, place) ? folder.slice(place.length) : "";
  return { place: CONTAINER.workspace, folder: `${CONTAINER.workspace}${inside}` };
}

function optionsOf(text: string): Map<string, string> {
  const spellings: Readonly<Record<string, string>> = { src: "source", dst: "target", destination: "target" };
  return new Map(splitOptions(text).map(([name, value]) => [spellings[name] ?? name, value]));
}

export function readWorkspaceMount(value: unknown, at: SettingPath, reading: Reading): void {
  const text = reading.text(value, at);
  if (text === undefined) return;
  const options = optionsOf(text);
  const source = options.get("source");
  const isOwn = source !== undefined && path.resolve(source) === path.resolve(reading.root);
  if (!isOwn || (options.get("type") ?? "bind") !== "bind") {
    reading.refuse(at, "workspaceMount can only be the repository: every agent has its own worktree of it", {
      hint: 'write: "workspaceMount": "source=${localWorkspaceFolder},target=/workspaces/app,type=bind"',
    });
  } else if (!options.has("target")) reading.refuse(at, "workspaceMount needs a target");
  else if (["readonly", "ro"].some((name) => options.has(name)))
    reading.refuse(at, "workspaceMount cannot be read-only: agents work there");
}

export function readWorkspaceFolder(value: unknown, at: SettingPath, reading: Reading): void {
  reading.text(value, at);
}

/** The places that were asked for, or the specification's own. */
export function setWorkspace({ place, folder }: WorkspacePlaces, reading: Reading): void {
  const from = (name: string): SettingPath => (valueAt(reading.data, [name]) === undefined ? [] : [name]);
  if (place !== CONTAINER.workspace)
    reading.set(["container", "workspace_at"], place, from("workspaceMount"));
  const isSet = reading.known["container"]?.["workdir"] !== undefined;
  if (isSet && valueAt(reading.data, ["workspaceFolder"]) === undefined) return;
  reading.set(["container", "workdir"], withoutSlash(folder), from("workspaceFolder"));
}

function withoutSlash(directory: string): string {
  return path.posix.normalize(directory).replace(/(?<=.)\/$/, "");
}
