import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import {
  containerSpec,
  describeDrift,
  gitOnlySpec,
  isHeld,
  recordedSettings,
  type SpecInput,
} from "../../../../src/domain/agents/container-spec.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import type { Profile } from "../../../../src/domain/settings/profiles.js";
import {
  DEFAULT_SETTINGS,
  type ContainerSettings,
  type Settings,
} from "../../../../src/domain/settings/settings.js";
import { IMAGE_ID, PROJECT, slotFor, specOf } from "../../support/things.js";

const AGENT = agentAt(3);
const INPUT: SpecInput = {
  project: PROJECT,
  agent: AGENT,
  slot: slotFor(AGENT),
  settings: DEFAULT_SETTINGS,
  imageId: IMAGE_ID,
  user: { uid: 1000, gid: 1001 },
  objectDirs: [{ hostPath: "/src/demo/.git/objects", containerPath: "/src/demo/.git/objects" }],
  version: "0.1.0",
};

const withContainer = (container: Partial<ContainerSettings>): Settings => ({
  ...DEFAULT_SETTINGS,
  container: { ...DEFAULT_SETTINGS.container, ...container },
});

const withProfiles = (...profiles: Profile[]): Settings => ({
  ...DEFAULT_SETTINGS,
  project: { ...DEFAULT_SETTINGS.project, profiles },
});

const hashOf = (input: Partial<SpecInput>) => containerSpec({ ...INPUT, ...input }).labels[LABELS.configHash];

describe("an agent's container", () => {
  test("carries the labels devkit finds it by, and a name for people", () => {
    const spec = containerSpec(INPUT);
    expect(spec.name).toBe(`devkit-${PROJECT.id}-agent-3`);
    expect(spec.labels).toMatchObject({
      "dev.devkit.project": PROJECT.id,
      "dev.devkit.agent": "agent-3",
      "dev.devkit.index": "3",
      "dev.devkit.role": "agent",
      "dev.devkit.root": "/src/demo",
      "dev.devkit.version": "0.1.0",
    });
  });

  test("runs as the host's user in the worktree, with the settings' limits", () => {
    expect(containerSpec(INPUT)).toMatchObject({
      image: IMAGE_ID,
      user: "1000:1001",
      workdir: "/workspace",
      hostname: "agent-3",
      limits: { memory: 4 * 1024 ** 3, cpus: 2, pids: 512, tmp: 1024 ** 3 },
    });
  });

  test("is on its own network, at its place, and asks the name server there", () => {
    expect(containerSpec(INPUT).network).toEqual({
      name: `devkit-${PROJECT.id}-agent-3`,
      address: "10.213.0.19",
      dns: ["10.213.0.18"],
    });
    expect(containerSpec({ ...INPUT, slot: undefined }).network).toBeUndefined();
  });

  test("can write to its root, unless it is hardened", () => {
    expect(containerSpec(INPUT).readOnlyRoot).toBe(false);
    expect(containerSpec({ ...INPUT, settings: withProfiles("dns") }).readOnlyRoot).toBe(false);
    expect(containerSpec({ ...INPUT, settings: withProfiles("dns", "hardened") }).readOnlyRoot).toBe(true);
  });

  test("variables of the settings win over devkit's own", () => {
    const settings = withContainer({ env: { CODEX_HOME: "/elsewhere", MORE: "1" } });
    expect(containerSpec({ ...INPUT, settings }).env).toMatchObject({
      CODEX_HOME: "/elsewhere",
      MORE: "1",
      DEVKIT_AGENT_INDEX: "3",
    });
  });

  test("values of variables are in no label", () => {
    const settings = withContainer({ env: { API_TOKEN: "hunter2-is-secret" } });
    const { labels } = containerSpec({ ...INPUT, settings });
    expect(JSON.stringify(labels)).toContain("API_TOKEN");
    expect(JSON.stringify(labels)).not.toContain("hunter2");
  });
});

describe("the settings' hash", () => {
  test("is the same for the same input, whatever the version", () => {
    expect(hashOf({})).toBe(hashOf({}));
    expect(hashOf({ version: "9.9.9" })).toBe(hashOf({}));
  });

  test("does not depend on the order of variables", () => {
    const of = (env: Record<string, string>) => hashOf({ settings: withContainer({ env }) });
    expect(of({ A: "1", B: "2" })).toBe(of({ B: "2", A: "1" }));
  });

  test.each<[string, Partial<SpecInput>]>([
    ["image", { imageId: `sha256:${"2".repeat(64)}` }],
    ["user", { user: { uid: 1000, gid: 1000 } }],
    ["memory", { settings: withContainer({ memory: 1 }) }],
    ["cpus", { settings: withContainer({ cpus: 1.5 }) }],
    ["pids", { settings: withContainer({ pids: 1 }) }],
    ["tmp", { settings: withContainer({ tmp: 1 }) }],
    ["env", { settings: withContainer({ env: { A: "1" } }) }],
    ["objects", { objectDirs: [] }],
    ["agent", { agent: agentAt(4) }],
    ["place", { slot: slotFor(agentAt(9)) }],
    ["network", { slot: undefined }],
    ["profile hardened", { settings: withProfiles("hardened") }],
  ])("changes with the %s", (_, change) => {
    expect(hashOf(change)).not.toBe(hashOf({}));
  });

  test.each([["dns"], ["open"]] as const)(
    "is the same with the profile %s: its policy alone differs",
    (profile) => {
      expect(hashOf({ settings: withProfiles(profile) })).toBe(hashOf({}));
    },
  );

  test("changes with a variable's value", () => {
    const of = (value: string) => hashOf({ settings: withContainer({ env: { A: value } }) });
    expect(of("1")).not.toBe(of("2"));
  });
});

