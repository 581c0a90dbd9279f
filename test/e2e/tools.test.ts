import { execa } from "execa";
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAuthority, createModelStand, MODEL_NAMES, type ModelStand } from "../support/model-stand.js";
import { killLeftProcesses, startDevkit } from "../support/live-process.js";
import { expectFailure } from "../support/refusals.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";
import { createSshStand, SSH_NAMES, type SshStand } from "../support/ssh-stand.js";

const AGENTS = ["1", "2", "3"] as const;
const HOST_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

let box: Sandbox;
let models: ModelStand;
let sshd: SshStand;

/** The real programs in one image, real model servers' names, a real sshd: only who answers there is not real. */
beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  await box.git("remote", "add", "origin", "git@github.com:team/app.name.git");
  const built = await box.json("-p", "codex", "-p", "claude", "image", "build");
  const image = (built.data as { reference: string }).reference;
  const ca = await createAuthority(box, image);
  const settings = [
    '[project]\noverlays = ["codex", "claude"]',
    `[egress]\nallow = ["ssh.github.com"]\nprivate = ${JSON.stringify([...MODEL_NAMES, ...SSH_NAMES])}`,
    `[container]\nmounts = ["${ca}:/ca:ro"]`,
    'env = { NODE_EXTRA_CA_CERTS = "/ca/ca.pem", SSL_CERT_FILE = "/ca/ca.pem" }',
    '[codex]\nconfig = "codex.toml"',
  ];
  // A model that Codex does not know gets the plain tools.
  await writeFile(path.join(box.repo, "codex.toml"), 'model = "stand"\n');
  await writeFile(path.join(box.repo, "devkit.toml"), `${settings.join("\n")}\n`);
  expect(await box.devkit("agent", "up", String(AGENTS.length))).toMatchObject({ exitCode: 0 });
  [models, sshd] = await Promise.all([createModelStand(box, image), createSshStand(box)]);
  const keys = await Promise.all(AGENTS.map(makeKey));
  await sshd.authorize(...keys);
});

afterAll(async () => {
  killLeftProcesses();
  await box.remove();
});

async function inside(agent: string, script: string, input = "") {
  const finished = await box.devkitWith({ input, stdin: "pipe" }, "exec", agent, "--", "sh", "-c", script);
  if (finished.exitCode !== 0) throw new Error(`${script}: ${finished.stdout}${finished.stderr}`);
  return finished.stdout;
}

const writeSecret = (agent: string, file: string, text: string) =>
  inside(agent, `umask 077; cat > ${file}`, text);

/** An ssh key of the agent's own, and the way through its proxy. */
async function makeKey(agent: string): Promise<string> {
  const config = [
    "Host github.com\n  HostName ssh.github.com\n  Port 443\n  User git",
    "  ProxyCommand nc -X connect -x tinyproxy:8888 %h %p",
    "  StrictHostKeyChecking accept-new\n",
  ].join("\n");
  await writeSecret(agent, "~/.ssh/config", config);
  return inside(agent, "ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519 && cat ~/.ssh/id_ed25519.pub");
}

/** A login with a mark in it that nothing else has; how its key ends says how the server answers. */
const logIn = {
  codex: (agent: string, how = "good") =>
    writeSecret(
      agent,
      "~/.codex/auth.json",
      JSON.stringify({ OPENAI_API_KEY: `sk-codex-mark-${agent}-${how}` }),
    ),
  claude: (agent: string, how = "good", expiresAt = Date.now() + 3_600_000) => {
    const tokens = {
      accessToken: `sk-ant-claude-mark-${agent}-${how}`,
      refreshToken: "sk-ant-ort01-x",
      expiresAt,
    };
    const login = { claudeAiOauth: { ...tokens, scopes: ["user:inference"], subscriptionType: "max" } };
    return writeSecret(agent, "~/.claude/.credentials.json", JSON.stringify(login));
  },
};

const TURNS = {
  codex: (prompt: string) => ["codex", "exec", "--json", prompt],
  claude: (prompt: string) => ["claude", "-p", prompt, "--output-format", "json"],
} as const;

