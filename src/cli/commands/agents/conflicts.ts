import type { ConflictMatrix } from "../../../app/custody/find-conflicts.js";
import { pathText } from "../../../domain/custody/raw-path.js";
import { conflictMatrix } from "../../../output/views/conflicts.js";
import { defineCommand, flag, type OptionSpec } from "../../command.js";

const BASE: OptionSpec<string | undefined> = {
  flags: "--base <branch>",
  description: "compare with this branch or commit instead of [project] base",
};

export const agentConflicts = defineCommand({
  path: "agent conflicts",
  summary: "Show which agents' commits are in conflict",
  description:
    "Brings commits home, then tries every pair of agents, and each agent with the base, without merging anything: no branch and no " +
    "file changes. Uncommitted changes are not part of it. Conflicts are an answer (exit 0) unless --check is given. Needs git 2.38.",
  arguments: [],
  options: { base: BASE, check: flag("--check", "exit 1 if anything is in conflict") },
  examples: ["devkit agent conflicts", "devkit agent conflicts --base release --check"],
  json: '{ base: { name, oid }, agents: [{ index, name, branch: string|null, oid: oid|null, uncommitted: number }], pairs: [{ one, other, verdict: "clean"|"conflict"|"unrelated", files: [{ path, kinds: [string] }] }] }',
  async run({ options, deps }) {
    const { findConflicts } = await import("../../../app/custody/find-conflicts.js");
    const [project, { settings }] = await Promise.all([deps.mergeDeps(), deps.config()]);
    const found = await findConflicts(project, {
      base: options.base ?? settings.project.base,
      spec: deps.spec,
    });
    const isClean = found.pairs.every(({ verdict }) => verdict === "clean");
    const names = found.agents.map(({ agent }) => agent.name);
    return {
      data: toData(found),
      human: () => conflictMatrix(found.base.name, names, found.pairs),
      exitCode: options.check && !isClean ? 1 : 0,
    };
  },
});

function toData({ base, agents, uncommitted, pairs }: ConflictMatrix) {
  return {
    base,
    agents: agents.map(({ agent, branch, oid }) => ({
      ...agent,
      branch: branch ?? null,
      oid: oid ?? null,
      uncommitted: uncommitted.get(agent.name) ?? 0,
    })),
    pairs: pairs.map(({ one, other, verdict, files }) => ({
      ...{ one, other, verdict },
      files: files.map(({ path, kinds }) => ({ path: pathText(path), kinds })),
    })),
  };
}
