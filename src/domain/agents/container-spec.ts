import { createHash } from "node:crypto";
import { formatSize } from "../../base/sizes.js";
import { containerCaches } from "../caches/container-caches.js";
import type { ContainerCaches } from "../caches/cache-places.js";
import { formatUses } from "../caches/plan-caches.js";
import { agentMounts, type MountSpec, type ObjectDir } from "../custody/mounts.js";
import { temporarySize } from "../limits/temporary-size.js";
import { CONTAINER, containerName, LABELS, networkName } from "../identity/names.js";
import type { Project } from "../identity/project.js";
import type { Slot } from "../egress/subnets.js";
import { formatBlock, type PortBlock } from "../ports/block.js";
import { portEnv } from "../ports/port-env.js";
import type { SpecExtras } from "../mounts/extras.js";
import type { Limits, Settings } from "../settings/settings.js";
import type { AgentRef } from "./agent.js";
import { fillContainerEnv } from "./container-variables.js";
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
  /** The engine lets no packet through it from one network to another. */
  readonly isRouter?: boolean;
  /** The engine starts it again when it fails. */
  readonly restarts?: boolean;
  /** Names of the overlays it is made with. */
  readonly overlays?: readonly string[];
  readonly caches?: ContainerCaches;
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
  /** Variables that the image sets, `NAME=value` each. */
  readonly imageEnv?: readonly string[];
  readonly user: HostUser;
  /** The primary's object directory and all it borrows from, real paths. */
  readonly objectDirs: readonly ObjectDir[];
  /** The ports of this machine that are its; undefined where that does not matter. */
  readonly ports?: PortBlock | undefined;
  /** Where the user's download caches are; without it the agent has none. */
  readonly cachesDir?: string;
  readonly version: string;
  /** Undefined where only what devkit itself gives an agent matters. */
  readonly extras?: SpecExtras | undefined;
}

/** Marks a mount in the label. */
const READ_ONLY = " (read-only)";

export function containerSpec(input: SpecInput): ContainerSpec {
  const { project, agent, settings } = input;
  const { memory, cpus, pids, env, workdir, command } = settings.container;
  const { mounts, env: fileEnv, overlays } = input.extras ?? { mounts: [], env: {}, overlays: [] };
  const caches = containerCaches(input);
  const readOnlyRoot = settings.project.profiles.includes("hardened");
  const tmp = temporarySize(settings.container.tmp, memory, readOnlyRoot);
  const body = {
    name: containerName(project, agent),
    hostname: agent.name,
    image: input.imageId,
    user: `${String(input.user.uid)}:${String(input.user.gid)}`,
    workdir,
    command: command.length > 0 ? onceReleased(command) : keepAlive(agent),
    env: fillContainerEnv(
      {
        ...agentEnv(project, agent),
        ...portEnv(project, agent, input.ports),
        ...caches.env,
        ...fileEnv,
        ...env,
      },
      input.imageEnv ?? [],
    ),
    mounts: [
      ...agentMounts(project, agent, input.objectDirs, settings.container.workspace_at),
      ...caches.mounts,
      ...mounts,
    ],
    caches: caches.caches,
    overlays,
    limits: { memory, cpus, pids, tmp },
    network: input.slot && {
      name: networkName(project, agent),
      address: input.slot.agent,
      dns: [input.slot.egress],
    },
    readOnlyRoot,
  };
  const spec = labelled({ project, role: "agent", agent, version: input.version }, body);
  return input.ports === undefined
    ? spec
    : { ...spec, labels: { ...spec.labels, [LABELS.ports]: formatBlock(input.ports) } };
}

