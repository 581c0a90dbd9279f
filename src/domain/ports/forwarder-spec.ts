import type { AgentRef } from "../agents/agent.js";
import {
  labelled,
  parseContainerConfig,
  type ContainerSpec,
  type HostUser,
} from "../agents/container-spec.js";
import { forwarderName } from "../identity/names.js";
import { forwarderDir, type Project } from "../identity/project.js";
import type { PublishedPort } from "./published.js";

/** Where forward.pl has its sockets, and where it is in the egress image (docker/egress). */
const SOCKETS = "/devkit/ports";
const PROGRAM = "/usr/lib/devkit/egress/forward.pl";

const MIB = 1024 ** 2;
/** 450 connections at most, with 64 KiB each way. */
const LIMITS = { memory: 128 * MIB, cpus: 1, pids: 16, tmp: MIB };

export interface ForwarderInput {
  readonly project: Project;
  readonly agent: AgentRef;
  /** Of the egress image: the program is in it. */
  readonly imageId: string;
  readonly user: HostUser;
  readonly version: string;
  readonly published: readonly PublishedPort[];
}

/** The half that listens on this machine's loopback. It is in the host's network, and connects to sockets alone. */
export function outsideSpec(input: ForwarderInput): ContainerSpec {
  const words = input.published.map(({ inside, host }) => `${String(host)}=${String(inside)}`);
  return forwarderSpec(input, { role: "ports", network: "host", words: ["outside", ...words], start: "" });
}

/** Which start of which container: the network goes with every stop. */
export interface AgentStart {
  readonly containerId: string;
  readonly startedAt: string;
}

/** The half that is in the agent's network, for as long as that lasts. It listens on sockets that no agent sees. */
export function insideSpec(input: ForwarderInput, { containerId, startedAt }: AgentStart): ContainerSpec {
  const words = ["inside", ...input.published.map(({ inside }) => String(inside))];
  const network = `container:${containerId}`;
  return forwarderSpec(input, { role: "ports-inside", network, words, start: startedAt });
}

interface Half {
  readonly role: "ports" | "ports-inside";
  readonly network: string;
  readonly words: readonly string[];
  readonly start: string;
}

function forwarderSpec(
  { project, agent, imageId, user, version }: ForwarderInput,
  { role, network, words, start }: Half,
): ContainerSpec {
  return labelled(
    { project, role, agent, version },
    {
      name: forwarderName(project, agent, role),
      // Who is in another's network has its name too.
      hostname: "",
      image: imageId,
      user: `${String(user.uid)}:${String(user.gid)}`,
      workdir: "/",
      command: ["perl", PROGRAM, ...words],
      env: start === "" ? {} : { DEVKIT_AGENT_START: start },
      mounts: [{ hostPath: forwarderDir(project, agent), containerPath: SOCKETS, readOnly: false }],
      limits: LIMITS,
      network: { name: network, address: undefined, dns: [] },
      readOnlyRoot: true,
    },
  );
}

/** `3000 → 127.0.0.1:20010, …`: what the half outside was made for, as its label says. */
export function describeRecorded(config: string | undefined): string {
  const pairs = (parseContainerConfig(config)["command"] ?? "").matchAll(/ (\d+)=(\d+)/g);
  return [...pairs].map(([, host, inside]) => `${inside ?? ""} at ${host ?? ""}`).join(", ");
}

export function describePublished(published: readonly PublishedPort[]): string {
  return published.map(({ inside, host }) => `${String(inside)} at ${String(host)}`).join(", ");
}

/** The image that a container was made of, as its label says. */
export function recordedImage(config: string | undefined): string {
  return parseContainerConfig(config)["image"] ?? "";
}
