import { beforeEach, describe, expect, test } from "vitest";
import { ensureImage, resolveImage } from "../../../../src/app/images/agent-image.js";
import { requireBaseImage, type ImageNeeds } from "../../../../src/app/images/base-image.js";
import { buildImages } from "../../../../src/app/images/build-images.js";
import { requireImagesOffline } from "../../../../src/app/images/offline.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { DEFAULT_SETTINGS, type Settings } from "../../../../src/domain/settings/settings.js";
import { createFakeEngine, type FakeEngine } from "../../fakes/engine.js";
import { createFakeProgress } from "../../fakes/progress.js";
import { createWorld } from "../../fakes/world.js";
import { errorOf } from "../../support/temp.js";

const BASE = { id: "sha256:base", env: ["PATH=/bin"], architecture: "amd64", sizeBytes: 1 };
const DIGEST = `debian@sha256:${"a".repeat(64)}`;
const PLAIN = DEFAULT_SETTINGS;
const withImage = (change: Partial<Settings["image"]>): Settings => ({
  ...PLAIN,
  image: { ...PLAIN.image, ...change },
});

let engine: FakeEngine;
/** What was asked of the network. */
let asked: string[];

beforeEach(() => {
  asked = [];
  const fake = createFakeEngine();
  engine = {
    ...fake,
    pullImage(reference) {
      asked.push(`pull ${reference}`);
      return Promise.resolve();
    },
    buildImage(build, onProgress) {
      asked.push(`build ${build.tag}`);
      return fake.buildImage(build, onProgress);
    },
  };
  engine.images.set(PLAIN.image.base, BASE);
});

const needsOf = (isOffline: boolean): ImageNeeds => ({
  engine,
  host: { ...createWorld().host, isOffline },
  progress: createFakeProgress(),
  signal: new AbortController().signal,
});

const missingOf = async (settings: Settings, settingsOf = () => settings) =>
  errorOf(requireImagesOffline(needsOf(true), { settings, settingsOf, agents: [agentAt(1)] }));

describe("offline", () => {
  test("all that are missing are named at once, with who needs them and how they come here", async () => {
    const error = await missingOf(PLAIN);
    expect(error).toMatchObject({ code: "E_OFFLINE", exitCode: 3 });
    const missing = error.details["missing"] as string[];
    expect(missing.map((one) => one.split(":")[0])).toEqual([
      "devkit-agent",
      "devkit-egress",
      "devkit-broker",
    ]);
    for (const [position, user] of ["agents", "egress", "the endpoint"].entries())
      expect(error.message).toContain(`${missing[position] ?? ""} (for ${user})`);
    expect(error.hint).toContain(`devkit image build; docker save -o images.tar ${missing.join(" ")}`);
    expect(asked).toEqual([]);
  });

  test("a base that is not here is named once, for nothing that is built on it has a name", async () => {
    engine.images.clear();
    const error = await missingOf(PLAIN);
    expect(error.details["missing"]).toEqual([PLAIN.image.base]);
    expect(error.message).toContain("(for agents, egress, the endpoint)");
    expect(error.hint).not.toContain("image build");
  });

  test("an image of an agent of its own counts", async () => {
    const own = withImage({ use: "company/agents:3" });
    expect((await missingOf(PLAIN, () => own)).details["missing"]).toContain("company/agents:3");
  });

  test("an image by its digest is used where it is here, and never pulled", async () => {
    const settings = withImage({ use: DIGEST });
    expect((await missingOf(settings)).details["missing"]).toContain(DIGEST);
    engine.images.set(DIGEST, BASE);
    expect(await ensureImage(needsOf(true), settings.image)).toMatchObject({
      reference: DIGEST,
      id: BASE.id,
    });
    const base = await resolveImage(needsOf(true), withImage({ base: DIGEST }).image);
    expect(base.base).toMatchObject({ reference: DIGEST });
    expect(asked).toEqual([]);
  });

  test("nothing is missing once the images were built elsewhere and brought here", async () => {
    await buildImages(needsOf(false), PLAIN, {});
    expect(asked).toHaveLength(3);
    asked = [];
    const only = { settings: PLAIN, settingsOf: () => PLAIN, agents: [agentAt(1)] };
    await requireImagesOffline(needsOf(true), only);
    await buildImages(needsOf(true), PLAIN, {});
    expect(asked).toEqual([]);
  });

  test("whoever wants to pull or build all the same is refused", async () => {
    expect(await errorOf(requireBaseImage(needsOf(true), "debian:none"))).toMatchObject({
      code: "E_OFFLINE",
    });
    expect(await errorOf(ensureImage(needsOf(true), PLAIN.image, { force: true }))).toMatchObject({
      code: "E_OFFLINE",
    });
    expect(asked).toEqual([]);
  });
});

test("without --offline nothing is asked of it", async () => {
  await requireImagesOffline(needsOf(false), { settings: PLAIN, settingsOf: () => PLAIN, agents: [] });
  await requireBaseImage(needsOf(false), "debian:none").catch(() => undefined);
  expect(asked).toEqual(["pull debian:none"]);
});
