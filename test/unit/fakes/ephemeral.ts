import type { EphemeralStore, NotedAgent } from "../../../src/app/ports-runs.js";

/** Who is there for a while only, in memory. */
export function createFakeEphemeral(): EphemeralStore {
  const notes = new Map<string, NotedAgent>();
  return {
    note(note, { owned }) {
      notes.set(note.agent.name, { note, owner: owned ? "alive" : "none" });
      return Promise.resolve();
    },
    forget({ name }) {
      notes.delete(name);
      return Promise.resolve();
    },
    wake: () => Promise.resolve(),
    removeStaging: () => Promise.resolve(),
    list: () => Promise.resolve([...notes.values()]),
  };
}
