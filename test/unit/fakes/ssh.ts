import type { SshPorts, UserFile } from "../../../src/app/ports-ssh.js";

/** The user's ssh in memory. */
export interface FakeSsh extends SshPorts {
  /** By path. */
  readonly keys: Map<string, UserFile>;
  /** By the state directory of the agent. */
  readonly forwards: Map<string, boolean>;
}

export function createFakeSsh(): FakeSsh {
  const keys = new Map<string, UserFile>();
  const forwards = new Map<string, boolean>();
  return {
    keys,
    forwards,
    user: {
      defaultKeys: ["/me/.ssh/id_ed25519", "/me/.ssh/id_rsa"],
      readKey: (file) => Promise.resolve(keys.get(file) ?? { problem: "missing" }),
      connectAgent: () => Promise.resolve(undefined),
    },
    records: {
      load: ({ state }) => ({ forward: forwards.get(state) === true }),
      save({ state }, { forward }) {
        forwards.set(state, forward);
        return Promise.resolve();
      },
    },
  };
}
