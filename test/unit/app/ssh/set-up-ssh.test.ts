import { beforeEach, describe, expect, test } from "vitest";
import type { HomeFile } from "../../../../src/app/ports-identity.js";
import { setUpSsh, type SetUpRequest } from "../../../../src/app/ssh/set-up-ssh.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS, type Settings } from "../../../../src/domain/settings/settings.js";
import { generateKey } from "../../../../src/domain/ssh/generate-key.js";
import { createFakeSsh, type FakeSsh } from "../../fakes/ssh.js";
import { createWorld, type World } from "../../fakes/world.js";
import { configOf, egressSettings, isApplied, upIn } from "../../support/egress.js";

let world: World;
let ssh: FakeSsh;
let settings: Settings;

beforeEach(async () => {
  world = createWorld();
  ssh = createFakeSsh();
  settings = DEFAULT_SETTINGS;
  await upIn(world, 2, egressSettings({}));
});

const MINE = generateKey("me@here");
const haveKey = (text = MINE.text, file = "/me/.ssh/id_ed25519") => ssh.keys.set(file, { text });
const fileOf = (agent: number, name: string): HomeFile | undefined =>
  world.homes.files.get(`agent-${String(agent)}/.ssh/${name}`);
const put = (agent: number, path: string, content: string, mode = 0o600) =>
  world.homes.write(agentPaths(world.deps.project, agentAt(agent)), [
    { path: `.ssh/${path}`, content, mode },
  ]);

async function run(change: Partial<SetUpRequest> = {}) {
  const request: SetUpRequest = {
    ...{ selectors: ["1"], host: "github.com", settingsOf: () => settings },
    ...{ wish: "keep", force: false, forward: undefined, ...change },
  };
  const { done, outcomes } = await setUpSsh({ ...world.deps, ssh }, request);
  return { done, codes: outcomes.map(({ error }) => error?.code) };
}