export interface LabelInput {
  readonly project: Project;
  readonly role: "agent" | "egress" | "ports" | "ports-inside" | "broker";
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

const ABOUT_THE_AGENT: ReadonlySet<string> = new Set([
  CONTAINER.policy,
  CONTAINER.endpoint,
  CONTAINER.client,
]);

/** The same container with nothing but the private git dir and the history it borrows: the worktree may be gone. */
export function gitOnlySpec(spec: ContainerSpec): ContainerSpec {
  const isNeeded = ({ containerPath, readOnly, asked }: MountSpec) =>
    containerPath === CONTAINER.git ||
    (readOnly && asked !== true && !ABOUT_THE_AGENT.has(containerPath) && !containerPath.endsWith("/.git"));
  return { ...spec, workdir: "/", mounts: spec.mounts.filter(isNeeded) };
}

/** The main process only keeps the container up; agents and shells are started in it with exec. */
function keepAlive(agent: AgentRef): readonly string[] {
  const branch = `$(git -C ${CONTAINER.workspace} branch --show-current)`;
  return ["/bin/sh", "-c", `echo "${agent.name} is up on ${branch}"; exec sleep infinity`];
}

/** Made in the agent's new `/tmp` once its network is sealed. */
export const RELEASE_FILE = "/tmp/.devkit-sealed";

const HELD = ["/bin/sh", "-c", `until [ -e ${RELEASE_FILE} ]; do sleep 0.05; done; exec "$@"`, "devkit"];

/** A main process of the user's own begins only when the network is sealed, which is after the start. */
function onceReleased(command: readonly string[]): readonly string[] {
  return [...HELD, ...command];
}

/** Whether its main process waits for `RELEASE_FILE`. */
export function isHeld({ command }: Pick<ContainerSpec, "command">): boolean {
  return HELD.every((word, position) => command[position] === word);
}

/** What a container's label says that it was made with. */
export function recordedSettings(config: string | undefined): {
  readonly workdir: string;
  readonly overlays: readonly string[];
  /** Host paths that are mounted writable. */
  readonly writable: readonly string[];
} {
  const recorded = parseContainerConfig(config);
  const workdir = recorded["workdir"];
  const mounts = Object.entries(recorded).filter(([key]) => key.startsWith("mount "));
  return {
    workdir: typeof workdir === "string" && workdir.startsWith("/") ? workdir : CONTAINER.workspace,
    overlays: recorded["overlays"]?.split(", ") ?? [],
    writable: mounts.flatMap(([, source = ""]) => (source.endsWith(READ_ONLY) ? [] : [source])),
  };
}

type SpecBody = Omit<ContainerSpec, "labels" | "name" | "hostname">;

/** A flat map of what makes two containers differ. Values of variables are hashed: labels are public. */
function flattenConfig(body: SpecBody): Record<string, string> {
  const flat: Record<string, string> = {
    image: body.image,
    user: body.user,
    workdir: body.workdir,
    command: body.command.slice(isHeld(body) ? HELD.length : 0).join(" "),
  };
  for (const [key, value] of Object.entries(body.limits)) flat[key] = String(value);
  if (body.network !== undefined) flat["network"] = `${body.network.name} ${body.network.address ?? ""}`;
  if (body.readOnlyRoot) flat["read-only root"] = "yes";
  if (body.overlays !== undefined && body.overlays.length > 0) flat["overlays"] = body.overlays.join(", ");
  for (const mount of body.mounts) {
    flat[`mount ${mount.containerPath}`] = `${mount.hostPath}${mount.readOnly ? READ_ONLY : ""}`;
  }
  if (body.caches !== undefined && body.caches.uses.length > 0) flat["caches"] = formatUses(body.caches.uses);
  for (const { containerPath, lower, upper } of body.caches?.layers ?? [])
    flat[`mount ${containerPath}`] = `${lower} below ${upper}`;
  const { DEVKIT_PORTS: ports, ...env } = body.env;
  // No secret, and which they were is what people want to know.
  if (ports !== undefined) flat["ports"] = ports;
  for (const [key, value] of Object.entries(env)) flat[`env ${key}`] = `#${sha256(value).slice(0, 8)}`;
  return Object.fromEntries(Object.entries(flat).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Says in words what differs between a container's recorded settings and those wanted now. */
export function describeDrift(recorded: string | undefined, wanted: ContainerSpec): string {
  const before = parseContainerConfig(recorded);
  const after = parseContainerConfig(wanted.labels[LABELS.config]);
  // What the overlays bring follows from them.
  const changes = [...new Set(["overlays", ...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .map((key) => describeChange(key, before[key], after[key]));
  return changes.length === 0 ? "its settings changed" : changes.join(", ");
}

function describeChange(key: string, before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `${describePresence(key, after)} new`;
  if (after === undefined) return `${describePresence(key, before)} gone`;
  if (key.startsWith("env ")) return `${key} changed`;
  const show = key === "memory" || key === "tmp" ? (value: string) => formatSize(Number(value)) : shorten;
  return `${key} changed from ${show(before)} to ${show(after)}`;
}

/** "mount /data is"; of overlays also which, for their names are the cause. */
function describePresence(key: string, value: string | undefined): string {
  if (key !== "overlays" || value === undefined) return `${key} is`;
  return value.includes(", ") ? `overlays ${value} are` : `overlay ${value} is`;
}

function shorten(value: string): string {
  return value.startsWith("sha256:") ? value.slice(7, 19) : value;
}

/** The id of the image that a container was made from, which the engine keeps as long as the container. */
export function recordedImage(recorded: string | undefined): string | undefined {
  return parseContainerConfig(recorded)["image"];
}

/** What `labelled` recorded of a container; empty when nothing can be read. */
export function parseContainerConfig(text: string | undefined): Partial<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return value !== null && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}