describe("drift in words", () => {
  const recorded = (input: Partial<SpecInput>) => containerSpec({ ...INPUT, ...input }).labels[LABELS.config];
  const drift = (input: Partial<SpecInput>) => describeDrift(recorded(input), containerSpec(INPUT));

  test("an image by the start of its id", () => {
    expect(drift({ imageId: `sha256:${"2".repeat(64)}` })).toBe(
      `image changed from ${"2".repeat(12)} to ${"1".repeat(12)}`,
    );
  });

  test("variables by name only, new and gone and changed", () => {
    const settings = withContainer({ env: { OLD: "hunter2", HOME: "/x" } });
    const text = drift({ settings });
    expect(text.split(", ").sort()).toEqual(["env HOME changed", "env OLD is gone"]);
    expect(text).not.toContain("hunter2");
    const now = containerSpec({ ...INPUT, settings: withContainer({ env: { NEW: "1" } }) });
    expect(describeDrift(recorded({}), now)).toBe("env NEW is new");
  });

  test("its network with its address, and a root that is read-only now", () => {
    const name = `devkit-${PROJECT.id}-agent-3`;
    expect(drift({ slot: slotFor(agentAt(1)) })).toBe(
      `network changed from ${name} 10.213.0.3 to ${name} 10.213.0.19`,
    );
    const hardened = containerSpec({ ...INPUT, settings: withProfiles("hardened") });
    expect(describeDrift(recorded({}), hardened)).toBe("read-only root is new");
  });

  test("several changes, each named", () => {
    const settings = withContainer({ cpus: 1, pids: 100 });
    expect(drift({ settings })).toBe("cpus changed from 1 to 2, pids changed from 100 to 512");
  });

  test.each([undefined, "", "not json", "null", "[]", '"x"', "{}"])(
    "survives a record that is %j",
    (record) => {
      expect(describeDrift(record, containerSpec(INPUT))).not.toBe("");
    },
  );

  test("says something even when nothing it knows differs", () => {
    expect(describeDrift(recorded({}), containerSpec(INPUT))).toBe("its settings changed");
  });
});

describe("what settings add", () => {
  const extras = {
    mounts: [
      { hostPath: "/data", containerPath: "/data", readOnly: false, asked: true },
      { hostPath: "/dev-root", containerPath: "/workspaces/dev", readOnly: true, asked: true },
    ],
    env: { FROM_FILE: "hunter2", A: "file" },
    overlays: ["small", "dev-all"],
  };
  const settings = withContainer({
    env: { A: "env" },
    workdir: "/workspaces/dev",
    command: ["serve", "a b"],
  });
  const spec = containerSpec({ ...INPUT, settings, extras });

  test("is in the container, devkit's own first; variables of the settings win over those of files", () => {
    expect(spec.mounts.slice(-2)).toEqual(extras.mounts);
    expect(spec.env).toMatchObject({ A: "env", FROM_FILE: "hunter2" });
    expect(spec.workdir).toBe("/workspaces/dev");
  });

  test("is in its label, so that a command needs no settings, and no value of a variable", () => {
    const config = spec.labels[LABELS.config];
    expect(recordedSettings(config)).toMatchObject({
      workdir: "/workspaces/dev",
      overlays: ["small", "dev-all"],
    });
    expect(recordedSettings(config).writable).toContain("/data");
    expect(recordedSettings(config).writable).not.toContain("/dev-root");
    expect(config).not.toContain("hunter2");
    expect(JSON.parse(config ?? "")).toMatchObject({ command: "serve a b" });
  });

  test("is a cause of its own: first the overlays, which bring the rest", () => {
    const before = containerSpec({ ...INPUT, settings }).labels[LABELS.config];
    expect(describeDrift(before, spec)).toMatch(/^overlays small, dev-all are new, .*mount \/data is new/);
  });

  test("a main process of the settings waits to be released, devkit's own does not", () => {
    expect(isHeld(spec)).toBe(true);
    expect(spec.command.slice(-2)).toEqual(["serve", "a b"]);
    expect(isHeld(containerSpec(INPUT))).toBe(false);
  });

  test("is nothing for the helper that only runs git", () => {
    expect(gitOnlySpec(spec).mounts).toEqual(gitOnlySpec(containerSpec(INPUT)).mounts);
  });

  test.each([undefined, "", "null", "[]", '{"workdir":"x"}', '{"workdir":7}'])(
    "a container whose label is %j starts commands in the worktree",
    (config) => {
      expect(recordedSettings(config)).toEqual({ workdir: "/workspace", overlays: [], writable: [] });
    },
  );
});

test("the helper's container has the git dir and the history, and neither worktree nor home", () => {
  const { mounts, workdir } = gitOnlySpec(specOf(AGENT));
  expect(mounts.map(({ containerPath, readOnly }) => [containerPath, readOnly])).toEqual([
    ["/devkit/git", false],
    ["/etc/passwd", true],
    ["/etc/group", true],
    ["/src/demo/.git/objects", true],
  ]);
  expect(workdir).toBe("/");
});
