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

test.runIf(process.platform === "linux")("one that ended but that nobody waited for is dead", async () => {
  const own = await ownIdentity();
  // The shell's child ends at once and stays a zombie, because the shell becomes sleep and never waits for it.
  const parent = spawn("sh", ["-c", "true & echo $!; exec sleep 600"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  while ((await look(pid)).state !== "Z") await new Promise((resolve) => setImmediate(resolve));
  const { started } = await look(pid);
  expect(await isAlive({ ...own, pid, started })).toBe(false);
  parent.kill("SIGKILL");
});

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
