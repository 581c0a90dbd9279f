/** Bytes on disk; not `isComplete`: there is more, for which there was no time, or which could not be read. */
export interface DiskSize {
  readonly bytes: number;
  readonly isComplete: boolean;
}

/** What an agent has on this machine's disk; undefined: there is none. */
export interface AgentSizes {
  readonly worktree: DiskSize | undefined;
  readonly home: DiskSize | undefined;
  /** Its private git dir, without the objects that it borrows. */
  readonly git: DiskSize | undefined;
  /** Downloads that it has on top of what is shared. */
  readonly caches: DiskSize | undefined;
  readonly volumes: DiskSize | undefined;
}

/** What an agent takes. Of a container that does not run there is the layer at most. */
export interface AgentUsage extends AgentSizes {
  /** Bytes: at this moment, what it may have, and the most it had at once. */
  readonly memory: number | undefined;
  readonly memoryLimit: number | undefined;
  readonly peakMemory: number | undefined;
  /** How many processors it keeps busy. */
  readonly cpus: number | undefined;
  /** Bytes written in the container besides its mounts. */
  readonly layer: number | undefined;
}

/** All that an agent has on disk, counted once. */
export function diskOf(usage: AgentSizes & Pick<AgentUsage, "layer">): DiskSize {
  const { worktree, home, git, caches, volumes, layer } = usage;
  const layerSize = layer === undefined ? undefined : { bytes: layer, isComplete: true };
  return sumSizes([worktree, home, git, caches, volumes, layerSize]);
}

export function sumSizes(sizes: readonly (DiskSize | undefined)[]): DiskSize {
  const found = sizes.filter((size) => size !== undefined);
  const bytes = found.reduce((sum, size) => sum + size.bytes, 0);
  return { bytes, isComplete: found.every(({ isComplete }) => isComplete) };
}
