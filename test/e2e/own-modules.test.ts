import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPlace, type Place } from "../support/place.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

/** Submodules that an agent made itself: the primary has nothing of them but the commits that name them. */
let box: Sandbox;
let place: Place;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  place = await createPlace(box, "super", { "devkit.toml": '[custody]\ngitlinks = "allow"\n' });
  await place.up();
  await place.inside(`git init -q /tmp/lib; git -C /tmp/lib commit -q --allow-empty -m lib
    git -c protocol.file.allow=always submodule --quiet add /tmp/lib lib
    git init -q embedded; cd embedded; echo e >e.txt; git add .; git commit -qm e; cd ..
    git -c advice.addEmbeddedRepo=false add embedded 2>/dev/null; git commit -qm "with submodules"`);
  expect(await place.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
  await place.git("merge", "-q", "agent/agent-1/idle");
});

afterAll(() => box.remove());

const refusal = async () => (await place.devkit("agent", "kill", "1")).stderr;

test("agent kill names what is in them and nowhere else", async () => {
  expect(await refusal()).toMatch(
    /agent-1 has 1 commit in the submodule embedded neither merged nor pushed$/m,
  );
  await place.inside("git -C lib commit -q --allow-empty -m more");
  expect(await refusal()).toMatch(/1 commit in the submodule lib neither merged nor pushed/);
  await place.inside("echo x >lib/new.txt");
  expect(await refusal()).toMatch(/agent-1 has uncommitted changes in the submodule lib, 1 commit/);
});

test("agent kill --force keeps their files, and agent restore brings them back", async () => {
  await place.inside("rm lib/new.txt; echo unsaved >embedded/e.txt");
  const describe = "git -C lib log --format=%H; git -C embedded log --format=%H; cat embedded/e.txt";
  const before = await place.inside(describe);
  for (const args of [
    ["kill", "1", "--force"],
    ["restore", "1"],
    ["up", "1"],
  ])
    expect(await place.devkit("agent", ...args)).toMatchObject({ exitCode: 0 });
  expect(await place.inside(describe)).toBe(before);
  expect(await readFile(path.join(place.worktree, "embedded/e.txt"), "utf8")).toBe("unsaved\n");
});
