import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { containerSpec, describeDrift } from "../../../../src/domain/agents/container-spec.js";
import { withoutCaches } from "../../../../src/domain/caches/without-caches.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import { DEFAULT_SETTINGS, type CacheSettings } from "../../../../src/domain/settings/settings.js";
import { codeOf } from "../../../contracts/code-of.js";
import { IMAGE_ID, PROJECT } from "../../support/things.js";

const specWith = (caches: CacheSettings, cachesDir = "/cache/devkit/caches", env = {}) =>
  containerSpec({
    ...{ slot: undefined, project: PROJECT, agent: agentAt(1), imageId: IMAGE_ID, cachesDir },
    settings: { ...DEFAULT_SETTINGS, caches, container: { ...DEFAULT_SETTINGS.container, env } },
    ...{ user: { uid: 1000, gid: 1000 }, objectDirs: [], version: "0.1.0" },
  });
const ofCaches = (spec: ReturnType<typeof specWith>) =>
  spec.mounts.filter(({ containerPath }) => containerPath.startsWith("/devkit/caches"));

describe("a container's caches", () => {
  test("are one directory that all share, and one layer of its own", () => {
    const spec = specWith({ use: ["npm", "maven"], trust: "shared" });
    expect(ofCaches(spec)).toEqual([
      {
        hostPath: "/cache/devkit/caches/shared",
        containerPath: "/devkit/caches/shared",
        readOnly: false,
      },
    ]);
    const own = "/state/devkit/demo-289ea146/agents/agent-1/caches";
    expect(spec.caches?.layers).toEqual([
      {
        containerPath: "/devkit/caches/layered",
        lower: "/cache/devkit/caches/base/current",
        upper: `${own}/upper`,
        work: `${own}/work`,
      },
    ]);
  });

  test("share nothing where agents are not trusted", () => {
    const spec = specWith({ use: ["npm"], trust: "readonly" });
    expect(ofCaches(spec)).toEqual([]);
    expect(spec.caches?.layers).toHaveLength(1);
  });

  test("are nothing at all when no tool is named", () => {
    const spec = specWith({ use: [], trust: "readonly" });
    expect([ofCaches(spec), spec.caches?.layers]).toEqual([[], []]);
    expect(spec.labels[LABELS.config]).not.toContain("caches");
  });

  test("yield to the user's own variables", () => {
    const spec = specWith({ use: ["go"], trust: "shared" }, undefined, { GOMODCACHE: "/mine" });
    expect(spec.env["GOMODCACHE"]).toBe("/mine");
  });

  test("that change are named as what differs", () => {
    const before = specWith({ use: ["npm"], trust: "shared" }).labels[LABELS.config];
    const drift = describeDrift(before, specWith({ use: ["npm"], trust: "readonly" }));
    expect(drift).toContain("caches changed from npm=shared to npm=layered");
    expect(drift).toContain("mount /devkit/caches/layered is new");
  });

  test.each([",", ":", "\\", '"'])("cannot be layered below a path with %s in it", async (bad) => {
    const at = `/ca${bad}che`;
    expect(
      await codeOf(Promise.resolve().then(() => specWith({ use: ["maven"], trust: "shared" }, at))),
    ).toBe("E_PATH_UNSUPPORTED");
    expect(ofCaches(specWith({ use: ["npm"], trust: "shared" }, at))).toHaveLength(1);
  });

  test("are not for containers that only run git", () => {
    const spec = withoutCaches(specWith({ use: ["npm", "maven"], trust: "shared" }));
    expect(ofCaches(spec)).toEqual([]);
    expect("caches" in spec).toBe(false);
    expect(spec.mounts.length).toBeGreaterThan(3);
  });
});
