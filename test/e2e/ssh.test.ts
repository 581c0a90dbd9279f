import { execa } from "execa";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectFailure } from "../support/refusals.js";
import { createSandbox, PROGRAM, type Sandbox } from "../support/sandbox.js";
import { createSshStand, SSH_EGRESS, type SshStand } from "../support/ssh-stand.js";

/** As in the seed document, byte for byte. */
const SEED_BLOCK = `Host github.com
  HostName ssh.github.com
  Port 443
  ProxyCommand nc -X connect -x tinyproxy:8888 %h %p
  IdentityFile /path/to/.devhome-agentN/.ssh/id_ed25519
  IdentitiesOnly yes
  StrictHostKeyChecking accept-new
`;
const URL = "git@github.com:team/app.name.git";

let box: Sandbox;
let server: SshStand;
let keys: string;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  keys = path.join(box.dir, "keys");
  await mkdir(keys);
  await writeFile(path.join(box.repo, "devkit.toml"), SSH_EGRESS);
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
  server = await createSshStand(box);
  await trustHostKey();
});

afterAll(() => box.remove());

/** The settings name the server's key, as those of a company's own server would. */
async function trustHostKey(): Promise<void> {
  const line = `ssh.github.com ${await server.hostKey()}`;
  const settings = `${SSH_EGRESS}[ssh]\nknown_hosts = ["${line}"]\n`;
  await writeFile(path.join(box.repo, "devkit.toml"), settings);
  // Another key for a server that everybody knows needs the user's word.
  expect(await box.devkit("ssh-setup", "--index", "1")).toMatchObject({ exitCode: 5 });
  expect(await box.devkit("trust", "--yes")).toMatchObject({ exitCode: 0 });
}

async function makeKey(name: string, passphrase = ""): Promise<string> {
  const file = path.join(keys, name);
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", file]);
  return file;
}

/** Typed, where `expect.stringMatching` is anything. */
const matching = (pattern: RegExp) => expect.stringMatching(pattern) as unknown as string;
const publicKey = (file: string) => readFile(`${file}.pub`, "utf8");
const inside = (agent: number, script: string) => box.devkit("exec", String(agent), "--", "sh", "-c", script);
const reasonOf = async (...args: string[]) => {
  const { error, exitCode } = await box.json("ssh-test", ...args);
  expect(error?.hint).toMatch(/\S/);
  return [error?.code, error?.details["reason"], exitCode];
};
const setUp = async (...args: string[]) => {
  const document = await box.json("ssh-setup", ...args);
  expect(document.error).toBeUndefined();
  return (document.data as { agents: { changed: boolean; key: { publicKey: string }; written: string[] }[] })
    .agents;
};
const homeOf = async (agent: number) => {
  const states = path.join(box.env["HOME"] ?? "", ".local/state/devkit");
  const [project = ""] = await readdir(states);
  return path.join(states, project, "agents", `agent-${String(agent)}`, "home");
};

test("without a key nothing is written, and the failure says what to do", async () => {
  expectFailure(await box.devkit("ssh-test", "1"), 1, /not set up/, /devkit ssh-setup --index 1/);
  expectFailure(await box.devkit("ssh-setup", "--index", "1"), 2, /you have no ssh key/, /--generate/);
  const locked = await makeKey("locked", "secret");
  const encrypted = await box.devkit("ssh-setup", "--index", "1", "--key", locked);
  expectFailure(encrypted, 2, /passphrase/, /--agent-forward/);
  expect(await inside(1, "ls -A ~/.ssh")).toMatchObject({ stdout: "" });
  expect((await box.devkit("egress", "list", "1")).stdout).not.toContain("ssh.github.com");
});