describe("ssh-setup", () => {
  test("gives the agent the user's key, with the modes that ssh wants", async () => {
    haveKey();
    await run();
    expect(fileOf(1, "id_ed25519")).toMatchObject({ content: MINE.text, mode: 0o600 });
    expect(fileOf(1, "id_ed25519.pub")).toMatchObject({
      content: `ssh-ed25519 ${MINE.publicKey} me@here\n`,
      mode: 0o644,
    });
    expect(fileOf(1, "config")).toMatchObject({ content: "Include devkit.d/*.conf\n", mode: 0o600 });
    expect(fileOf(1, "devkit.d/github.com.conf")?.content).toContain("IdentityFile ~/.ssh/id_ed25519\n");
    expect(fileOf(1, "known_hosts.devkit")?.content).toContain(
      "[ssh.github.com]:443,ssh.github.com ssh-ed25519 ",
    );
    expect([...world.homes.files.keys()].filter((file) => file.startsWith("agent-2/.ssh"))).toEqual([]);
  });

  test("changes nothing the second time, and puts right what was changed", async () => {
    haveKey();
    expect((await run()).done).toMatchObject([{ changed: true, allowed: true }]);
    const [before, signals] = [
      new Map(world.homes.files),
      world.log.filter((one) => one.startsWith("signal")),
    ];
    expect((await run()).done).toMatchObject([{ changed: false, written: [], allowed: false }]);
    expect(world.homes.files).toEqual(before);
    expect(world.log.filter((one) => one.startsWith("signal"))).toEqual(signals);
    put(1, "id_ed25519", MINE.text, 0o644);
    put(1, "id_ed25519.pub", "ssh-rsa AAAA other\n", 0o644);
    expect((await run()).done[0]?.written).toEqual([".ssh/id_ed25519", ".ssh/id_ed25519.pub"]);
    expect(world.homes.files).toEqual(before);
  });

  test("allows the server for that agent alone, and not where it is allowed", async () => {
    haveKey();
    await run();
    expect(configOf(world, "agents/agent-1/allow")).toContain("^ssh\\.github\\.com:443$");
    expect(configOf(world, "agents/agent-2/allow")).not.toContain("github");
    await upIn(world, 2, egressSettings({ allow: ["*.github.com"] }));
    expect((await run({ selectors: ["2"] })).done).toMatchObject([{ allowed: false, changed: true }]);
  });

  test("tells the proxy what a run that was killed had only noted", async () => {
    haveKey();
    world.before = (operation) => {
      if (operation.includes("signal")) throw new Error("killed");
    };
    expect((await run()).codes).toEqual(["E_BUG"]);
    world.before = () => undefined;
    expect(await isApplied(world)).toBe(false);
    expect((await run()).codes).toEqual([undefined]);
    expect(await isApplied(world)).toBe(true);
  });

  test("keeps the key that an agent has", async () => {
    haveKey();
    const { done } = await run({ wish: "generate" });
    const made = fileOf(1, "id_ed25519")?.content;
    expect(done[0]?.key).toMatchObject({ file: "id_ed25519", made: true });
    expect((await run()).done[0]?.changed).toBe(false);
    expect((await run({ wish: "generate" })).done[0]).toMatchObject({ changed: false, key: { made: false } });
    expect((await run({ wish: { keyFile: "/me/.ssh/id_ed25519" } })).codes).toEqual(["E_SSH_KEY_EXISTS"]);
    expect(fileOf(1, "id_ed25519")?.content).toBe(made);
    await run({ wish: { keyFile: "/me/.ssh/id_ed25519" }, force: true });
    expect(fileOf(1, "id_ed25519")?.content).toBe(MINE.text);
    await run({ wish: "generate", force: true });
    expect([MINE.text, made]).not.toContain(fileOf(1, "id_ed25519")?.content);
  });

  test("makes a key of its own for each agent", async () => {
    const { done } = await run({ selectors: [], wish: "generate" });
    expect(new Set(done.map(({ key }) => key?.publicKey)).size).toBe(2);
    expect(done.map(({ agent }) => agent.name)).toEqual(["agent-1", "agent-2"]);
  });

  test("keeps what is in the config, and does not touch one that is no text file", async () => {
    haveKey();
    put(1, "config", "Host *\n  ForwardAgent no\n", 0o664);
    await run();
    expect(fileOf(1, "config")).toMatchObject({
      content: "Include devkit.d/*.conf\n\nHost *\n  ForwardAgent no\n",
      mode: 0o600,
    });
    put(2, "config", "User \ufffd\n");
    expect((await run({ selectors: ["2"] })).codes).toEqual(["E_HOME"]);
    expect([...world.homes.files.keys()].filter((file) => file.startsWith("agent-2/.ssh"))).toEqual([
      "agent-2/.ssh/config",
    ]);
  });

  test("keeps the keys of several hosts side by side", async () => {
    haveKey();
    await run();
    await run({ host: "gitlab.com", wish: "generate" });
    expect(fileOf(1, "id_ed25519")?.content).toBe(MINE.text);
    expect(fileOf(1, "id_ed25519-gitlab.com")?.content).not.toBe(MINE.text);
    expect(fileOf(1, "devkit.d/gitlab.com.conf")?.content).toContain(
      "IdentityFile ~/.ssh/id_ed25519-gitlab.com\n",
    );
    expect((await run({ host: "gitlab.com" })).done[0]?.changed).toBe(false);
    expect((await run()).done[0]?.changed).toBe(false);
    // Without a key of its own a host gets the agent's.
    await run({ host: "bitbucket.org" });
    expect(fileOf(1, "devkit.d/bitbucket.org.conf")?.content).toContain("IdentityFile ~/.ssh/id_ed25519\n");
  });

  test("knows a company's host by the settings, and no others", async () => {
    haveKey();
    expect((await run({ host: "git.example.com" })).codes).toEqual(["E_SSH_HOST"]);
    const known_hosts = ["ssh.example.com ssh-ed25519 AAAA"];
    settings = { ...settings, ssh: { hosts: { "git.example.com": "ssh.example.com" }, known_hosts } };
    await run({ host: "git.example.com" });
    expect(fileOf(1, "devkit.d/git.example.com.conf")?.content).toContain("HostName ssh.example.com\n");
    expect(fileOf(1, "known_hosts.devkit")?.content).toContain(
      "[ssh.example.com]:443,ssh.example.com ssh-ed25519 AAAA\n",
    );
  });

  test("forwards instead of copying, and takes it back", async () => {
    haveKey();
    const { done } = await run({ forward: true });
    expect(done).toMatchObject([{ forward: true, key: undefined, changed: true }]);
    expect(fileOf(1, "id_ed25519")).toBeUndefined();
    expect(fileOf(1, "devkit.d/github.com.conf")?.content).toContain("IdentitiesOnly no\n");
    expect(ssh.forwards.get(agentPaths(world.deps.project, agentAt(1)).state)).toBe(true);
    expect((await run()).done).toMatchObject([{ forward: true, changed: false }]);
    await run({ host: "gitlab.com", forward: false });
    for (const host of ["github.com", "gitlab.com"])
      expect(fileOf(1, `devkit.d/${host}.conf`)?.content).toContain("IdentitiesOnly yes\n");
  });

  test("one agent's failure does not keep the others from theirs", async () => {
    haveKey();
    put(2, "id_ed25519", "no key");
    const { done, codes } = await run({ selectors: [] });
    expect(codes).toEqual([undefined, "E_SSH_KEY"]);
    expect(done.map(({ agent }) => agent.name)).toEqual(["agent-1"]);
  });

  test("that was killed after any file converges", async () => {
    haveKey();
    await run();
    const whole = new Map(world.homes.files);
    for (const file of [...whole.keys()].filter((name) => name.includes(".ssh/"))) {
      world.homes.files.delete(file);
      await run();
      expect(world.homes.files).toEqual(whole);
    }
  });
});

test.each([
  ["there is none", undefined, /no ssh key/, /devkit ssh-setup --index 1 --generate/],
  ["it has a passphrase", "encrypted", /passphrase/, /devkit ssh-setup --index 1 --agent-forward/],
  ["it may not be read", "unreadable", /may not read/, /readable/],
])("no key: %s", async (_, problem, message, hint) => {
  const ENCRYPTED = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
  if (problem === "encrypted") haveKey(ENCRYPTED);
  if (problem === "unreadable") ssh.keys.set("/me/.ssh/id_ed25519", { problem });
  const { outcomes } = await setUpSsh(
    { ...world.deps, ssh },
    {
      ...{ selectors: ["1"], host: "github.com", settingsOf: () => settings },
      ...{ wish: "keep", force: false, forward: undefined },
    },
  );
  expect(outcomes[0]?.error).toMatchObject({ code: "E_SSH_KEY", exitCode: 2 });
  expect(outcomes[0]?.error?.message).toMatch(message);
  expect(outcomes[0]?.error?.hint).toMatch(hint);
  expect([...world.homes.files.keys()].filter((file) => file.includes(".ssh"))).toEqual([]);
});
