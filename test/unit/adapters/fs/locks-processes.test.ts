import { mkdir, readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { createFileLocks } from "../../../../src/adapters/fs/locks.js";
import { bundleProgram, startProgram, type Child } from "../../support/child.js";
import { tempDir } from "../../support/temp.js";

let directory: string;
let place: string;
let program: string;

beforeEach(async () => {
  const dir = await tempDir();
  directory = path.join(dir, "locks");
  place = path.join(dir, "place");
  await mkdir(place);
  program = await bundleProgram(path.join(import.meta.dirname, "lock-program.ts"));
});

const start = (mode: "hold" | "die" | "count"): Child => startProgram(program, directory, mode, place);

const counted = async () => Number(await readFile(path.join(place, "counter"), "utf8"));

const own = () =>
  createFileLocks({ directory, progress: { warn: () => undefined }, signal: new AbortController().signal });

test("six processes at once are never inside together, and each has its turns", async () => {
  const children = Array.from({ length: 6 }, () => start("count"));
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0, 0]);
  expect(await counted()).toBe(60);
});

test("one that was killed inside is noticed, and those that wait take over, one at a time", async () => {
  const holder = start("hold");
  await holder.said("inside");
  const waiters = Array.from({ length: 5 }, () => start("count"));
  await Promise.all(waiters.map((waiter) => waiter.said("waiting")));
  expect(waiters.flatMap(({ lines }) => lines.filter((line) => line === "inside"))).toEqual([]);
  holder.process.kill("SIGKILL");
  expect(await holder.ended).toBe("SIGKILL");
  expect(await Promise.all(waiters.map(({ ended }) => ended))).toEqual([0, 0, 0, 0, 0]);
  expect(await counted()).toBe(50);
});

test("whoever dies inside, the others go on, and nobody is ever inside with another", async () => {
  const children = Array.from({ length: 12 }, (_, position) => start(position % 2 === 0 ? "die" : "count"));
  const ends = await Promise.all(children.map(({ ended }) => ended));
  expect(ends).toEqual(children.map((_, position) => (position % 2 === 0 ? "SIGKILL" : 0)));
  expect(await counted()).toBe(60);
});

test("a lock whose holder was killed is told to doctor, one that is held is not", async () => {
  const holder = start("hold");
  await holder.said("inside");
  expect(await own().stale()).toEqual([]);
  holder.process.kill("SIGKILL");
  await holder.ended;
  expect(await own().stale()).toEqual(["agents"]);
  await own().hold("agents", () => Promise.resolve());
  expect(await own().stale()).toEqual([]);
});

test("after all that there is one file for the lock, not one for each turn", async () => {
  await Promise.all([start("count"), start("count"), start("die")].map(({ ended }) => ended));
  expect((await readdir(directory)).filter((name) => name.startsWith("agents."))).toHaveLength(1);
});