describe("an agent with a key of its own", () => {
  let generated: string;

  test("is let in once the key is registered, and another run changes nothing", async () => {
    const [agent] = await setUp("--index", "1", "--generate");
    generated = agent?.key.publicKey ?? "";
    expect(await reasonOf("1")).toEqual(["E_SSH", "refused-key", 1]);
    await server.authorize(generated);
    expect(await box.devkit("ssh-test", "1")).toMatchObject({
      exitCode: 0,
      stdout: matching(/^github\.com lets agent-1 in: Hi git!/),
    });
    expect(await setUp("--index", "agent-1", "--generate")).toMatchObject([{ changed: false, written: [] }]);
    const { stdout } = await inside(1, "cd ~/.ssh && stat -c '%a %n' . id_* config devkit.d/* *.devkit");
    expect(stdout.split("\n")).toEqual([
      "700 .",
      "600 id_ed25519",
      "644 id_ed25519.pub",
      "600 config",
      "600 devkit.d/github.com.conf",
      "600 known_hosts.devkit",
    ]);
  });

  test("uses plain ssh and git, by every spelling of the address", async () => {
    expect(await inside(1, "ssh git@github.com")).toMatchObject({
      exitCode: 1,
      stderr: matching(/Hi git!/),
    });
    const urls = [
      URL,
      "ssh://git@github.com:22/team/app.name.git",
      "ssh://git@ssh.github.com:443/team/app.name.git",
    ];
    const pushes = urls.map((url, index) => `git push -q ${url} HEAD:refs/heads/plain-${String(index)}`);
    const wrapped = `git -c core.sshCommand='ssh -F ~/.ssh/config' push -q ${URL} HEAD:refs/heads/wrapped`;
    expect(await inside(1, [...pushes, wrapped].join(" && "))).toMatchObject({ exitCode: 0, stderr: "" });
    const refs = await server.git("for-each-ref", "--format=%(refname:short)");
    expect(refs.split("\n")).toEqual(["plain-0", "plain-1", "plain-2", "wrapped"]);
  });

  test("keeps it: it is in no other agent, no container's settings, and not replaced unasked", async () => {
    const secret =
      (await readFile(path.join(await homeOf(1), ".ssh/id_ed25519"), "utf8")).split("\n")[2] ?? "";
    const ids = (await box.containers()).map(({ id }) => id);
    expect((await execa("docker", ["inspect", ...ids], { env: box.env })).stdout).not.toContain(secret);
    expect((await inside(2, `grep -rlF '${secret}' ~ /workspace /devkit 2>/dev/null`)).stdout).toBe("");
    const outside = ["-rlF", secret, "--exclude-dir=home", path.dirname(path.dirname(await homeOf(1)))];
    expect((await execa("grep", outside, { reject: false })).stdout).toBe("");
    const other = await makeKey("other");
    const replaced = await box.devkit("ssh-setup", "--index", "1", "--key", other);
    expectFailure(replaced, 5, /another key/, /--force/);
    expect(await setUp("--index", "1")).toMatchObject([{ changed: false, key: { publicKey: generated } }]);
  });

  test("learns in one line what is wrong on the way, in time", async () => {
    await box.devkit("deny", "ssh.github.com", "--agent", "1");
    expect(await reasonOf("1")).toEqual(["E_SSH", "not-allowed", 1]);
    expect(await setUp("--index", "1")).toMatchObject([{ changed: true, written: [] }]);
    await server.setSilent(true);
    const began = performance.now();
    expect(await reasonOf("1", "--timeout", "4")).toEqual(["E_SSH", "timeout", 1]);
    expect(performance.now() - began).toBeLessThan(8000);
    await server.setSilent(false);
    await server.changeHostKey();
    expect(await reasonOf("1")).toEqual(["E_SSH", "changed-host-key", 1]);
    await trustHostKey();
    expect(await setUp("--index", "1")).toMatchObject([{ written: [".ssh/known_hosts.devkit"] }]);
    expect(await box.devkit("ssh-test", "1")).toMatchObject({ exitCode: 0 });
    await box.devkit("down");
    expect(await reasonOf("1")).toEqual(["E_SSH", "egress-down", 1]);
    await box.devkit("up");
  });
});

