import { spawnSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createAgentJournal } from "../../../../src/adapters/fs/agent-journal.js";
import type { Project } from "../../../../src/domain/identity/project.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { tempDir } from "../../support/temp.js";

test("what a killed process was writing goes with the next look; what is being written stays", async () => {
  const stateDir = await tempDir();
  const directory = path.join(stateDir, "under-way");
  const journal = createAgentJournal({ stateDir } as Project);
  expect(await journal.left()).toEqual([]);
  expect(await journal.begin({ kind: "kill", agent: agentAt(1) })).toBe(true);
  expect(await journal.begin({ kind: "kill", agent: agentAt(1) })).toBe(false);
  await journal.update({ kind: "kill", agent: agentAt(1) });
  expect(await readdir(directory)).toEqual(["agent-1.json"]);
  const { pid } = spawnSync("true");
  await mkdir(directory, { recursive: true });
  for (const owner of [pid, process.pid])
    await writeFile(path.join(directory, `.agent-2.${String(owner)}.0123456789ab.tmp`), "{");
  expect(await journal.left()).toEqual([]);
  expect((await readdir(directory)).sort()).toEqual([
    `.agent-2.${String(process.pid)}.0123456789ab.tmp`,
    "agent-1.json",
  ]);
});
