import { mkdtemp, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { createActivityStore } from "../../../../src/adapters/fs/activity-store.js";
import { agentEvent } from "../../../../src/domain/activity/agent-event.js";

test("the last event of each agent is kept, whole, where only the user looks", async () => {
  const directory = path.join(await mkdtemp(path.join(tmpdir(), "devkit-activity-")), "broker/activity");
  const store = createActivityStore(directory);
  expect(store.find("agent-1")).toBeUndefined();
  const [first, last] = [
    agentEvent("working", undefined, new Date(1000)),
    agentEvent("idle", "x", new Date()),
  ];
  await store.save("agent-1", first);
  await Promise.all([store.save("agent-1", last), store.save("agent-10", first)]);
  expect(store.find("agent-1")).toEqual(last);
  expect(store.find("agent-10")).toEqual(first);
  expect((await readdir(directory)).sort()).toEqual(["agent-1.json", "agent-10.json"]);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
});

test("what is no event is none: links, garbage, what is too long", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "devkit-activity-"));
  const store = createActivityStore(directory);
  await store.save("real", agentEvent("idle", undefined, new Date()));
  await symlink(path.join(directory, "real.json"), path.join(directory, "link.json"));
  await writeFile(path.join(directory, "garbage.json"), "\0\0{");
  await writeFile(path.join(directory, "long.json"), " ".repeat(1_000_000));
  for (const name of ["link", "garbage", "long"]) expect(store.find(name)).toBeUndefined();
  expect(store.find("real")?.state).toBe("idle");
});
