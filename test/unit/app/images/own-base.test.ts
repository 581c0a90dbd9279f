import { beforeEach, describe, expect, test } from "vitest";
import { ensureImage, resolveImage } from "../../../../src/app/images/agent-image.js";
import type { ImageNeeds } from "../../../../src/app/images/base-image.js";
import type { ImageBuild } from "../../../../src/app/ports-engine.js";
import type { Host } from "../../../../src/app/ports.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { DEFAULT_SETTINGS, type ImageSettings } from "../../../../src/domain/settings/settings.js";
import { createFakeEngine, type FakeEngine } from "../../fakes/engine.js";
import { createFakeProgress, type FakeProgress } from "../../fakes/progress.js";
import { createWorld } from "../../fakes/world.js";
import { errorOf } from "../../support/temp.js";

const SETTINGS: ImageSettings = {
  ...DEFAULT_SETTINGS.image,
  dockerfile: "/repo/docker/Dockerfile",
  context: "/repo",
  args: { VARIANT: "blue" },
  target: "dev",
};

let engine: FakeEngine;
let progress: FakeProgress;
let builds: ImageBuild[];
let digest: string;

beforeEach(() => {
  progress = createFakeProgress();
  builds = [];
  digest = "d1";
  const fake = createFakeEngine();
  engine = {
    ...fake,
    buildImage(build, onProgress) {
      builds.push(build);
      return fake.buildImage(build, onProgress);
    },
  };
});

const needs = (host: Partial<Host> = {}): ImageNeeds => {
  const own = createWorld().host;
  const ownContext: Host["ownContext"] = async (request) => ({ ...(await own.ownContext(request)), digest });
  return { engine, host: { ...own, ownContext, ...host }, progress, signal: new AbortController().signal };
};

const kinds = () => builds.map(({ tag }) => tag.replace(/:.*/, ""));

describe("agents on the image of one's own Dockerfile", () => {
  test("have it built first, with its arguments and stage, and theirs on top of it", async () => {
    const { reference } = await ensureImage(needs(), SETTINGS);
    expect(kinds()).toEqual(["devkit-base", "devkit-agent"]);
    expect(builds[0]).toMatchObject({
      what: "/repo/docker/Dockerfile",
      contextDir: "/repo",
      target: "dev",
      buildArgs: { VARIANT: "blue" },
      labels: { "dev.devkit.image": "base" },
    });
    expect(builds[1]).toMatchObject({ tag: reference, buildArgs: { BASE_IMAGE: builds[0]?.tag } });
  });

  test("unchanged, nothing is built again", async () => {
    const first = await ensureImage(needs(), SETTINGS);
    expect((await ensureImage(needs(), SETTINGS)).id).toBe(first.id);
    expect(builds).toHaveLength(2);
  });

  test("a changed file builds both again; the same files, and the engine's cache gives the same base, only the first", async () => {
    const first = await ensureImage(needs(), SETTINGS);
    digest = "d2";
    expect((await ensureImage(needs(), SETTINGS)).reference).not.toBe(first.reference);
    expect(kinds()).toEqual(["devkit-base", "devkit-agent", "devkit-base", "devkit-agent"]);

    // What a changed file of no layer leads to: another tag of the image that is there.
    digest = "d3";
    const fake = engine.buildImage.bind(engine);
    engine.buildImage = async (build, onProgress) => {
      const id = await fake(build, onProgress);
      const same = engine.images.get(builds[2]?.tag ?? "");
      if (build.tag.startsWith("devkit-base:") && same !== undefined) engine.images.set(build.tag, same);
      return id;
    };
    await ensureImage(needs(), SETTINGS);
    expect(kinds().slice(4)).toEqual(["devkit-base"]);
  });

  test("force builds both", async () => {
    await ensureImage(needs(), SETTINGS);
    await ensureImage(needs(), SETTINGS, { force: true });
    expect(kinds()).toEqual(["devkit-base", "devkit-agent", "devkit-base", "devkit-agent"]);
  });

  test("a look builds nothing, and says why something has to be", async () => {
    for (const options of [{ pull: false }, { build: false }]) {
      const found = await resolveImage(needs(), SETTINGS, options);
      expect(found.id).toBeUndefined();
      expect(found.reference).toMatch(/^devkit-base:/);
      expect(found.cause).toContain("/repo/docker/Dockerfile");
    }
    expect(builds).toEqual([]);
  });

  test("take no part of [image] base, and nothing at all when an image is to be used as it is", async () => {
    await ensureImage(needs(), { ...SETTINGS, base: "nobody/has-this" });
    expect(kinds()).toEqual(["devkit-base", "devkit-agent"]);
    engine.images.set("mine:1", { id: "sha256:mine", env: [], architecture: "amd64", sizeBytes: 1 });
    expect((await ensureImage(needs(), { ...SETTINGS, use: "mine:1" })).id).toBe("sha256:mine");
    expect(builds).toHaveLength(2);
  });

  test("a build that fails says so, and leaves the agents' image alone", async () => {
    const failure = new DevkitError("E_IMAGE_BUILD", "building /repo/docker/Dockerfile failed: exit 3");
    engine.buildImage = () => Promise.reject(failure);
    expect(await errorOf(ensureImage(needs(), SETTINGS))).toBe(failure);
    expect(progress.failed).toEqual(["building /repo/docker/Dockerfile failed"]);
  });

  test("arguments of one's own win over the host's proxy", async () => {
    const env = { HTTPS_PROXY: "http://proxy.corp:3128" };
    await ensureImage(needs({ env }), { ...SETTINGS, args: { HTTPS_PROXY: "http://other:1" } });
    expect(builds[0]?.buildArgs).toMatchObject({
      HTTPS_PROXY: "http://other:1",
      https_proxy: env.HTTPS_PROXY,
    });
  });
});

describe("npm packages in the image", () => {
  const NPM: ImageSettings = { ...DEFAULT_SETTINGS.image, npm: ["cowsay@1.5.0", "cowsay@1.6.0"] };
  const asked: unknown[] = [];
  const installNpm: Host["installNpm"] = (request) => {
    asked.push(request);
    return Promise.resolve("/cache/tree");
  };
  const withBase = (architecture: string) =>
    engine.images.set(NPM.base, { id: "sha256:b", env: ["NODE_VERSION=24.0.0"], architecture, sizeBytes: 1 });

  test("are installed for the engine's processor, and travel as a directory of the context", async () => {
    withBase("arm64");
    await ensureImage(needs({ installNpm }), NPM);
    expect(asked).toEqual([{ packages: ["cowsay@1.6.0"], cpu: "arm64" }]);
    expect([...(builds[0]?.trees ?? [])]).toEqual([["npm", "/cache/tree"]]);
  });

  test("without any, npm is not asked", async () => {
    withBase("amd64");
    const fail = () => Promise.reject(new Error("asked npm"));
    await ensureImage(needs({ installNpm: fail }), { ...NPM, npm: [] });
    expect([...(builds[0]?.trees ?? [])]).toEqual([]);
  });

  test("for a processor that npm's name is not known of, say what to do", async () => {
    withBase("riscv64");
    const error = await errorOf(ensureImage(needs({ installNpm }), NPM));
    expect(error.code).toBe("E_IMAGE_BUILD");
    expect(error.message).toContain("riscv64");
  });
});
