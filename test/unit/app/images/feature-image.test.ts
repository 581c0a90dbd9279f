import { beforeEach, describe, expect, test } from "vitest";
import { ensureImage, resolveImage } from "../../../../src/app/images/agent-image.js";
import type { ImageNeeds } from "../../../../src/app/images/base-image.js";
import type { FeatureBuild } from "../../../../src/app/ports-features.js";
import type { ImageBuild } from "../../../../src/app/ports-engine.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createFakeEngine, type FakeEngine } from "../../fakes/engine.js";
import { createFakeProgress, type FakeProgress } from "../../fakes/progress.js";
import { createWorld } from "../../fakes/world.js";
import { errorOf } from "../../support/temp.js";

const PLAIN = DEFAULT_SETTINGS.image;
const NODE = { ...PLAIN, features: { "ghcr.io/devcontainers/features/node:1": "{}", "/repo/tools": '"2"' } };
const BASE = { id: "sha256:base", env: ["PATH=/bin"], architecture: "amd64", sizeBytes: 1 };

let engine: FakeEngine;
let features: FeatureBuild[];
let builds: ImageBuild[];
/** Of the files of /repo/tools. */
let files: string;
/** Whether the program leaves an image on the engine. */
let leaves: boolean;
/** What features say in its label. */
let wishes: string;

beforeEach(() => {
  [features, builds, files, leaves, wishes] = [[], [], "one", true, "[]"];
  const fake = createFakeEngine();
  engine = {
    ...fake,
    buildImage(build, onProgress) {
      builds.push(build);
      return fake.buildImage(build, onProgress);
    },
  };
  engine.images.set(PLAIN.base, BASE);
});

const needs = (): ImageNeeds => ({
  engine,
  host: {
    ...createWorld().host,
    features: {
      hashFolder: (folder) => Promise.resolve(`${folder} ${files}`),
      build(build) {
        features.push(build);
        if (leaves)
          engine.images.set(build.tag, {
            ...BASE,
            id: `id of ${build.tag}`,
            env: ["PATH=/node/bin"],
            labels: { "devcontainer.metadata": wishes },
          });
        return Promise.resolve();
      },
    },
  },
  progress: createFakeProgress(),
  signal: new AbortController().signal,
});

describe("features", () => {
  test("are built once on the base, and the agents' image on top of them", async () => {
    const image = await ensureImage(needs(), NODE);
    expect(features).toEqual([{ tag: image.base?.reference, base: PLAIN.base, features: NODE.features }]);
    expect(builds[0]?.buildArgs["BASE_IMAGE"]).toBe(features[0]?.tag);
    expect(image.env).toEqual(["PATH=/node/bin"]);
    expect((await resolveImage(needs(), NODE)).id).toBe(image.id);
    expect([features.length, builds.length]).toEqual([1, 1]);
  });

  test("are not asked for where there are none", async () => {
    expect((await ensureImage(needs(), PLAIN)).env).toEqual(BASE.env);
    expect(features).toEqual([]);
    expect(builds[0]?.buildArgs["BASE_IMAGE"]).toBe(PLAIN.base);
  });

  test("are built again when the files of a local one, an option, the order or the base changes", async () => {
    const tagOf = async (settings = NODE) => (await resolveImage(needs(), settings)).base?.reference;
    const tags = [await tagOf()];
    files = "two";
    tags.push(await tagOf());
    tags.push(await tagOf({ ...NODE, features: { ...NODE.features, "/repo/tools": '"3"' } }));
    tags.push(
      await tagOf({
        ...NODE,
        features: Object.fromEntries(Object.entries(NODE.features).reverse()) as typeof NODE.features,
      }),
    );
    engine.images.set(PLAIN.base, { ...BASE, id: "sha256:other" });
    tags.push(await tagOf());
    expect(new Set(tags).size).toBe(5);
    expect(features).toHaveLength(5);
  });

  test("are not where on this machine a local one lies", async () => {
    files = "same";
    const host = {
      ...needs().host,
      features: { ...needs().host.features, hashFolder: () => Promise.resolve("same") },
    };
    const at = (folder: string) =>
      resolveImage({ ...needs(), host }, { ...PLAIN, features: { [folder]: "{}" } });
    expect((await at("/a/tools")).reference).toBe((await at("/b/tools")).reference);
  });

  test("that ask for more than their files are named once, when they are built", async () => {
    wishes = JSON.stringify([{ id: "x", privileged: true }]);
    const all = needs();
    await ensureImage(all, NODE);
    await ensureImage(all, NODE);
    expect((all.progress as FakeProgress).warnings).toEqual([
      "the feature x also asks for privileged, which agents do not get from it",
    ]);
  });

  test("are not built by a dry run, which says that they have to be", async () => {
    const image = await resolveImage(needs(), NODE, { pull: false });
    expect(image).toMatchObject({ id: undefined, base: undefined });
    expect(image.cause).toMatch(/^devkit-features:[0-9a-f]{12} with the features has to be built$/);
    expect(features).toEqual([]);
  });

  test("that end up on another engine are an error that says so", async () => {
    leaves = false;
    const error = await errorOf(resolveImage(needs(), NODE));
    expect(error).toMatchObject({ code: "E_IMAGE_BUILD" });
    expect(error.hint).toContain("DOCKER_HOST");
  });

  test("do not matter to a finished image", async () => {
    engine.images.set("mine:1", { ...BASE, id: "sha256:mine" });
    expect(await ensureImage(needs(), { ...NODE, use: "mine:1" })).toMatchObject({
      id: "sha256:mine",
      env: BASE.env,
    });
    expect(features).toEqual([]);
  });
});
