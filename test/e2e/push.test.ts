import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";
import { createSshStand, SSH_EGRESS, type SshStand } from "../support/ssh-stand.js";

const ORIGIN = "https://tess:t0ken@github.com/team/app.name.git/";
const SSH = "git@github.com:team/app.name.git";
const SETTINGS = `${SSH_EGRESS}[agent]
identity = "{name} ({agent}) <tess+{index}@example.com>"
sign = true
`;
let box: Sandbox;
let stand: SshStand;
let hostConfig: Buffer;

const configFile = () => path.join(box.repo, ".git/config");
const inside = (agent: string, script: string) => box.devkit("exec", agent, "--", "bash", "-ec", script);
const push = (agent: string, ...more: string[]) => box.devkit("repo-push-ssh", "--index", agent, ...more);
const tipOf = async (agent: string) => (await inside(agent, "git rev-parse HEAD")).stdout;
const refused = async (agent: string, ...more: string[]) => {
  const { error, exitCode } = await box.json("repo-push-ssh", "--index", agent, ...more);
  expect(error?.message).not.toContain("\n");
  return { ...error, exitCode };
};

beforeAll(async () => {
  box = await createSandbox({ name: "app.name" });
  await box.setIdentity();
  // What the user's own shell says of who commits is not the agents'.
  Object.assign(box.env, { GIT_AUTHOR_NAME: "Leak", GIT_COMMITTER_EMAIL: "leak@example.com" });
  await box.git("remote", "add", "origin", ORIGIN);
  await writeFile(path.join(box.repo, "devkit.toml"), SETTINGS);
  const up = await box.devkit("agent", "up", "2");
  expect(up).toMatchObject({ exitCode: 0 });
  expect(up.stderr).toMatch(/agent-1, agent-2: no ssh key to sign with yet.*devkit ssh-setup --all/);
  hostConfig = await readFile(configFile());
  stand = await createSshStand(box);
  const known = `[ssh]\nknown_hosts = ["ssh.github.com ${await stand.hostKey()}"]\n`;
  await writeFile(path.join(box.repo, "devkit.toml"), SETTINGS + known);
  expect(await box.devkit("trust", "--yes")).toMatchObject({ exitCode: 0 });
});

afterAll(() => box.remove());

test("without a key: told in one line, and commits are made all the same", async () => {
  expect(await inside("1", "git commit -q --allow-empty -m unsigned")).toMatchObject({ exitCode: 0 });
  expect(await refused("1")).toMatchObject({
    ...{ code: "E_SSH", exitCode: 1, hint: expect.stringContaining("devkit ssh-setup --index 1") as string },
    details: { reason: "not-set-up" },
  });
});

test("two agents push side by side, with commits that are theirs and signed", async () => {
  const document = await box.json("ssh-setup", "--all", "--generate");
  const { agents } = document.data as { agents: { key: { publicKey: string } }[] };
  expect(await refused("2")).toMatchObject({ code: "E_SSH", details: { reason: "refused-key" } });
  await stand.authorize(...agents.map(({ key }) => key.publicKey));
  await Promise.all(
    ["1", "2"].map((agent) => inside(agent, `echo ${agent} >own; git add own; git commit -qm own`)),
  );
  const [one, two] = await Promise.all([push("1"), push("2")]);
  const tips = { one: (await tipOf("1")).slice(0, 7), two: (await tipOf("2")).slice(0, 7) };
  expect(one.stdout).toBe(
    "agent-1: origin https://github.com/team/app.name.git/ → git@github.com:team/app.name.git (in the agent's own git settings)\n" +
      `agent-1: agent/agent-1/idle → ${SSH} (new branch, 3 commits, ${tips.one})`,
  );
  expect(two.stdout).toContain(`agent-2: agent/agent-2/idle → ${SSH} (new branch, 2 commits, ${tips.two})`);
  const there = await stand.git("for-each-ref", "--format=%(refname) %(authorname) %(committeremail)");
  expect(there.split("\n")).toEqual([
    "refs/heads/agent/agent-1/idle Tess Ter (agent-1) <tess+1@example.com>",
    "refs/heads/agent/agent-2/idle Tess Ter (agent-2) <tess+2@example.com>",
  ]);
  expect(await readFile(configFile())).toEqual(hostConfig);
});

test("what they signed is good on the host, inside, and on the server", async () => {
  const signers = await box.devkit("agent", "signers");
  const file = path.join(box.dir, "signers");
  await writeFile(file, `${signers.stdout}\n`);
  const verify = (ref: string) =>
    box.git("-c", `gpg.ssh.allowedSignersFile=${file}`, "log", "-1", "--format=%G? %GS", ref);
  expect(await verify("agent/agent-1/idle")).toBe("G tess+1@example.com");
  expect(await verify("agent/agent-2/idle")).toBe("G tess+2@example.com");
  await expect(box.git("verify-commit", "agent/agent-2/idle~1")).rejects.toThrow();
  const shown = await inside("1", "git log -1 --show-signature; git tag -m t v1; git verify-tag v1 2>&1");
  expect(shown.stdout.match(/Good "git" signature for tess\+1@example.com/g)).toHaveLength(2);
});

