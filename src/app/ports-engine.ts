/** The container engine as the use-cases see it. */
import type { ContainerSpec } from "../domain/agents/container-spec.js";
import type { ObservedContainer } from "../domain/agents/observed.js";
import type { EnginePlace } from "../domain/engines/engine-place.js";
import type { ImageStore } from "./ports-images.js";

export interface EngineInfo {
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly isPodman: boolean;
  /** It runs as an ordinary user, who is root in its containers. */
  readonly isRootless: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Where the engine keeps images, on its own machine. */
  readonly dataDir: string;
  /** What its clock says, RFC 3339; empty where it does not tell. */
  readonly systemTime: string;
}

/** A network to be made for one project. */
export interface NetworkSpec {
  readonly name: string;
  /** CIDR. */
  readonly subnet: string;
  /** Nothing on it reaches the host or anything beyond. */
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** A network with what its labels say. */
export interface LabelledNetwork {
  readonly id: string;
  readonly name: string;
  /** CIDR; undefined when the engine chose none. */
  readonly subnet: string | undefined;
  readonly internal: boolean;
  /** The engine gives this machine an address on it, so that there is a route to it. */
  readonly isRouted?: boolean;
  readonly projectId: string;
  /** Whose it is; undefined: the way out, which an egress has. */
  readonly agentName: string | undefined;
  readonly root: string | undefined;
}

/** The networks devkit makes. Errors: those of the engine. */
export interface Networks {
  /** Those with our role label; of one project, or of all when undefined. */
  listNetworks(projectId: string | undefined): Promise<LabelledNetwork[]>;
  /** Subnets of all the engine's networks, whoever made them: CIDR. */
  listSubnets(): Promise<string[]>;
  /**
   * Makes it, or returns the id of the one that a killed run made under the same name and subnet. Undefined when the
   * engine says that the subnet overlaps another network or route.
   */
  createNetwork(spec: NetworkSpec): Promise<string | undefined>;
  /** Whatever is on it is taken off first. One that is gone is fine. */
  removeNetwork(id: string): Promise<void>;
  /** Puts a container on a network, at the address; nothing to do when it is there already. */
  attach(networkId: string, containerId: string, place: Attachment): Promise<void>;
  detach(networkId: string, containerId: string): Promise<void>;
}

/** A volume of devkit's that no container has any more: its container was removed without it. */
export interface LabelledVolume {
  readonly name: string;
  readonly agentName: string;
  readonly root: string | undefined;
}

export interface Attachment {
  readonly address: string;
  readonly aliases: readonly string[];
}

/** What a container is for, as its label says. */
export type ContainerRole = (typeof CONTAINER_ROLES)[number];

/** `ports` and `ports-inside` are the two halves of what forwards an agent's ports. */
export const CONTAINER_ROLES = ["agent", "egress", "ports", "ports-inside", "broker"] as const;

/** A container with its project and agent, as its labels say. */
export interface LabelledContainer extends ObservedContainer {
  readonly projectId: string;
  /** Empty for one that is the whole project's. */
  readonly agentName: string;
  /** The primary's path, as recorded when it was made. */
  readonly root: string | undefined;
  /** An agent's block of ports, as recorded when it was made. */
  readonly ports?: string | undefined;
}

export interface ImageInfo {
  readonly id: string;
  readonly env: readonly string[];
  readonly architecture: string;
  readonly sizeBytes: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ImageBuild {
  readonly tag: string;
  /** What is built, for people: the user's Dockerfile, or the image. */
  readonly what: string;
  /** Path of the Dockerfile within the context. */
  readonly dockerfile: string;
  /** Directory packed as the context, and which of its files (relative paths) belong to it. */
  readonly contextDir: string;
  readonly files: readonly string[];
  /** Further entries, made in memory: relative path → content. */
  readonly entries: ReadonlyMap<string, Buffer>;
  /** Further directories, whole and readable for everyone: path in the context → host path. */
  readonly trees?: ReadonlyMap<string, string>;
  /** The stage to stop at. */
  readonly target?: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Build on the host's network: a proxy on loopback is not reachable from a bridge. */
  readonly hostNetwork: boolean;
}

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Container path. */
  readonly workdir: string;
  readonly tty: boolean;
  /** The terminal's size at the start. */
  readonly size?: { readonly columns: number; readonly rows: number };
}

export interface SealRequest {
  /** The id of an image with nft in it. */
  readonly image: string;
  readonly rules: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A command for a container that shares another one's network and nothing else. */
export interface BesideRequest {
  /** The image's id. */
  readonly image: string;
  /** `uid:gid`. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
}

/** The caller's end of a running command. */
export interface ExecStreams {
  /** Undefined: the command reads end of file at once. */
  readonly stdin: NodeJS.ReadableStream | undefined;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Called with a function that sends a signal to the command and everything it started. */
  readonly onSignals?: (send: (signal: NodeJS.Signals) => void) => void;
  /** Ends the command and rejects with the signal's reason; needed for a stream that an agent never ends. */
  readonly signal?: AbortSignal;
  /** Called with a function that tells the command its terminal's size. */
  readonly onResize?: (resize: (columns: number, rows: number) => void) => void;
}

export interface LeftHelper {
  readonly id: string;
  readonly name: string;
}

/** The container engine. Errors: E_ENGINE_UNAVAILABLE, E_ENGINE_PERMISSION, E_ENGINE. */
export interface Engine extends Networks, ImageStore {
  readonly place: EnginePlace;
  info(): Promise<EngineInfo>;
  /** Containers with our role label; of one project, or of all when undefined. */
  listContainers(role: ContainerRole, projectId: string | undefined): Promise<LabelledContainer[]>;
  /** Creates it, or returns the id of the one that a killed run made under the same name and labels. */
  createContainer(spec: ContainerSpec): Promise<string>;
  /** @throws DevkitError E_CACHES when its layers cannot be mounted */
  startContainer(id: string): Promise<void>;
  /** Of one project, or of all when undefined. */
  listLooseVolumes(projectId: string | undefined): Promise<LabelledVolume[]>;
  /** One that is gone, or that a container has, is fine. */
  removeVolume(name: string): Promise<void>;
  /** When it was started last, as the engine writes it; undefined while it does not run. */
  findStart(id: string): Promise<string | undefined>;
  /**
   * Loads a packet filter, a script for nft(8), into a running container's network namespace, out of its own reach.
   * @throws DevkitError E_EGRESS when the kernel or the engine will not have it
   */
  seal(id: string, request: SealRequest): Promise<void>;
  /**
   * How many processes of a running container the kernel has ended since its start because it was over its memory
   * limit; undefined when nobody says.
   */
  countOomKills(id: string): Promise<number | undefined>;
  /** When the engine last saw one of them, RFC 3339; it forgets in time. */
  findLastOom(id: string): Promise<string | undefined>;
  /** What a container has used up, as far as anybody says; of one that does not run only what it has written. */
  findUsage(id: string): Promise<ContainerUsage>;
  /** What a running container takes at this moment; undefined for one that does not run. Takes a moment. */
  findLoad(id: string): Promise<ContainerLoad | undefined>;
  /** How a container that does not run ended; undefined for one that runs or is gone. */
  findEnd(id: string): Promise<ContainerEnd | undefined>;
  /** A container that does not run is no failure. */
  signalContainer(id: string, signal: "SIGUSR1"): Promise<void>;
  /** TERM, then KILL after the grace time. A stopped container is fine. */
  stopContainer(id: string): Promise<void>;
  removeContainer(id: string): Promise<void>;
  /** Containers of single commands, of processes that were killed. */
  listLeftHelpers(projectId: string): Promise<LeftHelper[]>;
  /** Commands running in it besides its main process. */
  countExecs(id: string): Promise<number>;
  /** Runs one command; resolves with its exit code, 128+n when a signal ended it. */
  exec(id: string, request: ExecRequest, streams: ExecStreams): Promise<number>;
  /** Runs one command in a container of its own with these settings, then removes it. */
  runOnce(spec: ContainerSpec, request: ExecRequest, streams: ExecStreams): Promise<number>;
  /**
   * Runs one command where the network is that of a running container, its resolv.conf too, in a container without
   * mounts and rights, which is gone afterwards. @throws DevkitError E_AGENT_NOT_RUNNING
   */
  runBeside(id: string, request: BesideRequest, streams: ExecStreams): Promise<number>;
  /** Lines of the main process, each with its time stamp first. */
  logs(id: string, options: LogOptions): AsyncIterable<string>;
  findImage(reference: string): Promise<ImageInfo | undefined>;
  pullImage(reference: string, onProgress: (line: string) => void, signal?: AbortSignal): Promise<void>;
  /** Throws E_IMAGE_BUILD with the end of the log. */
  buildImage(build: ImageBuild, onProgress: (line: string) => void, signal?: AbortSignal): Promise<string>;
}

export interface ContainerUsage {
  /** The most memory it had at once, in bytes. */
  readonly peakMemory: number | undefined;
  /** Bytes written in the container besides its mounts. */
  readonly layerBytes: number | undefined;
}

export interface ContainerLoad {
  /** Bytes, without what the kernel keeps of files and would give up. */
  readonly memory: number;
  /** How many processors it keeps busy. */
  readonly cpus: number;
}

export interface ContainerEnd {
  /** The kernel ended something of it because it was over its memory limit. */
  readonly outOfMemory: boolean;
  /** RFC 3339. */
  readonly at: string;
}

export interface LogOptions {
  readonly follow: boolean;
  /** Number of lines from the end; undefined for all. */
  readonly tail: number | undefined;
  readonly signal: AbortSignal;
}
