import { execa } from "execa";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createFeatureBuilder } from "../../src/adapters/process/build-features.js";
import { isDevkitError, type DevkitError } from "../../src/base/errors.js";

const BIN = path.resolve(import.meta.dirname, "../../node_modules/.bin");
const TAG = `devkit-features-test:${String(process.pid)}`;
const BASE = "debian:bookworm-slim";
const builder = createFeatureBuilder();

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "devkit-test-"));
  await mkdir(path.join(dir, "tmp"));
  vi.stubEnv("PATH", `${BIN}:${process.env["PATH"] ?? ""}`).stubEnv("TMPDIR", path.join(dir, "tmp"));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await execa("docker", ["image", "rm", "-f", TAG], { reject: false });
  await rm(dir, { recursive: true, force: true });
});

const feature = async (name: string, script: string) => {
  const folder = path.join(dir, name);
  await mkdir(folder, { recursive: true });
  const about = { id: name, version: "1.0.0", name, options: { word: { type: "string", default: "none" } } };
  await writeFile(path.join(folder, "devcontainer-feature.json"), JSON.stringify(about));
  await writeFile(path.join(folder, "install.sh"), `#!/bin/sh\n${script}\n`);
  await chmod(path.join(folder, "install.sh"), 0o755);
  return folder;
};

const build = (features: Readonly<Record<string, string>>) =>
  builder.build({ tag: TAG, base: BASE, features }, new AbortController().signal);

const failureOf = async (features: Readonly<Record<string, string>>): Promise<DevkitError> => {
  const error: unknown = await build(features).catch((caught: unknown) => caught);
  if (!isDevkitError(error)) throw new Error(`no DevkitError: ${String(error)}`);
  return error;
};

test("local features are installed in their order, with their options, and nothing stays behind but the image", async () => {
  const first = await feature("zz-first", 'echo "first $WORD" >> /said');
  const second = await feature("second", 'echo "second $WORD" >> /said');
  const before = await builder.hashFolder(first);
  await build({ [first]: '{"word":"hej"}', [second]: "{}" });
  const { stdout } = await execa("docker", ["run", "--rm", TAG, "cat", "/said"]);
  expect(stdout).toBe("first hej\nsecond none");
  expect(await builder.hashFolder(first)).toBe(before);
  expect((await readdir(first)).sort()).toEqual(["devcontainer-feature.json", "install.sh"]);
  expect(await readdir(path.join(dir, "tmp"))).toEqual([]);
});

test("one that fails is named, with the end of the log", async () => {
  const error = await failureOf({ [await feature("broken", "echo no such thing >&2; exit 3")]: "{}" });
  expect(error).toMatchObject({ code: "E_IMAGE_BUILD", exitCode: 1 });
  expect(error.message).toMatch(/^the features cannot be built: Feature "broken" .*failed to install!$/);
  expect(error.details["excerpt"]).toContain("no such thing");
  expect(await readdir(path.join(dir, "tmp"))).toEqual([]);
});

test("one whose registry cannot be reached says where it is fetched from", async () => {
  const error = await failureOf({ "registry.invalid/acme/tool:1": "{}" });
  expect(error.code).toBe("E_IMAGE_BUILD");
  expect(error.message).toContain("registry.invalid");
  expect(error.hint).toContain("registry");
});

test("without the program the error says how to install it", async () => {
  vi.stubEnv("PATH", path.join(dir, "tmp"));
  const error = await failureOf({ "registry.invalid/acme/tool:1": "{}" }).finally(() =>
    vi.stubEnv("PATH", `${BIN}:/usr/bin:/bin`),
  );
  expect(error).toMatchObject({ code: "E_TOOL_MISSING", exitCode: 3 });
  expect(error.hint).toContain("@devcontainers/cli");
});

test("a folder that is not there is an error about it", async () => {
  await expect(builder.hashFolder(path.join(dir, "nowhere"))).rejects.toMatchObject({ code: "E_FILE" });
});
