import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { HomeSwaps } from "../../app/ports-homes.js";
import { parseAgentName } from "../../domain/agents/agent.js";
import { parseTrashId } from "../../domain/custody/trash.js";
import { parseHomeSwap, parseKeptHome, type HomeSwap } from "../../domain/identity/home-swap.js";
import { agentPaths, trashPaths, type Project } from "../../domain/identity/project.js";
import { readHostileFile, replaceFile } from "./atomic-file.js";
import { carryLogins } from "./carry-logins.js";
import { makeHome } from "./homes.js";
import { moveDirectory } from "./move-directory.js";
import { isThere } from "./project-dir.js";
import { withFileErrors } from "./translate.js";
import { removeTree } from "./trees.js";
import { namesIn } from "./names-in.js";

/** In the agent's state directory, where no agent can write: what is to be. */
const JOURNAL = "home-swap.json";
/** In the trash: that there is a home and nothing else of the agent. */
const RECORD = "home.json";
const SMALL = 4096;

/** Replaces homes; the one that goes is put beside removed agents in the trash and expires like them. */
export const homeSwaps: HomeSwaps = {
  async make(request) {
    const made = await withFileErrors(`cannot make ${request.paths.home}`, () => makeHome(request));
    return path.basename(made);
  },
  carryLogins: (paths, made) =>
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
    withFileErrors(`cannot copy the logins of ${paths.home}`, async () =>
      carryLogins(paths.home, path.join(paths.state, made)),
    ),
  begin: (paths, swap) => replaceFile(path.join(paths.state, JOURNAL), `${JSON.stringify(swap)}\n`),
  pending(project) {
    const agents = namesIn(path.join(project.stateDir, "agents")).map((name) =>
      parseAgentName(name, project.roster),
    );
    const swaps = agents.map((agent) => {
      if (agent === undefined) return undefined;
      const text = readHostileFile(path.join(agentPaths(project, agent).state, JOURNAL), SMALL);
      return text === undefined ? undefined : parseHomeSwap(text, agent);
    });
    return Promise.resolve(swaps.filter((swap) => swap !== undefined));
  },
  async putAway(project, { id, agent, next }) {
    const { home } = agentPaths(project, agent);
    const { state } = trashPaths(project, id);
    // Once the next home is in its place, what is there is that.
    if (!isThere(placeOf(project, { agent, next })) || !isThere(home)) return;
    await withFileErrors(`cannot move ${home} to ${state}`, async () => {
      await mkdir(state, { recursive: true, mode: 0o700 });
      await replaceFile(
        path.join(state, RECORD),
        `${JSON.stringify({ agent: agent.name, index: agent.index })}\n`,
      );
      await moveDirectory(home, path.join(state, "home"));
    });
  },
  putInPlace: async (project, swap) => {
    const { home } = agentPaths(project, swap.agent);
    const from = placeOf(project, swap);
    await withFileErrors(`cannot move ${from} to ${home}`, () => moveDirectory(from, home));
  },
  async end(project, { agent, next }) {
    if ("trash" in next) await removeTree(trashPaths(project, next.trash).state);
    const journal = path.join(agentPaths(project, agent).state, JOURNAL);
    await withFileErrors(`cannot remove ${journal}`, () => rm(journal, { force: true }));
  },
  kept(project) {
    const homes = namesIn(path.join(project.stateDir, "trash")).flatMap((id) => {
      const { state } = trashPaths(project, id);
      const text = readHostileFile(path.join(state, RECORD), SMALL);
      const found = text === undefined ? undefined : parseKeptHome(text, id);
      return found !== undefined && isThere(path.join(state, "home")) ? [found] : [];
    });
    const timeOf = (id: string) => parseTrashId(id)?.time.getTime() ?? 0;
    return Promise.resolve(
      homes.sort((a, b) => timeOf(b.id) - timeOf(a.id) || a.agent.index - b.agent.index),
    );
  },
};

function placeOf(project: Project, { agent, next }: Pick<HomeSwap, "agent" | "next">): string {
  return "made" in next
    ? path.join(agentPaths(project, agent).state, next.made)
    : path.join(trashPaths(project, next.trash).state, "home");
}