test("the seed's block works as it is pasted, and stays when devkit adds its own", async () => {
  const file = await makeKey("pasted");
  await server.authorize(await publicKey(file));
  const block = SEED_BLOCK.replace("/path/to/.devhome-agentN", "/home/agent");
  const paste = (target: string, input: string) =>
    box.devkitWith(
      { input, stdin: "pipe" },
      ...["exec", "2", "--", "sh", "-c", `umask 077; mkdir -p ~/.ssh; cat > ~/.ssh/${target}`],
    );
  await paste("config", block);
  await paste("id_ed25519", await readFile(file, "utf8"));
  await box.devkit("allow", "ssh.github.com", "--agent", "2");
  expect(await inside(2, `git push -q ${URL} HEAD:refs/heads/pasted`)).toMatchObject({ exitCode: 0 });
  const sshCommand = "git config --global core.sshCommand 'ssh -F /home/agent/.ssh/config'";
  expect(await inside(2, `${sshCommand}; git push -q ${URL} HEAD:refs/heads/pasted-2`)).toMatchObject({
    exitCode: 0,
  });
  expect(await box.devkit("ssh-test", "2")).toMatchObject({ exitCode: 0 });
  await setUp("--index", "2");
  const config = await inside(2, "cat ~/.ssh/config");
  expect(`${config.stdout}\n`).toBe(`Include devkit.d/*.conf\n\n${block}`);
  expect(await inside(2, `git push -q ${URL} HEAD:refs/heads/pasted-3`)).toMatchObject({ exitCode: 0 });
});

describe("the user's ssh agent", () => {
  let endAgent: () => void;
  let env: Record<string, string>;

  beforeAll(async () => {
    const socket = path.join(box.dir, "agent.sock");
    const agent = execa("ssh-agent", ["-D", "-a", socket], { reject: false });
    endAgent = () => agent.kill();
    env = { ...box.env, SSH_AUTH_SOCK: socket };
    await box.until(async () => (await stat(socket).catch(() => undefined)) !== undefined);
    const file = await makeKey("forwarded");
    await execa("ssh-add", ["-q", file], { env });
    await rm(file);
    await server.authorize(await publicKey(file));
  });

  afterAll(() => endAgent());

  const withAgent = (...args: string[]) => box.devkitWith({ env }, ...args);

  test("is carried into the agent that may have it, to sign and nothing else, and into no other", async () => {
    await setUp("--index", "2", "--agent-forward");
    expect(await withAgent("ssh-test", "2")).toMatchObject({ exitCode: 0 });
    const script = [
      "ssh-add -l",
      "ssh-add -D 2>/dev/null && echo emptied",
      `git push -q ${URL} HEAD:refs/heads/forwarded`,
      "stat -c %a $(dirname $SSH_AUTH_SOCK)",
    ].join("; ");
    const { stdout } = await withAgent("exec", "2", "--", "sh", "-c", script);
    expect(stdout).toMatch(/^256 SHA256:\S+ forwarded \(ED25519\)\n700$/);
    expect(await server.git("rev-parse", "--verify", "forwarded")).toMatch(/^[0-9a-f]{40}$/);
    const other = await withAgent(
      "exec",
      "1",
      "--",
      "sh",
      "-c",
      'echo "[$SSH_AUTH_SOCK]"; ls /tmp | grep ssh',
    );
    expect(other.stdout).toBe("[]");
  });

  test("is gone with the command, also after a kill -9", async () => {
    const left = async () => (await inside(2, "ls -d /tmp/devkit-ssh-*; ps -e | grep perl")).stdout;
    await setUp("--index", "2", "--no-agent-forward");
    expect(await left()).toBe("");
    await setUp("--index", "2", "--agent-forward");
    const argv = [PROGRAM, "exec", "2", "--", "sh", "-c", "echo ready; exec sleep 60"];
    const running = execa(process.execPath, argv, { cwd: box.repo, env, extendEnv: false, reject: false });
    await new Promise<void>((resolve) => running.stdout.once("data", () => resolve()));
    running.kill("SIGKILL");
    await running;
    await setUp("--index", "2", "--no-agent-forward");
    await box.until(async () => (await left()) === "");
    expect(await withAgent("exec", "2", "--", "sh", "-c", 'echo "[$SSH_AUTH_SOCK]"')).toMatchObject({
      stdout: "[]",
    });
  });

  test("that does not answer is said once, and the command runs without", async () => {
    await setUp("--index", "2", "--agent-forward");
    const { exitCode, stderr } = await box.devkit("exec", "2", "--", "true");
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/agent-2 gets no ssh agent.*SSH_AUTH_SOCK/);
  });
});

test("an agent that does not run is set up all the same, and tested it is not", async () => {
  await box.devkit("agent", "down", "2");
  expectFailure(await box.devkit("ssh-test", "2"), 1, /agent-2 is exited/, /devkit agent up/);
  expect((await box.devkit("ssh-setup", "--all", "--generate")).stdout).toContain(
    "Next: devkit agent up agent-2, then devkit ssh-test 2",
  );
});
