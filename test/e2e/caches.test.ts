import { execa } from "execa";
import { access, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { giveToOtherUser, type OtherUser } from "../support/other-user.js";
import { createSandbox, operationsOf, type Document, type Sandbox } from "../support/sandbox.js";

const AGENTS = 4;
const indexes = Array.from({ length: AGENTS }, (_, position) => position + 1);
/** More are for a night: DEVKIT_CACHE_ROUNDS=20. */
const ROUNDS = Number(process.env["DEVKIT_CACHE_ROUNDS"] ?? 1);
const PROJECT = path.resolve(import.meta.dirname, "../fixtures/npm-project");
const INSTALL = "rm -rf node_modules; npm ci --no-audit --no-fund --loglevel=error";

/** What this machine's npm uses, whatever that is. */
let registry: string;
let box: Sandbox;
let user: OtherUser;

beforeAll(async () => {
  registry = (await execa("npm", ["config", "get", "registry"], { cwd: PROJECT })).stdout.trim();
  const read = (name: string) => readFile(path.join(PROJECT, name), "utf8");
  box = await createSandbox({
    files: {
      ".gitignore": "node_modules\n",
      ".npmrc": `registry=${registry}\n`,
      "package.json": await read("package.json"),
      "package-lock.json": await read("package-lock.json"),
      "devkit.toml": configOf("shared"),
    },
  });
  await box.setIdentity();
  user = await giveToOtherUser(box);
  expect(await user.devkit("agent", "up", String(AGENTS))).toMatchObject({ exitCode: 0 });
});

afterAll(async () => {
  await box.remove();
  await user.remove();
});

function configOf(trust: string): string {
  const names = JSON.stringify([new URL(registry).hostname]);
  return `[egress]\nallow = ["preset:npm"]\nprivate = ${names}\n[caches]\nuse = ["maven"]\ntrust = "${trust}"\n`;
}

const inside = (index: number, script: string) =>
  user.devkit("exec", String(index), "--", "sh", "-ec", script);
const succeed = async (index: number, script: string) => {
  const { exitCode, stdout, stderr } = await inside(index, script);
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr + stdout }).toEqual({ exitCode: 0, stderr: "" });
  return stdout;
};
const json = async (...args: string[]) =>
  JSON.parse((await user.devkit("--json", ...args)).stdout) as Document;
const volumes = async () =>
  (
    await execa("docker", [
      ...["volume", "ls", "-q", "--filter", "label=dev.devkit.role=cache"],
      ...["--filter", `label=dev.devkit.root=${box.repo}`],
    ])
  ).stdout
    .split("\n")
    .filter((name) => name !== "");
const caches = async () =>
  (await json("cache", "list")).data as {
    caches: { tool: string; place: string; agent: string | null; files: number; users: unknown[] }[];
  };
const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

describe("four agents that install at once", () => {
  test(
    `share one cache and break nothing of it, ${String(ROUNDS)} times over`,
    { timeout: 120_000 + ROUNDS * 60_000 },
    async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        expect(await user.devkit("cache", "prune", "--tool", "npm", "--all", "--apply")).toMatchObject({
          exitCode: 0,
        });
        const began = performance.now();
        await Promise.all(indexes.map((index) => succeed(index, `${INSTALL} --prefer-offline`)));
        const tookMs = performance.now() - began;
        const verified = await succeed(1, "npm cache verify");
        expect(verified).toContain("Content verified");
        // What npm says only where something is wrong.
        expect(verified).not.toMatch(/corrupted|missing|Garbage/i);
        console.log(`${String(AGENTS)} x npm ci, round ${String(round + 1)}: ${tookMs.toFixed(0)} ms`);
      }
    },
  );

  test("an agent whose tools are new needs nothing from outside", async () => {
    const said = await succeed(
      2,
      `${INSTALL} --offline; node -e 'console.log(require("koa/package").version)'`,
    );
    expect(said).toContain("2.15.3");
    const { caches: found } = await caches();
    const npm = found.find(({ tool, place }) => tool === "npm" && place === "shared");
    expect(npm?.files).toBeGreaterThan(100);
    expect(npm?.users).toHaveLength(AGENTS);
  });
});

