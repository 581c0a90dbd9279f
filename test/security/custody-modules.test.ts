import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPlace, type Place } from "../support/place.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

/** A submodule that devkit checked out: the agent may write in it, and the user's own git finds it in the worktree. */
let box: Sandbox;
let place: Place;

const canary = () => path.join(box.dir, "canary");

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  await box.git("config", "--global", "protocol.file.allow", "always");
  const lib = await createPlace(box, "lib", { "l.txt": "lib\n" });
  place = await createPlace(box, "super", { "s.txt": "super\n" });
  await place.git("submodule", "--quiet", "add", lib.dir, "lib");
  await place.git("commit", "-qm", "with lib");
  await place.up();
});

afterAll(() => box.remove());

/** A repository of the agent's in the submodule's place; `.gitmodules` gives it a name that no setting foresees. */
const replaceModule = () =>
  place.inside(`rm -rf lib; git init -q lib; cd lib; echo l >l.txt; echo '* filter=evil' >.gitattributes
    git add .; git commit -qm l; git config core.fsmonitor 'touch ${canary()}'
    git config filter.evil.clean 'touch ${canary()}'; touch -d tomorrow l.txt; cd ..
    printf '[submodule "evil"]\\n\\tpath = lib\\n\\turl = ./x\\n\\tignore = none\\n' >.gitmodules`);

const LOOKS = [
  "status",
  "diff",
  "diff HEAD",
  "diff main",
  "add -u",
  "stash",
  "status --ignore-submodules=none",
];

/** The user looks, with no care at all, in the agent's worktree and in the primary. */
async function expectNothingToRun(): Promise<void> {
  for (const look of LOOKS) {
    await replaceModule();
    for (const dir of [place.worktree, place.dir])
      await box.git("-C", dir, ...look.split(" ")).catch(() => undefined);
    expect(existsSync(canary()), look).toBe(false);
  }
}

test("a submodule replaced by a repository runs nothing on the host", async () => {
  await expectNothingToRun();
});

test("nor once the agent has committed it, and its branch came home", async () => {
  await place.inside("git checkout -q . && rm -rf lib && git submodule --quiet update --init --no-fetch");
  await place.inside("cd lib; git commit -q --allow-empty -m in; cd ..; git add lib; git commit -qm bump");
  const bumped = await place.inside("git status --porcelain; git rev-parse HEAD:lib");
  expect(await place.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
  expect(await place.git("rev-parse", "agent/agent-1/idle:lib")).toBe(bumped);
  await expectNothingToRun();
});

test("nor once the user has committed in the worktree, or the agent came back from the trash", async () => {
  await place.inside("git checkout -q .");
  await box.git("-C", place.worktree, "reset", "-q", "--hard");
  await box.git("-C", place.worktree, "read-tree", "HEAD");
  await box.git("-C", place.worktree, "commit", "-q", "--allow-empty", "-m", "the user's");
  await place.devkit("agent", "sync");
  await expectNothingToRun();
  for (const args of [
    ["kill", "1", "--force"],
    ["restore", "1"],
    ["up", "1"],
  ])
    expect(await place.devkit("agent", ...args)).toMatchObject({ exitCode: 0 });
  await expectNothingToRun();
});
