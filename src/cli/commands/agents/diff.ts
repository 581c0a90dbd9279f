import { pipeline } from "node:stream/promises";
import type { AgentDiff } from "../../../app/custody/diff-agents.js";
import { pathText, showPath } from "../../../domain/custody/raw-path.js";
import { commitLines, countCommits, countFiles, fileLines, filesData } from "../../../output/views/diff.js";
import { defineCommand, flag } from "../../command.js";

export const agentDiff = defineCommand({
  path: "agent diff",
  summary: "Show what agents changed since they branched",
  description:
    "Brings commits home, then compares each agent's files, committed or not, with the commit where it branched from [project] base. " +
    "With one agent named and no flag, stdout is a patch that `git apply` takes; otherwise commits and files are listed. " +
    "Untracked files are named, and changes of submodules are, but neither is in a patch. " +
    "A path that is not UTF-8 is written in --json as git quotes it.",
  arguments: [
    { syntax: "[agent...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {
    stat: flag("--stat", "list commits and files instead of a patch"),
    nameOnly: flag("--name-only", "print the names of changed files only"),
  },
  examples: [
    "devkit agent diff",
    "devkit agent diff 2 | git apply --stat",
    "devkit agent diff 1 2 --name-only",
  ],
  json: '{ agents: [{ index, name, branch: string|null, base: oid|null, head: oid|null, commits: [{ oid, subject }], files: [{ path, oldPath: string|null, status: "added"|"modified"|"deleted"|"renamed"|"copied"|"typechanged", added: number|null, deleted: number|null }], uncommitted: [path], untracked: [path] }] }',
  async run({ args, options, deps, reporter }) {
    const { diffAgents, writeAgentPatch } = await import("../../../app/custody/diff-agents.js");
    const [project, { settings }] = await Promise.all([deps.mergeDeps(), deps.config()]);
    const diffs = await diffAgents(project, {
      selectors: args,
      base: settings.project.base,
      spec: deps.spec,
    });
    const [one] = diffs;
    if (one !== undefined && args.length === 1 && !options.stat && !options.nameOnly && !reporter.json) {
      await print((sink) => writeAgentPatch(project, one, sink));
      return { streamedExitCode: 0 };
    }
    return {
      data: { agents: diffs.map(toData) },
      human: () => {
        if (diffs.length === 0) return "No agents. Make some: devkit agent up 3";
        if (!options.nameOnly) return diffs.map(toText).join("\n\n");
        const names = diffs.flatMap((diff) => [...diff.files.map(({ path }) => path), ...diff.untracked]);
        return [...new Set(names)].map(showPath).join("\n");
      },
    };
  },
});

/** To a program the patch goes as it is; on a terminal what an agent wrote must not act. */
async function print(write: (sink: NodeJS.WritableStream) => Promise<void>): Promise<void> {
  if (!process.stdout.isTTY) {
    await write(process.stdout);
    return;
  }
  const { createVisibleControls } = await import("../../../output/visible-controls.js");
  const visible = createVisibleControls();
  const shown = pipeline(visible, process.stdout, { end: false });
  await write(visible);
  visible.end();
  await shown;
}

function toData({ agent, branch, base, oid, commits, files, uncommitted, untracked }: AgentDiff) {
  return {
    ...agent,
    branch: branch ?? null,
    base: base ?? null,
    head: oid ?? null,
    commits,
    files: filesData(files),
    uncommitted: uncommitted.map(pathText),
    untracked: untracked.map(pathText),
  };
}

function toText({ agent, branch, base, commits, files, uncommitted, untracked }: AgentDiff): string {
  const since = base === undefined ? "" : ` since ${base.slice(0, 12)}`;
  const open = uncommitted.length === 0 ? [] : [`${String(uncommitted.length)} with uncommitted changes`];
  const parts = [`${countCommits(commits.length)}${since}`, countFiles(files), ...open];
  const head = `${agent.name}  ${branch ?? "(detached)"}  ${parts.join(", ")}`;
  const lines = [...commitLines(commits), ...fileLines(files, untracked)];
  return [head, ...lines.map((line) => `  ${line}`)].join("\n");
}
