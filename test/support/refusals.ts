import { readdir } from "node:fs/promises";
import path from "node:path";
import { expect } from "vitest";
import type { Finished, Sandbox } from "./sandbox.js";

/** It failed with this code; message and hint are there, and neither a stack trace nor colours. */
export function expectFailure(result: Finished, exitCode: number, message: RegExp, hint: RegExp): void {
  expect(result, result.stderr).toMatchObject({ exitCode, stdout: "" });
  expect(result.stderr).toMatch(new RegExp(`^error: .*${message.source}`, "m"));
  expect(result.stderr).toMatch(new RegExp(`^hint: .*${hint.source}`, "m"));
  // eslint-disable-next-line no-control-regex -- that is what must not be there
  expect(result.stderr).not.toMatch(/^\s+at |\x1b/m);
}

/** Everything that must not change when devkit refuses. */
export async function traces(box: Sandbox): Promise<unknown> {
  const refs = await box.git("for-each-ref", "--format=%(refname) %(objectname)");
  const agents = await readdir(path.join(box.repo, ".devkit/agents"));
  const worktrees = await box.git("worktree", "list", "--porcelain");
  return { refs, agents, worktrees, containers: await box.containers() };
}