/** Agents with a text in a file of their home. */
async function homesWith(text: string): Promise<string[]> {
  const state = path.join(box.dir, "home/.local/state/devkit");
  const [project = ""] = (await readdir(state)).filter((name) => name.startsWith("demo-"));
  const agents = path.join(state, project, "agents");
  const found = await execa("grep", ["-rlaF", "--", text, agents], { reject: false });
  const names = found.stdout
    .split("\n")
    .map((file) => path.relative(agents, file).split("/").slice(0, 2).join("/"));
  return [...new Set(names)].filter(Boolean).sort();
}

describe.each(["codex", "claude"] as const)("%s in three agents at once", (tool) => {
  test("edits, commits and pushes, each with what is its own", async () => {
    await Promise.all(AGENTS.map((agent) => logIn[tool](agent)));
    const turns = AGENTS.map((agent) => {
      const name = `${tool}-${agent}`;
      const script = `echo ${name} > ${name}.txt && git add ${name}.txt && git commit -qm 'turn of ${name}' && git push -q origin HEAD:refs/heads/${name}`;
      return box.devkit("exec", agent, "--", ...TURNS[tool](`RUN: ${script}`));
    });
    for (const turn of await Promise.all(turns)) expect(turn).toMatchObject({ exitCode: 0 });
    for (const agent of AGENTS) {
      const pushed = await sshd.git("log", "-1", "--format=%s%n%an", "--name-only", `${tool}-${agent}`);
      expect(pushed).toBe(`turn of ${tool}-${agent}\nTess Ter\n\n${tool}-${agent}.txt`);
      expect(await homesWith(`${tool}-mark-${agent}`)).toEqual([`agent-${agent}/home`]);
      expect(await homesWith(`turn of ${tool}-${agent}`)).toEqual(
        // The private git dir has the commit's own message.
        [`agent-${agent}/git`, `agent-${agent}/home`],
      );
    }
    const keys = new Set((await models.requests()).map(({ key }) => key));
    expect(AGENTS.every((agent) => [...keys].some((key) => key.includes(`${tool}-mark-${agent}`)))).toBe(
      true,
    );
  });
});

describe.each([
  ["codex", "1"],
  ["claude", "2"],
] as const)("%s has the pool as tools", (tool, agent) => {
  test("lists a task, claims and completes it, and says meanwhile what it is at", async () => {
    const me = `agent-${agent}`;
    await logIn[tool](agent);
    const added = await box.json("task", "add", `a task for ${tool}`);
    const { id } = (added.data as { task: { id: string } }).task;
    const watch = startDevkit(box, ["--json", "agent", "list", "--watch"]);
    const seen = createInterface({ input: watch.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await seen.next()).value as string) as WatchDocument;
    for (const other of AGENTS)
      expect(await next()).toMatchObject({ name: `agent-${other}`, previous: null });
    const prompt = [
      'MCP: task_list {"status": "pending"}',
      `MCP: task_start {"task": "${id}"}`,
      `RUN: devkit task current && sleep 2`,
      `MCP: task_note {"task": "${id}", "text": "tools are fine"}`,
      `MCP: task_done {"note": "all done"}`,
    ].join("\n");
    const turn = await box.devkit("exec", agent, "--", ...TURNS[tool](prompt));
    expect(turn).toMatchObject({ exitCode: 0 });
    const { task } = (await box.json("task", "show", id)).data as { task: Record<string, unknown> };
    expect(task).toMatchObject({
      ...{ status: "done", claimed_by: null },
      notes: [
        { by: me, text: "tools are fine" },
        { by: me, text: "all done" },
      ],
    });
    const told: string[] = [];
    while (told.at(-1) !== "idle") {
      const one = await next();
      expect(one.name).toBe(me);
      told.push(one.activity.state);
    }
    // It begins and ends too fast for every state to be seen.
    expect(told).toContain("working");
    watch.kill("SIGINT");
    expect(await watch.ended).toEqual({ code: 0, signal: null });
    const { agents } = (await box.json("agent", "list")).data as { agents: WatchDocument[] };
    expect(agents.find(({ name }) => name === me)).toMatchObject({ activity: { state: "idle" } });
  });
});

interface WatchDocument {
  readonly name: string;
  readonly activity: { readonly state: string };
}

