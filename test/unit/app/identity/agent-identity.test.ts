import { beforeEach, describe, expect, test } from "vitest";
import { bringUp } from "../../../../src/app/agents/up.js";
import { identities, warnAboutIdentities } from "../../../../src/app/identity/agent-identity.js";
import { refreshIdentity } from "../../../../src/app/identity/refresh-identity.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { generateKey } from "../../../../src/domain/ssh/generate-key.js";
import { DEFAULT_SETTINGS, type AgentSettings } from "../../../../src/domain/settings/settings.js";
import { createWorld, type World } from "../../fakes/world.js";
import { PROJECT } from "../../support/things.js";

const USER = [
  { key: "user.name", value: "Old Name" },
  { key: "user.name", value: "Tess Ter" },
  { key: "user.email", value: "tess@example.com" },
  { key: "commit.gpgsign", value: "true" },
];
const KEY = generateKey("a comment");
const LINE = `tess@example.com namespaces="git" ssh-ed25519 ${KEY.publicKey}`;

let world: World;
const agent = agentAt(2);
const paths = agentPaths(PROJECT, agent);

const settingsWith = (change: Partial<AgentSettings>) => () => ({
  ...DEFAULT_SETTINGS,
  agent: { ...DEFAULT_SETTINGS.agent, ...change },
});
const identityWith = (change: Partial<AgentSettings>, user = USER) =>
  identities(world.deps, user, settingsWith(change));
const configOf = (...args: Parameters<typeof identityWith>) =>
  Object.fromEntries(identityWith(...args)(agent).config.map(({ key, value }) => [key, value]));
const putKey = (file: string, content = KEY.text) => {
  world.homes.write(paths, [{ path: `.ssh/${file}`, mode: 0o600, content }]);
};

beforeEach(() => {
  world = createWorld();
});

describe("who commits in an agent", () => {
  test("is the user, and nothing else of their settings goes along", () => {
    expect(configOf({})).toEqual({ "user.name": "Tess Ter", "user.email": "tess@example.com" });
  });

  test("is whom the settings name", () => {
    expect(configOf({ identity: "{name} ({agent}) <tess+{index}@example.com>" })).toEqual({
      "user.name": "Tess Ter (agent-2)",
      "user.email": "tess+2@example.com",
    });
  });

  test("is warned about when git does not know the user, once for all agents", () => {
    const identityOf = identityWith({ identity: "{name} <a@example.com>" }, [USER[2] ?? never()]);
    warnAboutIdentities(world.progress, [agentAt(1), agentAt(2)], identityOf);
    expect(world.progress.warnings).toEqual([
      expect.stringMatching(/git does not know who you are.* && devkit agent up \d$/),
    ]);
    expect(identityOf(agent).config).toEqual([USER[2]]);
  });

  test("needs no user that is not asked for", () => {
    const identityOf = identityWith({ identity: "bot {index} <bot@example.com>" }, []);
    warnAboutIdentities(world.progress, [agent], identityOf);
    expect(world.progress.warnings).toEqual([]);
    expect(identityOf(agent).config).toContainEqual({ key: "user.name", value: "bot 2" });
  });
});

describe("signing", () => {
  test("with the best key of the home", () => {
    putKey("id_rsa");
    putKey("id_ed25519");
    expect(configOf({ sign: true })).toMatchObject({
      "gpg.format": "ssh",
      "user.signingkey": "/home/agent/.ssh/id_ed25519",
      "gpg.ssh.allowedsignersfile": "/home/agent/.ssh/allowed_signers",
      "commit.gpgsign": "true",
      "tag.gpgsign": "true",
    });
    expect(identityWith({ sign: true })(agent).signer).toBe(LINE);
  });

  test("only when it is asked for", () => {
    putKey("id_ed25519");
    expect(configOf({})).not.toHaveProperty("commit.gpgsign");
  });

  test("without a key that can sign, commits are made all the same, and it is said which agents have none", () => {
    putKey("id_ed25519", "no key");
    const identityOf = identityWith({ sign: true });
    expect(identityOf(agent).config.map(({ key }) => key)).toEqual(["user.name", "user.email"]);
    warnAboutIdentities(world.progress, [agent], identityOf);
    warnAboutIdentities(world.progress, [agentAt(1), agent], identityOf);
    expect(world.progress.warnings).toEqual([
      expect.stringMatching(/^agent-2: .*devkit ssh-setup --index 2 && devkit agent up agent-2$/),
      expect.stringMatching(/^agent-1, agent-2: .*devkit ssh-setup --all && devkit agent up 2$/),
    ]);
  });

  test("writes whose signatures count, once, and keeps what the agent has there", async () => {
    putKey("id_ed25519");
    const file = "agent-2/.ssh/allowed_signers";
    world.homes.write(paths, [{ path: ".ssh/allowed_signers", mode: 0o644, content: "mine\n" }]);
    const identity = identityWith({ sign: true })(agent);
    await refreshIdentity(world.deps, agent, identity);
    const written = world.homes.files.get(file);
    expect(written?.content).toBe(`mine\n${LINE}\n`);
    await refreshIdentity(world.deps, agent, identity);
    expect(world.homes.files.get(file)).toBe(written);
  });
});

test("agent up says who the agents are, to each", async () => {
  world.git.config.push(...USER);
  const request = {
    count: 2,
    settings: DEFAULT_SETTINGS,
    settingsOf: settingsWith({ identity: "{name} {index} <{email}>" }),
    allowed: [],
    host: world.host,
    force: false,
    dryRun: false,
    now: new Date(),
    signal: new AbortController().signal,
  };
  await bringUp(world.deps, request);
  expect(world.state.identities.get("agent-2")).toContainEqual({ key: "user.name", value: "Tess Ter 2" });
  const settingsOf = settingsWith({ identity: "bot {index} <b@example.com>" });
  await bringUp(world.deps, { ...request, settingsOf });
  expect(world.state.identities.get("agent-1")).toContainEqual({ key: "user.name", value: "bot 1" });
  expect(world.log.filter((line) => /^(create|start) agent/.test(line))).toHaveLength(4);
});

function never(): never {
  throw new Error("no such entry");
}
