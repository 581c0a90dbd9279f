import { execa } from "execa";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";
import { canariesIn, liveHostDay, scriptOf } from "./attack.js";
import { ACTS_ON_HOST } from "./on-host.js";

/**
 * The attacks without custody: the same container, but with the primary's whole git dir in it, writable. Each has to
 * succeed here, or that it fails against devkit would prove nothing.
 */
let box: Sandbox;
let image: string;

beforeAll(async () => {
  box = await createSandbox();
  image = (await box.json("image", "build")).data.reference as string;
});

afterAll(() => box.remove());

/** A repository of its own with a linked worktree, and where its git dirs are. */
async function makeGround(name: string) {
  const dir = path.join(box.dir, name);
  const repo = path.join(dir, "demo");
  const worktree = path.join(repo, ".devkit/agents/agent-1");
  await box.git("clone", "-q", box.repo, repo);
  await box.git("-C", repo, "worktree", "add", "-q", "-b", "agent/agent-1/idle", worktree);
  const canaries = path.join(dir, "canaries");
  await mkdir(canaries);
  const commonGit = path.join(repo, ".git");
  return { repo, canaries, worktree, commonGit, ownGit: path.join(commonGit, "worktrees/agent-1") };
}

async function perform(script: string, mounts: readonly string[], workdir: string): Promise<void> {
  const user = `${String(process.getuid?.())}:${String(process.getgid?.())}`;
  const identity = ["AUTHOR", "COMMITTER"].flatMap((who) => [
    ...["-e", `GIT_${who}_NAME=Tess Ter`],
    ...["-e", `GIT_${who}_EMAIL=tess@example.com`],
  ]);
  const binds = mounts.flatMap((dir) => ["--mount", `type=bind,src=${dir},dst=${dir}`]);
  const args = ["--rm", "-i", "--network", "none", "--cap-drop", "ALL", "--user", user, "-e", "HOME=/tmp"];
  await execa("docker", ["run", ...args, ...identity, ...binds, "-w", workdir, image, "bash"], {
    input: script,
    reject: false,
  });
}

describe("without custody", () => {
  for (const [position, act] of ACTS_ON_HOST.entries()) {
    if (act.fires === undefined) continue;
    test(act.name, async () => {
      const ground = await makeGround(`control-${String(position)}`);
      await perform(scriptOf(act, ground), [ground.commonGit, ground.worktree], ground.worktree);
      await liveHostDay(box, ground.repo, [ground.worktree]);
      const fired = await canariesIn(ground.canaries);
      expect(fired).toEqual(expect.arrayContaining([...(act.fires ?? [])]));
    });
  }
});
