import { execa } from "execa";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectFailure } from "../support/refusals.js";
import { createSandbox, PROGRAM, type Sandbox } from "../support/sandbox.js";

/** Names of a server on the way out: what a company's own network is to egress. */
const CONFIG = '[egress]\nprivate = ["one.test", "two.test"]\n';
const SERVER = 'require("net").createServer((s) => { s.on("error", () => {}); s.pipe(s); }).listen(443)';

let box: Sandbox;
let client: string;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  await writeFile(path.join(box.repo, "devkit.toml"), CONFIG);
  client = await readFile(path.resolve(import.meta.dirname, "../support/proxy-client.mjs"), "utf8");
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
  await serve();
});

afterAll(() => box.remove());

/** A container beside the egress, outside: it echoes what it gets on port 443. */
async function serve(): Promise<void> {
  const image = await docker("inspect", "--format", "{{.Image}}", await idOf("agent", "agent-1"));
  const labels = [`dev.devkit.root=${box.repo}`, "dev.devkit.project=beside"].flatMap((one) => [
    "--label",
    one,
  ]);
  const names = ["one.test", "two.test"].flatMap((name) => ["--network-alias", name]);
  const network = `${await egressName()}-out`;
  await docker("run", "-d", "--init", ...labels, "--network", network, ...names, image, "node", "-e", SERVER);
  await box.until(
    async () => (await box.json("allow", "one.test", "--for", "1m")).ok && (await ask(1)).status === 200,
  );
  expect((await box.json("deny", "one.test")).ok).toBe(true);
}

/** Typed, where `expect.stringContaining` is anything. */
const containing = (text: string) => expect.stringContaining(text) as unknown as string;
const docker = async (...args: string[]) => (await execa("docker", args, { env: box.env })).stdout;
interface Shared {
  readonly role: string;
  readonly name: string;
  readonly id: string;
  readonly state: string;
}

const egressName = async () => (await stack())[0]?.name ?? "";

async function stack(): Promise<{ name: string; id: string; state: string }[]> {
  const document = await box.json("status");
  const { containers } = document.data as { containers: Shared[] };
  return containers.filter(({ role }) => role === "egress");
}

async function idOf(role: string, agent: string): Promise<string> {
  const labels = [`dev.devkit.role=${role}`, `dev.devkit.agent=${agent}`, `dev.devkit.root=${box.repo}`];
  return docker("ps", "-aq", "--no-trunc", ...labels.flatMap((label) => ["--filter", `label=${label}`]));
}

/** What the proxy answers an agent that wants a tunnel. */
async function ask(agent: number, host = "one.test"): Promise<{ status: number; text: string }> {
  const argv = ["node", "--input-type=module", "-e", client, "ask", `${host}:443`];
  const { stdout, stderr } = await box.devkit("exec", String(agent), "--", ...argv);
  try {
    return JSON.parse(stdout) as { status: number; text: string };
  } catch {
    throw new Error(`no answer: ${stdout} ${stderr}`);
  }
}

