import type { AgentJournal, AgentWork, Notices } from "../../../src/app/ports-spawn.js";

/** What is under way, in memory; nothing of it is a dead process's. */
export function createFakeJournal(): AgentJournal {
  const works = new Map<string, AgentWork>();
  return {
    begin(work) {
      const isFree = !works.has(work.agent.name);
      if (isFree) works.set(work.agent.name, work);
      return Promise.resolve(isFree);
    },
    update(work) {
      works.set(work.agent.name, work);
      return Promise.resolve();
    },
    end(agent) {
      works.delete(agent.name);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...works.values()]),
    left: () => Promise.resolve([]),
  };
}

export function createFakeNotices(): Notices {
  return { leave: () => Promise.resolve(), withdraw: () => Promise.resolve() };
}
