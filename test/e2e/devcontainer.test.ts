import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox, operationsOf, type Sandbox } from "../support/sandbox.js";

const FILE = ".devcontainer/devcontainer.json";
const TEXT = `// As an editor made it
{
  "name": "demo",
  "image": "debian:bookworm-slim",
  "containerEnv": { "STAGE": "dev", "GREETING": "\${localEnv:GREETING:hej}" },
  "remoteEnv": {
    "PATH": "\${containerEnv:PATH}:\${containerWorkspaceFolder}/bin",
  },
  "hostRequirements": { "memory": "5gb" },
  "postAttachCommand": "npm run dev",
}
`;

let box: Sandbox;
const inside = async (script: string) => (await box.devkit("exec", "1", "--", "sh", "-c", script)).stdout;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  await mkdir(path.join(box.repo, ".devcontainer"));
  await writeFile(path.join(box.repo, FILE), TEXT);
  await writeFile(path.join(box.repo, "devkit.toml"), '[project]\noverlays = ["devcontainer"]\n');
});

afterAll(() => box.remove());

test("an agent comes up as devcontainer.json says, and a second time there is nothing to do", async () => {
  expect((await box.json("agent", "up", "1")).exitCode).toBe(0);
  expect(await inside('echo "$STAGE $GREETING"')).toBe("dev hej");
  expect(await inside("echo $PATH")).toMatch(/\/usr\/bin:.*:\/workspaces\/demo\/bin$/);
  expect(operationsOf(await box.json("agent", "up", "1"))).toEqual([]);
});

test("its worktree is where the specification has it, and git works there", async () => {
  const script =
    "cd /workspaces/demo && echo 1 > new && git add new && git commit -qm there && git status --short";
  expect(await inside(script)).toBe("");
  expect(await inside("cd /workspace && git log -1 --format=%s && cat new")).toBe("there\n1");
  expect(await box.git("log", "-1", "--format=%s", "agent/agent-1/idle")).not.toBe("there");
  expect((await box.devkit("agent", "sync", "1")).exitCode).toBe(0);
  expect(await box.git("log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("there");
});

test("each setting is shown with its place, and what is not run is said", async () => {
  const answer = await box.json("config", "show", "--origin");
  const shown = Object.fromEntries(
    (answer.data.settings as { key: string; value: unknown; origin: object }[]).map((one) => [one.key, one]),
  );
  expect(shown["container.memory"]).toMatchObject({
    value: 5 * 1024 ** 3,
    origin: { source: "overlay", overlay: "devcontainer", file: FILE, line: 9, column: 25 },
  });
  const check = await box.json("config", "check");
  expect(check.warnings).toEqual([
    `${FILE}:10:24: postAttachCommand is not run, since nobody attaches to an agent; run it with devkit exec`,
  ]);
});

test("what agents cannot have is refused at its place, before anything is made", async () => {
  await writeFile(path.join(box.repo, FILE), TEXT.replace('"name": "demo"', '"capAdd": ["SYS_PTRACE"]'));
  const { exitCode, stderr } = await box.devkit("agent", "up", "1");
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`${FILE}:3:3: capAdd is not supported`);
  expect(stderr).toContain('  3 |   "capAdd": ["SYS_PTRACE"],\n    |   ^');
  expect(stderr).toContain('"ignore": ["capAdd"]');
});

test("init says that the file is there", async () => {
  await rm(path.join(box.repo, "devkit.toml"));
  expect((await box.devkit("init")).stdout).toContain("devkit -p devcontainer agent up 3");
});
