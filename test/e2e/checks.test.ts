import { execa } from "execa";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox, PROGRAM, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

const CHECK = '[[check]]\nid = "docs"\nscope = "src/**"\nmessage = "Do the pages say so?"\n';

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  await writeFile(path.join(box.repo, "devkit.toml"), CHECK);
  await box.git("add", "devkit.toml");
  await box.git("commit", "-q", "-m", "a check");
  // As it is for a user: devkit is on PATH.
  const bin = path.join(box.dir, "bin");
  await mkdir(bin);
  const program = `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`;
  await writeFile(path.join(bin, "devkit"), program, { mode: 0o755 });
  box.env["PATH"] = `${bin}:${box.env["PATH"] ?? ""}`;
});

afterAll(() => box.remove());

const commit = (...args: string[]) =>
  execa("git", ["commit", "-q", ...args], { cwd: box.repo, env: box.env, extendEnv: false, reject: false });
const inAgent = (script: string) => box.devkit("exec", "1", "--", "bash", "-c", script);
const at = (file: string) => path.join(box.repo, file);

test("the user's own commits: refused, verified, with trailers, and the task has their files", async () => {
  expect((await box.json("init", "--hooks")).data).toMatchObject({ hooks: at(".git/hooks") });
  await box.devkit("task", "add", "Fix it");
  await box.devkit("task", "next", "--start");
  expect(await readFile(at(".devkit/HEAD"), "utf8")).toBe("TSK-1\n");
  await writeFile(at("src/app.js"), "2;\n");
  await box.git("add", "-A");
  const refused = await commit("-m", "change");
  expect([refused.exitCode, refused.stderr]).toEqual([
    1,
    expect.stringContaining('devkit verify docs -m "…"'),
  ]);
  await box.devkit("verify", "docs", "-m", "they do");
  expect(await commit("-m", "change")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await box.git("log", "-1", "--format=%B")).toBe(
    "change\n\nDevkit-Verify: docs | they do | main\nDevkit-Task: TSK-1 | partial | Fix it\n",
  );
  expect((await box.json("task", "show", "TSK-1")).data.task.scope).toEqual(["src/app.js"]);
  const ci = await box.json("check", "run", "--ci", "--diff-base", "HEAD~1");
  expect(ci.data).toMatchObject({ checks: [{ id: "docs", met: true }], blocked: false });
  box.env["DEVKIT_TASK_ACTION"] = "done";
  await commit("-m", "the end", "--allow-empty");
  expect((await box.json("task", "show", "TSK-1")).data.task.status).toBe("done");
  expect((await box.json("task", "current")).data.task).toBeNull();
});

test("an agent's commits go through the same hooks, in its private git dir", async () => {
  expect(await box.devkit("agent", "up", "1")).toMatchObject({ exitCode: 0 });
  // Stands in for the agent's devkit, which is another's business: it says what it was asked, and refuses.
  const stub =
    'mkdir -p ~/bin; printf \'#!/bin/sh\\necho "$*: $(tr -d "\\\\0")"; exit 6\\n\' >~/bin/devkit; chmod +x ~/bin/devkit';
  await inAgent(stub);
  const tried = await inAgent("export PATH=~/bin:$PATH; echo 3 >src/app.js; git commit -qam agent");
  expect([tried.exitCode, tried.stderr]).toEqual([1, expect.stringContaining("hook-pre-commit: src/app.js")]);
  // The host asks the agent's own git.
  expect((await box.json("check", "run", "--agent", "1")).data).toMatchObject({ checks: [], blocked: false });
  await inAgent("git add -A");
  expect((await box.json("check", "run", "--agent", "1")).data).toMatchObject({
    checks: [{ id: "docs", files: ["src/app.js"], met: false }],
    blocked: true,
  });
  await box.devkit("verify", "docs", "-m", "they do", "--agent", "1");
  expect((await inAgent("cat .devkit/staged-verifications.json; git status --porcelain")).stdout).toMatch(
    /"verified_by": "agent-1"[^]*\]\nM {2}src\/app\.js$/,
  );
  expect(await box.devkit("check", "run", "--agent", "1")).toMatchObject({ exitCode: 0 });
});

test("agent up renews hooks, keeps the agent's own, and checks that come and go are noticed at once", async () => {
  const hooks = "cd $(git rev-parse --git-dir)/hooks";
  await inAgent(`${hooks}; rm commit-msg; printf '#!/bin/sh\\n' >pre-commit`);
  expect(await box.devkit("agent", "up", "1")).toMatchObject({ exitCode: 0 });
  const list = async () => (await inAgent(`${hooks}; ls`)).stdout.split("\n");
  expect(await list()).toEqual([
    ...["commit-msg", "devkit-checks", "post-commit", "pre-commit", "pre-commit.local"],
  ]);
  await box.devkit("check", "remove", "docs");
  expect(await list()).not.toContain("devkit-checks");
  await box.devkit("check", "add", "lib/**", "-m", "Sure?");
  expect(await list()).toContain("devkit-checks");
});
