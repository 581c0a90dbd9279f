import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createEgressStore } from "../../../../src/adapters/fs/egress-store.js";
import type { EgressStore } from "../../../../src/app/ports-egress.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import type { EgressRule } from "../../../../src/domain/egress/rules.js";
import {
  agentPaths,
  egressDir,
  egressPaths,
  type EgressPaths,
  type Project,
} from "../../../../src/domain/identity/project.js";
import { tempProject } from "../../support/agent-dirs.js";
import { errorOf, tempDir } from "../../support/temp.js";

let project: Project;
let store: EgressStore;
let paths: EgressPaths;

beforeEach(async () => {
  project = await tempProject();
  store = createEgressStore(project);
  paths = egressPaths(project, undefined);
});

const files = (generation: string, more: Record<string, string> = {}) =>
  new Map(
    Object.entries({ generation: `${generation}\n`, "resolv.conf": "nameserver 127.0.0.1\n", ...more }),
  );
const listed = async (directory: string) =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
const inConfig = (file: string) => path.join(paths.config, file);
const inEgress = (file: string) => path.join(egressDir(project), file);
const RULE: EgressRule = {
  ...{ action: "allow", pattern: { host: "example.com", wildcard: false } },
  ...{ agent: "agent-1", until: undefined },
};

describe("an egress container's configuration", () => {
  test("is exactly the files it is given; what was there before goes", async () => {
    expect(await store.findWritten(paths)).toBeUndefined();
    await store.writeConfig(
      paths,
      files("one", { "agents/agent-1/allow": "a\n", "agents/agent-2/allow": "b\n" }),
    );
    expect(await store.findWritten(paths)).toBe("one");
    await writeFile(inConfig("agents/agent-1/.allow.0123.tmp"), "left by a killed run");
    await writeFile(inConfig("agents/more"), "");
    await store.writeConfig(paths, files("two", { "agents/agent-1/allow": "c\n" }));
    expect(await listed(paths.config)).toEqual(["agents/agent-1/allow", "generation", "resolv.conf"]);
    expect(await readdir(inConfig("agents"))).toEqual(["agent-1"]);
    expect(await readFile(inConfig("agents/agent-1/allow"), "utf8")).toBe("c\n");
    expect(await store.findWritten(paths)).toBe("two");
  });

  test("has its generation written last: cut off before, it has none, so that nobody takes it for whole", async () => {
    await store.writeConfig(paths, files("one", { "agents/agent-1/allow": "a\n" }));
    // Something that cannot be replaced by a file stands where one is to be written.
    await mkdir(inConfig("resolver/in the way"), { recursive: true });
    await errorOf(store.writeConfig(paths, files("two", { "agents/agent-1/allow": "b\n", resolver: "x\n" })));
    expect(await readFile(inConfig("agents/agent-1/allow"), "utf8")).toBe("b\n");
    expect(await store.findWritten(paths)).toBeUndefined();
  });

  test("that has not changed is not written again, file by file", async () => {
    await store.writeConfig(paths, files("one", { resolver: "x\n" }));
    const inode = async (file: string) => (await stat(inConfig(file))).ino;
    const before = await inode("resolver");
    await store.writeConfig(paths, files("two", { resolver: "x\n" }));
    expect(await inode("resolver")).toBe(before);
    expect(await store.findWritten(paths)).toBe("two");
  });

  test("comes with a directory that the container can write to, closed to other users", async () => {
    await store.writeConfig(paths, files("one"));
    for (const directory of [paths.config, paths.audit])
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });
});

