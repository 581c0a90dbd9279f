import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { isAlive, ownIdentity } from "../../../../src/adapters/process/process-identity.js";

test("a process knows itself, and that it runs", async () => {
  const own = await ownIdentity();
  expect(own.pid).toBe(process.pid);
  expect(own.started).not.toBe("");
  expect(await isAlive(own)).toBe(true);
});

/** The state and start time of a process as Linux tells them (proc(5)). */
async function look(pid: number): Promise<{ state: string; started: string }> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", started: fields[19] ?? "" };
}

test.runIf(process.platform === "linux")("another one lives as long as it does, and no longer", async () => {
  const own = await ownIdentity();
  const other = spawn("sleep", ["600"]);
  await once(other, "spawn");
  const pid = other.pid ?? 0;
  const { started } = await look(pid);
  expect(await isAlive({ ...own, pid, started })).toBe(true);
  expect(await isAlive({ ...own, pid, started: own.started })).toBe(own.started === started);
  other.kill("SIGKILL");
  await once(other, "exit");
  expect(await isAlive({ ...own, pid, started })).toBe(false);
});

test("of another boot nothing lives; of another machine nothing can be said", async () => {
  const own = await ownIdentity();
  expect(await isAlive({ ...own, boot: "another" })).toBe(false);
  expect(await isAlive({ ...own, host: "another", pid: 2 ** 22 + 1 })).toBe(true);
});