describe("codex-test and claude-test", () => {
  test("say which model answered", async () => {
    const [codex, claude] = await Promise.all([
      box.json("codex-test", "1"),
      box.json("claude-test", "agent-2"),
    ]);
    expect(codex).toMatchObject({ ok: true, data: { index: 1, name: "agent-1", tool: "codex" } });
    expect(claude).toMatchObject({ ok: true, data: { index: 2, name: "agent-2", tool: "claude" } });
    expect(codex.data.model).toBe("stand");
    expect(claude.data.model).toMatch(/^claude-/);
  });

  test("tell a login that is refused, at its limit, expired or not there", async () => {
    await Promise.all([
      ...[logIn.codex("1", "401"), logIn.codex("2", "429"), inside("3", "rm ~/.codex/auth.json")],
      ...[logIn.claude("1", "500"), logIn.claude("2", "401", 1_700_000_000_000)],
      inside("3", "rm ~/.claude/.credentials.json"),
    ]);
    const tests = AGENTS.flatMap((agent) => [
      ["codex-test", agent] as const,
      ["claude-test", agent] as const,
    ]);
    const told = await Promise.all(tests.map((words) => box.devkit(...words)));
    const [codex1, claude1, codex2, claude2, codex3, claude3] = told;
    const planted = /\[secret\]/;
    expectFailure(must(codex1), 1, planted, /codex-auth import FILE 1/);
    expectFailure(must(claude1), 1, /the model server failed: API Error: 500/, /devkit claude-test 1/);
    expectFailure(must(codex2), 1, /limit .*429/, /wait/);
    expectFailure(must(claude2), 1, /its login has expired/, /claude-auth import FILE 2/);
    expectFailure(must(codex3), 4, /no login/, /codex-auth import FILE 3/);
    expectFailure(must(claude3), 4, /no login/, /claude-auth import FILE 3/);
    for (const { stdout, stderr } of told) expect(stdout + stderr).not.toMatch(/mark-\d|planted/);
  });

  test("tell a server that says nothing, within their time", async () => {
    await Promise.all([logIn.codex("1", "hang"), logIn.claude("2", "hang")]);
    const began = performance.now();
    const [codex, claude] = await Promise.all([
      box.devkit("codex-test", "1", "--timeout", "7s"),
      box.devkit("claude-test", "2", "--timeout", "8s"),
    ]);
    expectFailure(codex, 1, /within 7 s/, /--timeout 3m/);
    expectFailure(claude, 1, /the model did not answer within 8 s/, /--timeout 3m/);
    expect(performance.now() - began).toBeLessThan(16_000);
  });

  test("tell what egress does not let through, that it is down, and an authority nobody knows", async () => {
    await Promise.all([logIn.codex("1"), logIn.claude("2")]);
    await box.devkit("deny", "api.openai.com", "--agent", "1");
    await box.devkit("deny", "api.anthropic.com", "--agent", "2");
    const [codex, claude] = await Promise.all([
      box.devkit("codex-test", "1"),
      box.devkit("claude-test", "2"),
    ]);
    expectFailure(
      codex,
      1,
      /may not reach api.openai.com:443/,
      /devkit allow api.openai.com --agent agent-1/,
    );
    expectFailure(
      claude,
      1,
      /may not reach api.anthropic.com:443/,
      /devkit allow api.anthropic.com --agent agent-2/,
    );
    // An agent for itself does without the test's authority.
    const env = `env = { NODE_EXTRA_CA_CERTS = "${HOST_CERTIFICATES}", SSL_CERT_FILE = "${HOST_CERTIFICATES}" }`;
    const overlay = path.join(box.repo, ".devkit-overlays/agent3");
    await execa("mkdir", ["-p", overlay]);
    await writeFile(path.join(overlay, "overlay.toml"), `[container]\n${env}\n`);
    expect(await box.devkit("agent", "up", "3")).toMatchObject({ exitCode: 0 });
    await Promise.all([logIn.codex("3"), logIn.claude("3")]);
    const unknown = await Promise.all([box.devkit("codex-test", "3"), box.devkit("claude-test", "3")]);
    for (const one of unknown) expectFailure(one, 1, /does not know the authority/, /docs\/images\.md/);
    expect(await box.devkit("down")).toMatchObject({ exitCode: 0 });
    expectFailure(await box.devkit("codex-test", "3"), 1, /agent-3 reaches nothing/, /devkit up/);
  });
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("nothing");
  return value;
}
