/** The container engine as the use-cases see it. */
import type { ContainerSpec } from "../domain/agents/container-spec.js";
import type { ObservedContainer } from "../domain/agents/observed.js";

export interface EngineInfo {
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Where the engine keeps images, on its own machine. */
  readonly dataDir: string;
}

/** A container with its project and agent, as its labels say. */
export interface LabelledContainer extends ObservedContainer {
  readonly projectId: string;
  readonly agentName: string;
  /** The primary's path, as recorded when it was made. */
  readonly root: string | undefined;
}

export interface ImageInfo {
  readonly id: string;
  readonly env: readonly string[];
  readonly architecture: string;
  readonly sizeBytes: number;
}

export interface ImageBuild {
  readonly tag: string;
  /** Path of the Dockerfile within the context. */
  readonly dockerfile: string;
  /** Directory packed as the context, and which of its files (relative paths) belong to it. */
  readonly contextDir: string;
  readonly files: readonly string[];
  /** Further entries, made in memory: relative path → content. */
  readonly entries: ReadonlyMap<string, Buffer>;
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

/** The container engine. Errors: E_ENGINE_UNAVAILABLE, E_ENGINE_PERMISSION, E_ENGINE. */
export interface Engine {
  info(): Promise<EngineInfo>;
  /** Containers with our role label; of one project, or of all when undefined. */
  listAgents(projectId: string | undefined): Promise<LabelledContainer[]>;
  /** Creates it, or returns the id of the one that a killed run made under the same name and labels. */
  createContainer(spec: ContainerSpec): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** TERM, then KILL after the grace time. A stopped container is fine. */
  stopContainer(id: string): Promise<void>;
  removeContainer(id: string): Promise<void>;
  /** Commands running in it besides its main process. */
  countExecs(id: string): Promise<number>;
  /** Runs one command; resolves with its exit code, 128+n when a signal ended it. */
  exec(id: string, request: ExecRequest, streams: ExecStreams): Promise<number>;
  /** Runs one command in a container of its own with these settings, then removes it. */
  runOnce(spec: ContainerSpec, request: ExecRequest, streams: ExecStreams): Promise<number>;
  /** Lines of the main process, each with its time stamp first. */
  logs(id: string, options: LogOptions): AsyncIterable<string>;
  findImage(reference: string): Promise<ImageInfo | undefined>;
  pullImage(reference: string, onProgress: (line: string) => void, signal?: AbortSignal): Promise<void>;
  /** Throws E_IMAGE_BUILD with the end of the log. */
  buildImage(build: ImageBuild, onProgress: (line: string) => void, signal?: AbortSignal): Promise<string>;
}

export interface LogOptions {
  readonly follow: boolean;
  /** Number of lines from the end; undefined for all. */
  readonly tail: number | undefined;
  readonly signal: AbortSignal;
}
