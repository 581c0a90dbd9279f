import { execa } from "execa";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runData, runEvent } from "../support/json-pins-runs.js";
import { killLeftProcesses, startDevkit } from "../support/live-process.js";
import { createSandbox, PROGRAM, type Document, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

/** What there is besides runs: an agent, whose egress and broker all of them share. */
let before: string[];

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  const made = await box.json("agent", "up", "1", "--ephemeral", "--ttl", "1h");
  expect((made.data as { expires: string | null }).expires).toMatch(/Z$/);
  before = await traces();
});

afterAll(async () => {
  killLeftProcesses();
  await box.remove();
});

/** All that a run could leave, but for the trash. */
async function traces(): Promise<string[]> {
  const label = ["--filter", "label=dev.devkit.role", "--format", '{{.Label "dev.devkit.root"}}'];
  const [containers, networks] = await Promise.all(
    [
      ["ps", "-a"],
      ["network", "ls"],
    ].map(async (words) => {
      const { stdout } = await execa("docker", [...words, ...label], { env: box.env });
      return stdout.split("\n").filter((root) => root === box.repo);
    }),
  );
  const refs = await box.git("for-each-ref", "--format=%(refname)", "refs/heads/agent", "refs/devkit");
  const worktrees = (await box.git("worktree", "list")).split("\n").slice(1);
  const state = path.join(box.env["HOME"] ?? "", ".local/state/devkit");
  const [project = ""] = (await readdir(state)).filter((name) => name.startsWith("demo-"));
  const files = await Promise.all(
    ["agents", "ephemeral", "under-way"].map((name) =>
      readdir(path.join(state, project, name)).catch((): string[] => []),
    ),
  );
  const locks = (await readdir(path.join(box.repo, ".devkit/locks"))).filter((name) => name.includes("run-"));
  const others = (await readdir(box.repo)).filter((name) => name.includes(".devkit-"));
  const places = await readdir(path.join(box.repo, ".devkit/agents"));
  const own = refs.split("\n").filter((ref) => ref !== "" && !ref.startsWith("refs/devkit/trash/"));
  return [containers, networks, own, worktrees, ...files, locks, others, places].flat().map(String);
}

/** A question to the proxy that it says no to. */
const ASK =
  'exec 3<>/dev/tcp/tinyproxy/8888; printf "CONNECT nowhere.example:443 HTTP/1.1\\r\\n\\r\\n" >&3; head -n 1 <&3 >/dev/null';
const COMMIT = "echo $DEVKIT_TASK >done.txt; git add done.txt; git commit -qm done";

const LOOSE = "echo x >>README.md; git stash -q; mkfifo pipe; truncate -s 1T huge; ln -s /etc/passwd link";

test("a run of tasks: events, one document, a proof, done tasks, exit code 1, and nothing left", async () => {
  await writeFile(path.join(box.repo, "TODO.md"), "- [ ] good\n- [ ] bad\n");
  const summary = path.join(box.dir, "summary.md");
  const script = `${COMMIT}; ${LOOSE}; ${ASK}; echo -e "\\e[31mhello"; [ $DEVKIT_TASK = TSK-1 ]`;
  const args = ["--json", "run", "--tasks", "TODO.md", "--out", "proof", "--", "bash", "-c", script];
  const env = { ...box.env, GITHUB_STEP_SUMMARY: summary };
  const { stdout, exitCode } = await box.devkitWith({ env }, ...args);
  expect(exitCode).toBe(1);
  const lines = stdout.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  const document = lines.pop() as unknown as Document;
  const data = v.parse(runData, document.data);
  const events = lines.map((line) => v.parse(runEvent, line));
  expect(document).toMatchObject({ ok: true, command: "run", warnings: [] });
  expect(events.filter((one) => one.event === "line").map(({ text }) => text)).toEqual(["hello", "hello"]);
  expect(data.agents).toMatchObject([
    { task_id: "TSK-1", reason: "passed", exit_code: 0, changed_files: 3, trash: null, problems: [] },
    { task_id: "TSK-2", reason: "failed", exit_code: 1, commits: [{ subject: "done" }], trash: null },
  ]);
  expect(Math.min(...data.agents.map(({ peak_memory }) => peak_memory ?? 0))).toBeGreaterThan(2 ** 20);
  const tasks = (await box.json("task", "list")).data as { tasks: { id: string; status: string }[] };
  expect(new Map(tasks.tasks.map(({ id, status }) => [id, status]))).toEqual(
    new Map([
      ["TSK-1", "done"],
      ["TSK-2", "pending"],
    ]),
  );
  expect(data.agents.map(({ egress }) => egress.denied)).toEqual([1, 1]);
  const read = (file: string) => readFile(path.join(box.repo, "proof", file), "utf8");
  expect(JSON.parse(await read("run.json"))).toEqual(data);
  expect(await read("junit.xml")).toContain('tests="2" failures="1" errors="0"');
  expect(await readFile(summary, "utf8")).toBe(await read("summary.md"));
  const [first] = data.agents;
  const { stdout: loose } = await execa("tar", [
    "-tf",
    path.join(box.repo, "proof", first?.files.untracked ?? ""),
  ]);
  expect(loose.split("\n").sort()).toEqual(["huge", "link"]);
  expect(await read(first?.files.stashes ?? "")).toContain("refs/devkit/stash/0");
  await box.git(
    "fetch",
    "-q",
    path.join("proof", first?.files.bundle ?? ""),
    "refs/heads/*:refs/heads/got/*",
  );
  expect(await box.git("show", `got/${first?.branch ?? ""}:done.txt`)).toBe("TSK-1");
  expect(await traces()).toEqual(before);
});

