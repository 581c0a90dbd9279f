import { beforeEach, describe, expect, test } from "vitest";
import { createFileLocks } from "../../../../src/adapters/fs/locks.js";
import { ensureImage } from "../../../../src/app/images/agent-image.js";
import type { ImageNeeds } from "../../../../src/app/images/base-image.js";
import { ensureBrokerImage, resolveBrokerImage } from "../../../../src/app/images/broker-image.js";
import { ensureEgressImage, resolveEgressImage } from "../../../../src/app/images/egress-image.js";
import type { Host } from "../../../../src/app/ports.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createFakeEngine, type FakeEngine } from "../../fakes/engine.js";
import { createFakeProgress } from "../../fakes/progress.js";
import { createWorld } from "../../fakes/world.js";
import { tempDir } from "../../support/temp.js";

const { image, egress } = DEFAULT_SETTINGS;
const OWN = { ...image, dockerfile: "/repo/Dockerfile", context: "/repo" };
const FEATURES = { ...image, features: { "/repo/one": "{}" } };

let engine: FakeEngine;
let built: string[];
let directory: string;

beforeEach(async () => {
  directory = await tempDir();
  built = [];
  engine = createFakeEngine();
  engine.images.set(image.base, { id: "sha256:base", env: [], architecture: "amd64", sizeBytes: 1 });
  const build = engine.buildImage.bind(engine);
  engine.buildImage = async (work, onLine) => {
    built.push(work.tag);
    return build(work, onLine);
  };
});

/** What one of several devkits on this host has. */
function needs(): ImageNeeds {
  const [progress, { signal }] = [createFakeProgress(), new AbortController()];
  const buildLocks = createFileLocks({ directory, progress, signal });
  const features: Host["features"] = {
    hashFolder: () => Promise.resolve("h"),
    async build({ tag }) {
      const work = { tag, what: tag, dockerfile: "", contextDir: "", files: [], entries: new Map() };
      await engine.buildImage({ ...work, buildArgs: {}, labels: {}, hostNetwork: false }, () => undefined);
    },
  };
  return { engine, host: { ...createWorld().host, buildLocks, features }, progress, signal };
}

describe("two devkits that need the same image at the same time have the same one", () => {
  test.each([
    ["agents", 1, async (own: ImageNeeds) => (await ensureImage(own, image)).id],
    ["agents, on a Dockerfile of one's own", 2, async (own: ImageNeeds) => (await ensureImage(own, OWN)).id],
    ["agents, with features", 2, async (own: ImageNeeds) => (await ensureImage(own, FEATURES)).id],
    [
      "egress",
      1,
      async (own: ImageNeeds) => ensureEgressImage(own, egress, await resolveEgressImage(own, egress)),
    ],
    [
      "the endpoint",
      1,
      async (own: ImageNeeds) => ensureBrokerImage(own, egress, await resolveBrokerImage(own, egress)),
    ],
  ])("that of %s", async (_, count, ensure) => {
    const [one, other] = await Promise.all([ensure(needs()), ensure(needs())]);
    expect(other).toBe(one);
    expect(built).toHaveLength(count);
    expect(new Set(built).size).toBe(count);
  });

  test("unless one of them wants it built anew", async () => {
    const work = needs();
    const known = await resolveEgressImage(work, egress);
    const first = await ensureEgressImage(work, egress, known);
    expect(await ensureEgressImage(work, egress, { ...known, id: first }, { force: true })).not.toBe(first);
    expect(built).toHaveLength(2);
  });
});