describe("what a container says it runs with", () => {
  const applied = () => path.join(paths.audit, "applied");

  beforeEach(() => mkdir(paths.audit, { recursive: true }));

  test("is the one line it writes; nothing until then", async () => {
    expect(await store.findApplied(paths)).toBeUndefined();
    await writeFile(applied(), "one\n");
    expect(await store.findApplied(paths)).toBe("one");
  });

  test("is nothing when it is a link, wherever that leads", async () => {
    const secret = path.join(await tempDir(), "secret");
    await writeFile(secret, "one\n");
    await symlink(secret, applied());
    expect(await store.findApplied(paths)).toBeUndefined();
  });

  test("is nothing when it is a pipe that nobody writes to: the host does not wait", async () => {
    execFileSync("mkfifo", [applied()]);
    expect(await store.findApplied(paths)).toBeUndefined();
  });

  test("is nothing when it is a directory, or longer than any generation", async () => {
    await mkdir(applied());
    expect(await store.findApplied(paths)).toBeUndefined();
    const other = egressPaths(project, agentAt(1));
    await mkdir(other.audit, { recursive: true });
    await writeFile(path.join(other.audit, "applied"), "x".repeat(100_000));
    expect(await store.findApplied(other)).toBeUndefined();
  });
});

describe("what a container says it cannot serve", () => {
  const problems = () => path.join(paths.audit, "problems");

  beforeEach(() => mkdir(paths.audit, { recursive: true }));

  test("is the first thing it says of the generation that is asked for", async () => {
    expect(await store.findProblem(paths, "one")).toBeUndefined();
    await writeFile(problems(), "one\nagent-2\tno address\nagent-3\tno address\n");
    expect(await store.findProblem(paths, "one")).toBe("agent-2: no address");
    expect(await store.findProblem(paths, "two")).toBeUndefined();
  });

  test.each([
    ["only a generation: it serves everyone", "one\n"],
    ["nothing", ""],
  ])("is nothing when there is %s", async (_, text) => {
    await writeFile(problems(), text);
    expect((await store.findProblem(paths, "one")) ?? "").toBe("");
  });

  test("is not read through a link", async () => {
    const other = path.join(await tempDir(), "other");
    await writeFile(other, "one\nagent-2\tno address\n");
    await symlink(other, problems());
    expect(await store.findProblem(paths, "one")).toBeUndefined();
  });
});

describe("the audit", () => {
  beforeEach(() => mkdir(paths.audit, { recursive: true }));

  test("is the old log and then the new one; nothing where there is none", async () => {
    expect(await store.readAudit(paths)).toBe("");
    await writeFile(path.join(paths.audit, "audit.log"), "new\n");
    await writeFile(path.join(paths.audit, "audit.1.log"), "old\n");
    expect(await store.readAudit(paths)).toBe("old\nnew\n");
  });

  test("is not read through a link", async () => {
    await symlink("/etc/hostname", path.join(paths.audit, "audit.log"));
    await writeFile(path.join(paths.audit, "audit.1.log"), "old\n");
    expect(await store.readAudit(paths)).toBe("old\n");
  });
});

describe("rules and what is remembered", () => {
  test("come back; none before anything was saved", async () => {
    expect(await store.loadRules()).toEqual([]);
    expect(await store.loadMemory()).toEqual({ entries: [], private: [], profiles: new Map() });
    await store.saveRules([RULE]);
    await store.saveMemory({ entries: [], private: [], profiles: new Map([["agent-1", ["open"]]]) });
    expect(await store.loadRules()).toEqual([RULE]);
    expect((await store.loadMemory()).profiles).toEqual(new Map([["agent-1", ["open"]]]));
  });

  test("a broken memory is an empty one: nothing is allowed by it", async () => {
    await mkdir(egressDir(project), { recursive: true });
    await writeFile(inEgress("policy.json"), '{"entries": [');
    expect(await store.loadMemory()).toEqual({ entries: [], private: [], profiles: new Map() });
  });

  test("broken rules are a failure that names the file: a deny must not get lost", async () => {
    await mkdir(egressDir(project), { recursive: true });
    await writeFile(inEgress("rules.json"), '{"version": 1, "rules": [{}]}');
    const error = await errorOf(store.loadRules());
    expect(error.code).toBe("E_EGRESS_RULES");
    expect(error.message).toContain(inEgress("rules.json"));
    expect(error.hint).toContain("mv ");
  });

  test("what cannot be written is said of the file", async () => {
    await mkdir(egressDir(project), { recursive: true });
    await mkdir(inEgress("rules.json/in the way"), { recursive: true });
    expect((await errorOf(store.saveRules([RULE]))).message).toContain("rules.json");
  });
});

