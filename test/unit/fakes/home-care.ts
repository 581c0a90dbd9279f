import type { HomeCare, HomeSwaps } from "../../../src/app/ports-homes.js";

/** Homes that are small, closed and quiet; those that are not are tested with real ones. */
export function createFakeHomeCare(): HomeCare {
  const unread = { count: 0, isComplete: true };
  const size = { bytes: 4096, isComplete: true };
  return {
    measure: () => Promise.resolve(size),
    measureAll: () =>
      Promise.resolve({ worktree: size, home: size, git: size, caches: undefined, volumes: undefined }),
    describe: () =>
      Promise.resolve({
        ...{ size, entries: [], keys: [], codexSessions: unread, claudeProjects: unread },
        logins: { codex: undefined, claude: undefined },
      }),
    findLoose: () => Promise.resolve([]),
    cutLogs: () => Promise.resolve([]),
  };
}

/** None is ever under way: replacing homes is tested with real ones. */
export function createFakeHomeSwaps(): HomeSwaps {
  const real = () => Promise.reject(new Error("homes are replaced where there are real ones"));
  return {
    ...{ make: real, carryLogins: real, begin: real, putAway: real, putInPlace: real, end: real },
    pending: () => Promise.resolve([]),
    kept: () => Promise.resolve([]),
  };
}
