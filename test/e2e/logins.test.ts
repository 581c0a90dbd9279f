import { execa } from "execa";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killLeftProcesses, startDevkit } from "../support/live-process.js";
import { createSandbox, type Finished, type Sandbox } from "../support/sandbox.js";
import { codexLogin } from "../unit/support/logins.js";

/** Part of every secret here, and of nothing else. */
const MARK = "pl4nt3d";
const login = (name: string, refreshed = "2026-01-01T00:00:00Z", turn = 1) =>
  codexLogin({
    session: name,
    refresh: `rt_${MARK}_${name}_${String(turn)}`,
    email: `${name}@x.example`,
    refreshed,
  });

let box: Sandbox;
/** All that any command has said. */
let said = "";
const remember = ({ stdout, stderr }: Finished) => {
  said += stdout + stderr;
};

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  box.env["PLANTED_KEY"] = `key-${MARK}`;
  const pool = path.join(box.dir, "pool");
  for (const slot of ["a", "b"]) {
    await mkdir(path.join(pool, slot), { recursive: true });
    await writeFile(path.join(pool, slot, "auth.json"), login(slot));
  }
  const toml = [
    `[codex]\npool = "${pool}"`,
    '[agent]\npass_env = ["PLANTED_KEY", "NOT_SET"]',
    `[hooks]\non_start = ["printf %s \\"$PLANTED_KEY\\" | sha256sum >~/hook"]`,
  ];
  await writeFile(path.join(box.repo, "devkit.toml"), toml.join("\n"));
});

afterAll(async () => {
  killLeftProcesses();
  await box.remove();
});

/** Runs it as people do, with -v, and as programs do. */
async function run(...args: string[]): Promise<Finished> {
  const result = await box.devkit("-v", ...args);
  remember(result);
  return result;
}
const json = async (...args: string[]) => {
  const document = await box.json(...args);
  said += JSON.stringify(document);
  return document;
};
const hash = createHash("sha256").update(`key-${MARK}`).digest("hex");
const HASH = ["sh", "-c", 'printf %s "$PLANTED_KEY" | sha256sum; echo "${NOT_SET-none}"'];
const none = createHash("sha256").update("").digest("hex");

interface Shown {
  readonly name: string;
  readonly slot: string | null;
  readonly account: string | null;
  readonly sharedWith: string[];
}
const shown = async () => (await json("codex-auth", "show")).data.agents as Shown[];

test("a pool outside of the repository, and variables, need approval first", async () => {
  expect((await json("agent", "up", "3")).error?.code).toBe("E_UNTRUSTED");
  expect((await run("trust", "--yes")).stdout).toMatch(/the logins in .*pool[^]*your variable PLANTED_KEY/);
});

test("three agents, two logins: one each in their order, and the third comes up without", async () => {
  const up = await run("agent", "up", "3");
  expect(up).toMatchObject({ exitCode: 0 });
  expect(up.stderr).toContain("agent-3 comes up without a Codex login");
  expect((await shown()).map(({ name, slot, account }) => [name, slot, account])).toEqual([
    ["agent-1", "a", "a@x.example"],
    ["agent-2", "b", "b@x.example"],
    ["agent-3", null, null],
  ]);
  const inside = await box.devkit(
    "exec",
    "1",
    "--",
    "sh",
    "-c",
    'stat -c "%a %u" "$CODEX_HOME/auth.json"; id -u',
  );
  const [mode, uid] = inside.stdout.split("\n");
  expect(mode).toBe(`600 ${uid ?? ""}`);
});

test("variables are passed by name to commands and hooks, and not once approval was taken back", async () => {
  const [plain, elsewhere, document, hook] = await Promise.all([
    run("exec", "1", "--", ...HASH),
    run("exec-cd", "2", "src", ...HASH),
    json("exec", "1", "--", ...HASH),
    run("exec", "3", "--", "cat", "/home/agent/hook"),
  ]);
  expect(plain.stdout).toBe(`${hash}  -\nnone`);
  for (const text of [elsewhere.stdout, document.data.stdout, hook.stdout]) expect(text).toContain(hash);
  expect((await run("config", "show")).stdout).toMatch(
    /agent\.pass_env +\["PLANTED_KEY" \(set\), "NOT_SET" \(unset\)\]/,
  );
  expect((await json("config", "show")).data.passEnv).toEqual([
    { name: "PLANTED_KEY", set: true },
    { name: "NOT_SET", set: false },
  ]);
  await run("trust", "--revoke");
  const [after, again, reseeded] = await Promise.all([
    run("exec", "1", "--", ...HASH),
    json("hook", "run", "on_start", "3"),
    json("codex-auth", "reseed", "3"),
  ]);
  expect(after.stdout).toContain(none);
  expect(after.stderr).toContain("PLANTED_KEY is not passed on");
  expect(again.warnings).toEqual([expect.stringContaining("PLANTED_KEY")]);
  expect(reseeded.error?.code).toBe("E_UNTRUSTED");
  await run("trust", "--yes");
});