test("nothing new, then more: the range and how many", async () => {
  expect((await push("1")).stdout).toBe(`agent-1: agent/agent-1/idle → ${SSH}: already up to date`);
  const from = await tipOf("1");
  await inside("1", "git commit -q --allow-empty -m two; git commit -q --allow-empty -m three");
  const to = await tipOf("1");
  const more = await box.json("repo-push-ssh", "app.name", "--index", "agent-1");
  expect(more.data).toEqual({
    ...{ index: 1, name: "agent-1", directory: "/workspace", branch: "agent/agent-1/idle" },
    ...{ url: SSH, urlBefore: null, pushed: true, from, to, commits: 2 },
  });
  expect(await box.git("rev-parse", "agent/agent-1/idle")).toBe(to);
});

describe("what is not pushed", () => {
  test("a branch that others build on, known here or only there", async () => {
    await inside("2", "git switch -q -c main");
    expect(await refused("2")).toMatchObject({ code: "E_SHARED_BRANCH", exitCode: 5 });
    expect((await push("2", "--allow-base")).stdout).toContain("agent-2: main → ");
    await stand.git("symbolic-ref", "HEAD", "refs/heads/trunk");
    await stand.git("update-ref", "refs/heads/trunk", "refs/heads/main");
    await inside("2", "git switch -q -c trunk");
    expect(await refused("2")).toMatchObject({ code: "E_SHARED_BRANCH", details: { branch: "trunk" } });
  });

  test("a detached HEAD", async () => {
    await inside("2", "git switch -q --detach");
    expect(await refused("2")).toMatchObject({ code: "E_DETACHED_HEAD", exitCode: 5 });
  });

  test("over commits that the remote's branch has", async () => {
    await inside("2", "git switch -q agent/agent-2/idle");
    const other = await stand.git("rev-parse", "agent/agent-1/idle");
    await stand.git("update-ref", "refs/heads/agent/agent-2/idle", other);
    expect(await refused("2")).toMatchObject({
      ...{ code: "E_DIVERGED", exitCode: 5 },
      hint: expect.stringContaining("git pull --rebase origin agent/agent-2/idle") as string,
    });
    expect(await stand.git("rev-parse", "agent/agent-2/idle")).toBe(other);
  });

  test("what the remote's own rules keep out", async () => {
    await stand.inside(
      "cd /home/git/team/app.name.git/hooks; printf '#!/bin/sh\\nexit 1\\n' >update; chmod +x update",
    );
    await inside("1", "git commit -q --allow-empty -m four");
    expect(await refused("1")).toMatchObject({
      ...{ code: "E_PUSH_REFUSED", exitCode: 1 },
      message: expect.stringContaining("hook declined") as string,
    });
    await stand.inside("rm /home/git/team/app.name.git/hooks/update");
  });

  test("to a server that says nothing, or shows another key, or has no such repository, or is denied", async () => {
    await stand.setSilent(true);
    const silent = await refused("1", "--timeout", "1s");
    await stand.setSilent(false);
    expect(silent).toMatchObject({ code: "E_TIMEOUT", exitCode: 1 });
    await inside("1", "git remote set-url origin git@github.com:team/none.git");
    expect(await refused("1")).toMatchObject({ code: "E_SSH", details: { reason: "no-repository" } });
    await stand.changeHostKey();
    expect(await refused("1")).toMatchObject({ code: "E_SSH", details: { reason: "changed-host-key" } });
    await box.devkit("deny", "ssh.github.com", "--agent", "1");
    expect(await refused("1")).toMatchObject({
      ...{
        code: "E_SSH",
        details: { reason: "not-allowed" },
        hint: expect.stringContaining("devkit allow ssh.github.com") as string,
      },
    });
  });
});

test("origin is written either way in the agent's own settings, also of one that does not run", async () => {
  await box.devkit("agent", "down", "2");
  const https = "https://github.com/team/app.name.git";
  const to = await box.devkit("repo-config-https", "--index", "2");
  expect(to.stdout).toBe(`agent-2: origin ${SSH} → ${https} (in the agent's own git settings)`);
  expect((await box.devkit("repo-config-https", "--index", "2")).stdout).toBe(
    `agent-2: origin is already ${https}`,
  );
  expect((await box.json("repo-config-ssh", "--index", "2")).data).toMatchObject({ url: SSH, changed: true });
  expect(await readFile(configFile())).toEqual(hostConfig);
});