describe("what an agent may reach", () => {
  test("is nothing at first, and the refusal says who could change that", async () => {
    const { status, text } = await ask(1);
    expect(status).toBe(403);
    expect(text).toContain("agent-1 may not reach one.test:443");
    expect(text).toContain("devkit allow one.test:443 --agent agent-1");
    const policy = await box.devkit(
      "exec",
      "1",
      "--",
      "sh",
      "-c",
      "cat $DEVKIT_POLICY; touch $DEVKIT_POLICY",
    );
    expect(policy.stdout).toContain("devkit allow HOST --agent agent-1");
    expect(policy).toMatchObject({ exitCode: 1, stderr: containing("Read-only") });
    const named = await box.devkit("exec", "1", "--", "getent", "hosts", "one.test");
    expect(named).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("is allowed and denied at once, for all or for one, and 50 open tunnels go on", async () => {
    expect(await box.devkit("allow", "one.test")).toMatchObject({ exitCode: 0 });
    expect([(await ask(1)).status, (await ask(2)).status]).toEqual([200, 200]);
    const argv = [
      "exec",
      "1",
      "--",
      "node",
      "--input-type=module",
      "-e",
      client,
      "hold",
      "one.test:443",
      "50",
    ];
    const held = execa(process.execPath, [PROGRAM, ...argv], {
      cwd: box.repo,
      env: box.env,
      extendEnv: false,
    });
    await new Promise<void>((resolve) => held.stdout.once("data", () => resolve()));
    const began = performance.now();
    expect(await box.devkit("allow", "two.test:443", "--agent", "2")).toMatchObject({ exitCode: 0 });
    expect((await ask(2, "two.test")).status).toBe(200);
    expect((await ask(1, "two.test")).status).toBe(403);
    expect(await box.devkit("deny", "one.test")).toMatchObject({ exitCode: 0 });
    expect((await ask(1)).status).toBe(403);
    // Each change holds when its command ends; the commands and questions themselves take their time.
    expect(performance.now() - began).toBeLessThan(30_000);
    held.stdin.write("\n");
    expect((await held).stdout).toBe("open 50\nalive 50");
  });

  test("for a time ends by itself", async () => {
    const document = await box.json("allow", "one.test", "--agent", "1", "--for", "3s");
    const until = Date.parse((document.data as { until: string }).until);
    expect((await ask(1)).status).toBe(200);
    await box.until(async () => (await ask(1)).status === 403);
    expect(Date.now()).toBeGreaterThanOrEqual(until - 1000);
    expect(JSON.stringify((await box.json("egress", "list", "1")).data)).not.toContain("one.test");
  });

  test("is written in devkit.toml too, taken over by a reload", async () => {
    await writeFile(path.join(box.repo, "devkit.toml"), `${CONFIG}allow = ["*.example.com", "two.test"]\n`);
    expect(await box.devkit("egress", "reload")).toMatchObject({ exitCode: 0 });
    expect((await ask(1, "two.test")).status).toBe(200);
    expect((await box.devkit("egress", "list", "1")).stdout).toMatch(/two\.test +devkit\.toml/);
    expectFailure(
      await box.devkit("deny", "x.example.com"),
      2,
      /\*\.example\.com allows it/,
      /devkit deny '\*\.example\.com'/,
    );
    for (const [host, message] of [
      ["10.0.0.1", /IP address/],
      ["https://one.test/", /URL/],
      ["one.test:22", /port/],
      ["a{1.test", /name/],
    ] as const)
      expectFailure(await box.devkit("allow", host), 2, message, /./);
    expectFailure(await box.devkit("allow", "one.test", "--agent", "9"), 4, /no agent-9/, /devkit agent/);
  });
});

test("the log says who asked for what, and what would allow it; it outlives the container", async () => {
  await ask(2, "nowhere.example.com");
  await ask(2, "denied.test");
  const entries = async (...args: string[]) =>
    ((await box.json("egress", "log", ...args)).data as { entries: Record<string, unknown>[] }).entries;
  const find = async (target: string) =>
    (await entries("--agent", "2")).find((one) => one["target"] === target);
  await box.until(async () => (await find("denied.test:443")) !== undefined);
  expect(await find("denied.test:443")).toMatchObject({
    ...{ agent: "agent-2", kind: "proxy", verdict: "denied", count: 1 },
    allow: "devkit allow denied.test --agent agent-2",
  });
  expect(await find("nowhere.example.com:443")).toMatchObject({ verdict: "failed", allow: null });
  expect((await entries("--denied")).some((one) => one["verdict"] === "allowed")).toBe(false);
  const follow = execa(process.execPath, [PROGRAM, "egress", "log", "-f", "--denied"], {
    ...{ cwd: box.repo, env: box.env, extendEnv: false, reject: false },
  });
  const line = new Promise<string>((resolve) =>
    follow.stdout.once("data", (bytes: Buffer) => resolve(String(bytes))),
  );
  // Whichever comes after the look that the following begins with.
  const asking = setInterval(() => void ask(1, "followed.test").catch(() => undefined), 500);
  expect(await line).toContain("followed.test:443");
  clearInterval(asking);
  follow.kill("SIGINT");
  expect((await follow).exitCode).toBe(0);
  expect(await box.devkit("restart")).toMatchObject({ exitCode: 0 });
  expect(await find("denied.test:443")).toMatchObject({ count: 1 });
});

describe("healing", () => {
  test("egress killed: agents reach nothing, status and doctor say so, the next up mends it", async () => {
    const [egress] = await stack();
    await docker("kill", egress?.id ?? "");
    expect((await ask(1, "two.test")).status).toBe(0);
    expect((await box.devkit("status")).stdout).toMatch(/exited: agents reach nothing/);
    expect((await box.devkit("agent", "status", "1")).stdout).toMatch(/egress +exited: it reaches nothing/);
    const doctor = await box.devkit("doctor");
    expect(doctor.stdout).toMatch(/agent-1 reaches nothing: its egress container is exited/);
    expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
    expect((await ask(1, "two.test")).status).toBe(200);
    await docker("rm", "-f", egress?.id ?? "");
    expect(await box.devkit("up")).toMatchObject({
      exitCode: 0,
      stdout: "What agents share is up; what was wrong: there is none.",
    });
    expect((await ask(1, "two.test")).status).toBe(200);
  });

  test("an agent off its network, or on one made anew, is put right with the cause", async () => {
    const id = await idOf("agent", "agent-2");
    const name = (await docker("inspect", "--format", "{{.Name}}", id)).slice(1);
    await docker("network", "disconnect", "-f", name, id);
    const up = await box.devkit("agent", "up", "2");
    expect(up).toMatchObject({ exitCode: 0, stderr: containing("it is on another network") });
    expect((await ask(2, "two.test")).status).toBe(200);
    await docker("restart", "-t", "1", await idOf("agent", "agent-2"));
    const sealed = await box.devkit("agent", "up", "2");
    expect(sealed.stderr).toContain("its container was started by somebody else");
    const direct = ["bash", "-c", "echo >/dev/tcp/$(getent hosts tinyproxy | cut -d. -f1-3).1/443"];
    expect((await box.devkit("exec", "2", "--", ...direct)).stderr).toMatch(
      /No route|Permission|prohibited/i,
    );
  });
});

test("profiles: an egress and a read-only root of one's own, and back; names that resolve; open is loud", async () => {
  expect(await box.devkit("--profile", "hardened,dns", "agent", "up", "2")).toMatchObject({ exitCode: 0 });
  expect((await stack()).map(({ name }) => name.replace(/^.*(agent-\d)/, "$1")).sort()).toEqual([
    "agent-1-egress",
    "agent-2-egress",
  ]);
  const wrote = await box.devkit("exec", "1", "--", "touch", "/new");
  expect(wrote).toMatchObject({ exitCode: 1, stderr: containing("Read-only") });
  expect((await box.devkit("exec", "1", "--", "getent", "hosts", "nowhere.test")).exitCode).toBe(2);
  const open = await box.devkit("--profile", "open", "agent", "up", "2");
  expect(open).toMatchObject({
    exitCode: 0,
    stderr: containing("profile open: these agents reach every name"),
  });
  expect((await box.devkit("egress", "list", "1")).stdout).toContain("every name on every port");
  expect((await ask(1, "10.213.0.1")).status).toBe(403);
  expectFailure(
    await box.devkit("--profile", "opne", "agent", "up", "2"),
    2,
    /no profile "opne"/,
    /hardened/,
  );
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
  expect((await stack()).map(({ name }) => name)).toHaveLength(1);
});

test("with the last agent everything of egress goes", async () => {
  expect(await box.devkit("agent", "kill", "1", "2")).toMatchObject({ exitCode: 0 });
  const filter = ["--filter", "label=dev.devkit.role=network", "--format", '{{.Label "dev.devkit.root"}}'];
  expect((await docker("network", "ls", ...filter)).split("\n")).not.toContain(box.repo);
  expect((await box.json("status")).data).toMatchObject({ containers: [] });
});
