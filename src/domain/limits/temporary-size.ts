/** With a read-only root there are `/run` and `/var/tmp` beside `/tmp`. */
const SHARES = { ordinary: 1 / 2, readOnly: 1 / 4 } as const;

/**
 * Bytes of each temporary directory. They are memory that no process has, so that the kernel finds nothing to end when
 * they fill it: every command of an agent whose /tmp may take all of its memory would be killed, `rm` too.
 */
export function temporarySize(tmp: number, memory: number, readOnlyRoot: boolean): number {
  return Math.min(tmp, Math.floor(memory * SHARES[readOnlyRoot ? "readOnly" : "ordinary"]));
}

/** Bytes of `/dev/shm`, which is the same kind of memory: what the engine gives, unless the agent is small. */
export function sharedMemorySize(memory: number): number {
  return Math.min(64 * 1024 ** 2, Math.floor(memory / 8));
}