test("import, show, clear and reseed", async () => {
  const renewed = login("a", "2026-03-01T00:00:00Z", 2);
  const give = (index: string, input: string, ...options: string[]) =>
    box.devkitWith({ input, stdin: "pipe" }, "-v", "codex-auth", "import", "-", index, ...options);
  const codes: number[] = [];
  for (const [index, text, ...options] of [
    ["3", login("a")],
    ["1", renewed],
    ["1", login("a")],
    ["2", login("c"), "--force"],
    ["3", "{}"],
  ] as [string, string, ...string[]][]) {
    const result = await give(index, text, ...options);
    remember(result);
    codes.push(result.exitCode);
  }
  expect(codes).toEqual([5, 0, 5, 0, 2]);
  expect((await run("codex-auth", "reseed", "3")).stdout).toContain("slot b");
  expect((await run("codex-auth", "clear", "2")).exitCode).toBe(0);
  expect((await json("codex-auth", "reseed", "2")).error?.code).toBe("E_LOGIN_POOL");
  expect((await run("codex-auth", "show", "1")).stdout).toMatch(/a@x\.example +valid +2026-03-01/);
});

test("a removed agent gives its slot back; restored, it shares what somebody has got meanwhile, and is told", async () => {
  expect((await run("agent", "kill", "3")).exitCode).toBe(0);
  expect((await run("codex-auth", "reseed", "2")).stdout).toContain("slot b");
  const restored = await json("agent", "restore", "3");
  expect(restored.warnings).toEqual([expect.stringContaining("agent-2's now")]);
  expect((await shown()).map(({ slot, sharedWith }) => [slot, sharedWith])).toEqual([
    [null, []],
    ["b", ["agent-3"]],
    [null, ["agent-2"]],
  ]);
  const { findings } = (await json("doctor")).data as { findings: { check: string; found: string }[] };
  expect(findings.find(({ check }) => check === "logins")?.found).toMatch(
    /agent-2 and agent-3 have one Codex login/,
  );
});

test("no secret is in what commands say, in containers, images, processes or files outside of homes", async () => {
  const asked = [["agent", "list"], ["agent", "status", "1"], ["doctor"], ["codex-auth", "show"]];
  await Promise.all(asked.map((args) => run(...args)));
  await Promise.all([json("agent", "status", "1"), json("agent", "list")]);
  const devkit = startDevkit(box, ["exec", "1", "--", "sh", "-c", "echo ready; exec sleep 60"]);
  await new Promise((resolve) => devkit.stdout.once("data", resolve));
  const docker = async (...args: string[]) => (await execa("docker", args, { env: box.env })).stdout;
  const containers = await box.containers();
  const inspected = await docker("inspect", ...containers.map(({ id }) => id));
  const image = /"Image": "(sha256:[0-9a-f]+)"/.exec(inspected)?.[1] ?? "";
  const looks = {
    said,
    inspected,
    history: await docker("history", "--no-trunc", image),
    image: await docker("inspect", image),
    events: await docker("ps", "-a", "--no-trunc", "--format", "{{json .}}"),
    processes: await processList(),
    files: await filesWithMark(),
  };
  devkit.kill("SIGKILL");
  expect(inspected).toContain("ExecIDs");
  expect(looks.processes).toContain("sleep");
  for (const [where, text] of Object.entries(looks))
    expect([where, text.includes(MARK)]).toEqual([where, false]);
});

async function processList(): Promise<string> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.join("\n").replaceAll("\0", " ");
}

/** Content of all files of the user but logins themselves, and homes. */
async function filesWithMark(): Promise<string> {
  const all = await readdir(box.dir, { recursive: true, withFileTypes: true });
  const files = all.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name));
  const others = files.filter((file) => !/\/(agents|trash)\/[^/]+\/home\/|\/pool\//.test(file));
  expect(others.length).toBeGreaterThan(20);
  const texts = others.map(async (file) => ((await stat(file)).size > 1e7 ? "" : readFile(file, "latin1")));
  return (await Promise.all(texts)).join("\n");
}
