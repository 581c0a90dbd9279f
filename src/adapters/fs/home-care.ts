import type { HomeCare } from "../../app/ports-homes.js";
import { agentCaches } from "../../domain/caches/cache-places.js";
import { describeHome } from "./home-contents.js";
import { cutLogs } from "./home-logs.js";
import { findLooseModes } from "./home-modes.js";
import { measureHome } from "./home-sizes.js";
import { withFileErrors } from "./translate.js";

/** Looks after homes while agents can write there. */
export const homeCare: HomeCare = {
  measure: ({ home }, deadline) => measureHome(home, deadline),
  async measureAll(paths, deadline) {
    const { worktree, home, git, volumes } = paths;
    const places = [worktree, home, git, agentCaches(paths).root, volumes];
    const sizes = await Promise.all(places.map((place) => measureHome(place, deadline)));
    const [ofWorktree, ofHome, ofGit, ofCaches, ofVolumes] = sizes.map(
      (size) => size && { bytes: size.bytes, isComplete: size.isComplete },
    );
    return { worktree: ofWorktree, home: ofHome, git: ofGit, caches: ofCaches, volumes: ofVolumes };
  },
  describe: ({ home }, deadline) =>
    withFileErrors(`cannot look at ${home}`, () => describeHome(home, deadline)),
  findLoose: ({ home }, { fix }) =>
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
    withFileErrors(`cannot look at ${home}`, async () => findLooseModes(home, fix)),
  cutLogs: ({ home }) =>
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
    withFileErrors(`cannot cut the logs of ${home}`, async () => cutLogs(home)),
};