describe("layered caches", () => {
  const write = "echo from-one >~/.m2/repository/one.jar";
  const read = "cat ~/.m2/repository/one.jar";
  test("are each agent's own, until the user adopts one; then others begin with it", async () => {
    await succeed(1, `${write}; ln -s /etc/passwd ~/.m2/repository/link`);
    expect((await inside(2, read)).exitCode).toBe(1);
    expect(await json("cache", "adopt", "1", "--apply")).toMatchObject({
      ok: false,
      error: { code: "E_AGENT_BUSY" },
    });
    await user.devkit("agent", "down", "1", "2");
    const tools = [{ tool: "maven", files: 1, bytes: 9, leftOut: 1 }];
    expect((await json("cache", "adopt", "1", "--tool", "maven")).data).toMatchObject({
      applied: false,
      tools,
    });
    expect((await json("cache", "adopt", "1", "--apply")).data).toMatchObject({ applied: true, tools });
    expect(await user.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
    expect(await succeed(2, read)).toContain("from-one");
    expect(await succeed(2, "echo mine >~/.m2/repository/one.jar; cat ~/.m2/repository/one.jar")).toBe(
      "mine",
    );
    expect(await succeed(1, "ls ~/.m2/repository; cat ~/.m2/repository/one.jar")).toContain("from-one");
  });

  test("come back when their directories are gone, and when the engine has lost a volume", async () => {
    await rm(path.join(box.dir, "cache/devkit/caches"), { recursive: true });
    const healed = await json("agent", "up", "2");
    expect(operationsOf(healed)).toContain("agent-1 caches.create");
    expect(operationsOf(await json("agent", "up", "2"))).toEqual([]);
    await succeed(1, "echo x >~/.npm/_cacache/x; echo x >~/.m2/repository/x");
    const count = (await volumes()).length;
    await user.devkit("agent", "down", "1");
    const [container] = (await box.containers()).filter(({ name }) => name.endsWith("agent-1"));
    const format = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Source}}{{end}}{{end}}';
    const { stdout: source } = await execa("docker", ["inspect", "-f", format, container?.id ?? ""]);
    // What an engine is left with whose own directory somebody has cleared.
    await execa("docker", [
      "run",
      "--rm",
      "-v",
      `${path.dirname(source)}:/lost`,
      "debian:bookworm-slim",
      "rmdir",
      "/lost/_data",
    ]);
    expect(await user.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
    await succeed(1, "cat ~/.m2/repository/x");
    await execa("docker", [
      "run",
      "--rm",
      "-v",
      `${path.dirname(source)}:/lost`,
      "debian:bookworm-slim",
      "mkdir",
      "/lost/_data",
    ]);
    expect(await user.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
    expect((await volumes()).length).toBe(count);
  });

  test("a volume that was left behind is found and removed", async () => {
    const before = (await volumes()).length;
    const [container] = (await box.containers()).filter(({ name }) => name.endsWith("agent-2"));
    await execa("docker", ["rm", "-f", container?.id ?? ""]);
    expect(await user.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
    expect((await volumes()).length).toBe(before);
  });

  test("go with their agent, also what the kernel has closed to the user, and not to the trash", async () => {
    // A whiteout: the kernel keeps another one in a directory of its own.
    await succeed(2, "touch ~/.m2/repository/gone");
    await user.devkit("agent", "down", "2");
    await json("cache", "adopt", "2", "--apply");
    await user.devkit("agent", "up", "2");
    await succeed(2, "rm ~/.m2/repository/gone ~/.m2/repository/one.jar; rm -rf node_modules");
    const killed = await json("agent", "kill", "2", "3", "4");
    expect(killed).toMatchObject({ ok: true, warnings: [] });
    expect(await volumes()).toHaveLength(1);
    const { stdout } = await execa("find", [
      path.join(box.dir, "home/.local/state/devkit"),
      "-name",
      "caches",
      "-path",
      "*agent*",
    ]);
    expect(stdout.split("\n").map((found) => path.basename(path.dirname(found)))).toEqual(["agent-1"]);
    expect(await isThere(path.join(box.dir, "cache/devkit/caches/base/current"))).toBe(true);
  });
});