describe("an agent's own", () => {
  const own = () => egressPaths(project, agentAt(1));

  test("egress loses its policies and keeps its log", async () => {
    expect(await store.listOwners()).toEqual([]);
    await store.writeConfig(own(), files("one"));
    await store.writeConfig(paths, files("one"));
    expect(await store.listOwners()).toEqual(["agent-1"]);
    await writeFile(path.join(own().audit, "audit.log"), "asked\n");
    await store.removeConfig(own());
    await store.removeConfig(own());
    expect(await store.findWritten(own())).toBeUndefined();
    expect(await store.listOwners()).toEqual(["agent-1"]);
    expect(await store.readAudit(own())).toBe("asked\n");
    expect(await store.findWritten(paths)).toBe("one");
  });

  test("policy is a file that it reads, and goes with its profiles and rules; others' stay", async () => {
    const policyOf = (index: number) => agentPaths(project, agentAt(index)).policy;
    for (const index of [1, 2]) await store.writePolicy(policyOf(index), `of ${String(index)}\n`);
    const denied = { ...RULE, action: "deny" as const };
    await store.saveRules([RULE, denied, { ...RULE, agent: "agent-2" }, { ...RULE, agent: undefined }]);
    await store.saveMemory({
      entries: [],
      private: [],
      profiles: new Map([
        ["agent-1", ["open"]],
        ["agent-2", ["dns"]],
      ]),
    });
    expect(await readFile(path.join(policyOf(1), "egress.txt"), "utf8")).toBe("of 1\n");
    await store.forgetAgent(agentAt(1));
    await store.forgetAgent(agentAt(1));
    expect(await readdir(path.dirname(policyOf(1)))).toEqual(["agent-2"]);
    // Whoever comes back under the name may not reach what was denied to it.
    const left = (await store.loadRules()).map(({ agent, action }) => [agent, action]);
    expect(left).toEqual([
      ["agent-1", "deny"],
      ["agent-2", RULE.action],
      [undefined, RULE.action],
    ]);
    expect([...(await store.loadMemory()).profiles.keys()]).toEqual(["agent-2"]);
  });
});

describe("which start of a container an agent's network was sealed for", () => {
  test("comes back, each agent's own; the later replaces the earlier; forgotten with the agent", async () => {
    expect(await store.loadSeal(agentAt(1))).toBeUndefined();
    await store.saveSeal(agentAt(1), "id-1 2026-01-01T00:00:00.1Z");
    await store.saveSeal(agentAt(2), "id-2 2026-01-01T00:00:00.2Z");
    await store.saveSeal(agentAt(1), "id-1 2026-01-02T00:00:00Z");
    expect(await store.loadSeal(agentAt(1))).toBe("id-1 2026-01-02T00:00:00Z");
    await store.forgetAgent(agentAt(1));
    expect(await store.loadSeal(agentAt(1))).toBeUndefined();
    expect(await store.loadSeal(agentAt(2))).toBe("id-2 2026-01-01T00:00:00.2Z");
  });
});

describe("this machine", () => {
  test("has addresses, without those of its loopback and without zones", () => {
    for (const address of store.addresses()) {
      expect(address).not.toMatch(/^127\.|^::1$|%/);
    }
  });

  test("has routes that are networks", async () => {
    for (const { prefix } of await store.routes()) expect(prefix).toBeGreaterThan(7);
  });
});

test("a log is as large and as old as its files, whatever a link there says, and goes with all of that egress", async () => {
  const own = egressPaths(project, agentAt(3));
  expect(await store.describeLog(own)).toBeUndefined();
  await store.writeConfig(own, files("1"));
  await writeFile(path.join(own.audit, "audit.1.log"), "x".repeat(9000));
  await symlink("/etc/passwd", path.join(own.audit, "audit.log"));
  const { bytes = 0, lastMs = 0 } = (await store.describeLog(own)) ?? {};
  expect([bytes >= 9000 && bytes < 20_000, Date.now() - lastMs < 60_000]).toEqual([true, true]);
  await store.removeLog(own);
  expect(await store.listOwners()).toEqual([]);
  expect(await stat("/etc/passwd")).toBeDefined();
});
