import { createHash } from "node:crypto";
import { formatSize } from "../../base/sizes.js";
import { agentMounts, type MountSpec, type ObjectDir } from "../custody/mounts.js";
import { CONTAINER, containerName, LABELS, networkName } from "../identity/names.js";
import type { Project } from "../identity/project.js";
import type { Slot } from "../egress/subnets.js";
import type { Limits, Settings } from "../settings/settings.js";
import type { AgentRef } from "./agent.js";
import { agentEnv } from "./env.js";

/** The person devkit runs as; containers run as the same uid and gid, so files never change owner. */
export interface HostUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where a container is on a network of devkit's. */
export interface NetworkPlace {
  readonly name: string;
  /** Undefined: any free one. */
  readonly address: string | undefined;
  /** Name servers; empty: the engine's choice. */
  readonly dns: readonly string[];
}

/** Everything the engine is told about one container of devkit's. */
export interface ContainerSpec {
  readonly name: string;
  readonly hostname: string;
  /** The image's id, never a tag: a tag can move between deciding and creating. */
  readonly image: string;
  readonly user: string;
  readonly workdir: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly MountSpec[];
  readonly limits: Limits;
  /** Undefined: it has only its loopback. */
  readonly network: NetworkPlace | undefined;
  /** Nothing can be written but its mounts and temporary directories. */
  readonly readOnlyRoot: boolean;
  /** The engine starts it again when it fails, and lets no packet through it from one network to another. */
  readonly isRouter?: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export interface SpecInput {
  /** Undefined where the network does not matter: a helper that runs git has none. */
  readonly slot: Slot | undefined;
  readonly project: Project;
  readonly agent: AgentRef;
  /** Those of this agent. */
  readonly settings: Settings;
  readonly imageId: string;
  readonly user: HostUser;
  /** The primary's object directory and all it borrows from, real paths. */
  readonly objectDirs: readonly ObjectDir[];
  readonly version: string;
}

export function containerSpec(input: SpecInput): ContainerSpec {
  const { project, agent, settings } = input;
  const { memory, cpus, pids, tmp, env: extraEnv } = settings.container;
  const body = {
    name: containerName(project, agent),
    hostname: agent.name,
    image: input.imageId,
    user: `${String(input.user.uid)}:${String(input.user.gid)}`,
    workdir: CONTAINER.workspace,
    command: keepAlive(agent),
    env: { ...agentEnv(project, agent), ...extraEnv },
    mounts: agentMounts(project, agent, input.objectDirs),
    limits: { memory, cpus, pids, tmp },
    network: input.slot && {
      name: networkName(project, agent),
      address: input.slot.agent,
      dns: [input.slot.egress],
    },
    readOnlyRoot: settings.project.profiles.includes("hardened"),
  };
  return labelled({ project, role: "agent", agent, version: input.version }, body);
}

export interface LabelInput {
  readonly project: Project;
  readonly role: "agent" | "egress";
  /** Undefined: it is the whole project's. */
  readonly agent: AgentRef | undefined;
  readonly version: string;
}

/** A container with the labels by which it is found, and by which a later run sees what of it has changed. */
export function labelled(
  { project, role, agent, version }: LabelInput,
  body: Omit<ContainerSpec, "labels">,
): ContainerSpec {
  const config = JSON.stringify(flattenConfig(body));
  const labels = {
    [LABELS.project]: project.id,
    ...(agent === undefined ? {} : { [LABELS.agent]: agent.name, [LABELS.index]: String(agent.index) }),
    [LABELS.role]: role,
    [LABELS.root]: project.root,
    [LABELS.version]: version,
    [LABELS.config]: config,
    [LABELS.configHash]: sha256(config).slice(0, 16),
  };
  return { ...body, labels };
}

/** The same container with nothing but the private git dir and the history it borrows: the worktree may be gone. */
export function gitOnlySpec(spec: ContainerSpec): ContainerSpec {
  const isNeeded = ({ containerPath, readOnly }: MountSpec) =>
    containerPath === CONTAINER.git ||
    (readOnly && containerPath !== CONTAINER.policy && !containerPath.endsWith("/.git"));
  return { ...spec, workdir: "/", mounts: spec.mounts.filter(isNeeded) };
}

/** The main process only keeps the container up; agents and shells are started in it with exec. */
function keepAlive(agent: AgentRef): readonly string[] {
  return ["/bin/sh", "-c", `echo "${agent.name} is up on $(git branch --show-current)"; exec sleep infinity`];
}

type SpecBody = Omit<ContainerSpec, "labels" | "name" | "hostname">;

/** A flat map of what makes two containers differ. Values of variables are hashed: labels are public. */
function flattenConfig(body: SpecBody): Record<string, string> {
  const flat: Record<string, string> = {
    image: body.image,
    user: body.user,
    workdir: body.workdir,
    command: body.command.join(" "),
  };
  for (const [key, value] of Object.entries(body.limits)) flat[key] = String(value);
  if (body.network !== undefined) flat["network"] = `${body.network.name} ${body.network.address ?? ""}`;
  if (body.readOnlyRoot) flat["read-only root"] = "yes";
  for (const mount of body.mounts) {
    flat[`mount ${mount.containerPath}`] = `${mount.hostPath}${mount.readOnly ? " (read-only)" : ""}`;
  }
  for (const [key, value] of Object.entries(body.env)) flat[`env ${key}`] = `#${sha256(value).slice(0, 8)}`;
  return Object.fromEntries(Object.entries(flat).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Says in words what differs between a container's recorded settings and those wanted now. */
export function describeDrift(recorded: string | undefined, wanted: ContainerSpec): string {
  const before = parseConfig(recorded);
  const after = parseConfig(wanted.labels[LABELS.config]);
  const changes = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .map((key) => describeChange(key, before[key], after[key]));
  return changes.length === 0 ? "its settings changed" : changes.join(", ");
}

function describeChange(key: string, before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `${key} is new`;
  if (after === undefined) return `${key} is gone`;
  if (key.startsWith("env ")) return `${key} changed`;
  const show = key === "memory" || key === "tmp" ? (value: string) => formatSize(Number(value)) : shorten;
  return `${key} changed from ${show(before)} to ${show(after)}`;
}

function shorten(value: string): string {
  return value.startsWith("sha256:") ? value.slice(7, 19) : value;
}

/** The id of the image that a container was made from, which the engine keeps as long as the container. */
export function recordedImage(recorded: string | undefined): string | undefined {
  return parseConfig(recorded)["image"];
}

function parseConfig(text: string | undefined): Partial<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return value !== null && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}
