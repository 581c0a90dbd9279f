import type { CopiedWorktree, FileAccess, Machine } from "../../../src/app/ports-health.js";

/** A machine in memory on which nothing is wrong. */
export interface FakeMachine extends Machine {
  nodeVersion: string;
  /** How far its clock is ahead. */
  aheadMs: number;
  /** By path; others are this user's. */
  readonly access: Map<string, FileAccess>;
  readonly copied: Map<string, CopiedWorktree>;
}

export function createFakeMachine(): FakeMachine {
  const access = new Map<string, FileAccess>();
  const copied = new Map<string, CopiedWorktree>();
  const fake: FakeMachine = {
    ...{ nodeVersion: "20.19.0", aheadMs: 0, access, copied },
    now: () => new Date(Date.now() + fake.aheadMs),
    findAccess: (path) => Promise.resolve(access.get(path) ?? { uid: 1000, mode: 0o700, isWritable: true }),
    close(path) {
      access.delete(path);
      return Promise.resolve();
    },
    findCopied: () => Promise.resolve([...copied.values()]),
    forgetCopied(_, id) {
      copied.delete(id);
      return Promise.resolve();
    },
  };
  return fake;
}