test("a run that is killed is gone soon, without another command; what it had committed is in the trash", async () => {
  const devkit = startDevkit(box, [
    "run",
    "--out",
    "never",
    "--",
    "sh",
    "-c",
    `${COMMIT}; echo ready; sleep 60`,
  ]);
  devkit.stdin.end();
  devkit.stderr.resume();
  const reader = createInterface({ input: devkit.stdout });
  for await (const line of reader) if (line.includes("ready")) break;
  devkit.kill("SIGKILL");
  await devkit.ended;
  await box.until(async () => (await traces()).length === before.length);
  expect(await traces()).toEqual(before);
  expect(existsSync(path.join(box.repo, "never"))).toBe(false);
  const { trash } = (await box.json("agent", "restore")).data as { trash: unknown };
  expect(trash).toMatchObject([{ work: [expect.stringMatching(/^1 commit of agent\/run-/)] }]);
  expect((await box.json("run", "--reap")).data).toMatchObject({ reaped: [] });
});

test("the shell example runs agents and fetches what they committed", async () => {
  const example = path.resolve(import.meta.dirname, "../../examples/run.sh");
  const DEVKIT = `${process.execPath} ${PROGRAM}`;
  const options = { cwd: box.repo, env: { ...box.env, DEVKIT }, extendEnv: false, reject: false };
  const { exitCode, stdout } = await execa(example, ["1", "proof-2", "--", "sh", "-c", COMMIT], options);
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/1 of 1 passed[^]*Nothing was left[^]*Fetched:/),
  ]);
  expect(await box.git("log", "-1", "--format=%s", "--glob=refs/heads/agent/run-*")).toBe("done");
  const fetched = (await traces()).filter((one) => !before.includes(one));
  expect(fetched).toEqual([expect.stringMatching(/^refs\/heads\/agent\/run-/)]);
  await box.git("update-ref", "-d", fetched[0] ?? "");
});

test("agents for a while go when their time is over, which can be changed, without another command", async () => {
  await box.json("agent", "up", "1", "--ephemeral", "--ttl", "1s");
  await box.until(async () => (await traces()).length === 0);
  expect((await box.json("agent", "list")).data).toEqual({ agents: [] });
});

test("agents beyond the budget wait until another has ended; what runs have left is pruned when its time is over", async () => {
  await writeFile(
    path.join(box.repo, "devkit.toml"),
    '[container]\nmemory = "256m"\n[budget]\nmemory = "256m"\n',
  );
  const { stdout, exitCode } = await box.devkit("--json", "run", "--agents", "2", "--", "sh", "-c", COMMIT);
  const lines = stdout.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  const data = v.parse(runData, (lines.pop() as unknown as Document).data);
  const events = lines.map((line) => v.parse(runEvent, line));
  expect([exitCode, data.passed, data.waited]).toEqual([0, true, 1]);
  const told = events.map(({ event }) => event).filter((event) => event !== "removed");
  expect(told).toEqual(["run_started", "started", "waiting", "ended", "started", "ended"]);
  expect(await traces()).toEqual([]);
  const asked = await box.json("prune", "trash", "worktree", "log", "--trash", "--apply");
  const { items, bytes } = asked.data as { items: { kind: string; removed: boolean }[]; bytes: number };
  expect([asked.exitCode, bytes > 0, items.length >= 2]).toEqual([0, true, true]);
  expect(items.every(({ kind, removed }) => kind === "trash" && removed)).toBe(true);
  expect((await box.json("agent", "restore")).data).toMatchObject({ trash: [] });
  expect(await box.git("for-each-ref", "refs/devkit/trash")).toBe("");
});
