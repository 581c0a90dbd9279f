import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach } from "vitest";
import { type DevkitError, isDevkitError } from "../../../src/base/errors.js";
import { type ConfigRequest, type LoadedConfig, loadConfig } from "../../../src/config/load.js";
import { settingVariables } from "../../../src/config/setting-variables.js";

const made: string[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
});

export interface TempProject {
  readonly root: string;
  /** Searched first to last. */
  readonly overlayDirs: readonly [string, string];
  write(file: string, content: string | Uint8Array): Promise<string>;
  load(
    overlays?: readonly string[],
    more?: { configFile?: string; positions?: boolean },
  ): Promise<LoadedConfig>;
  /** What `load` loads from. */
  request(overlays?: readonly string[]): ConfigRequest;
}

/** The user's, in tests. */
export const HOME = "/home/me";

/** An empty project in a directory of its own, removed after the test; `env` is the user's environment. */
export async function createProject(env: Readonly<Record<string, string>> = {}): Promise<TempProject> {
  const root = await realpath(await mkdtemp(path.join(os.tmpdir(), "devkit config ")));
  made.push(root);
  const overlayDirs = [path.join(root, ".devkit-overlays"), path.join(root, "shipped")] as const;
  const request = (overlays: readonly string[] = []): ConfigRequest => {
    return { root, overlays, overlayDirs, variables: settingVariables(env, root), home: HOME };
  };
  return {
    root,
    overlayDirs,
    request,
    async write(file, content) {
      const full = path.join(root, file);
      await mkdir(path.dirname(full), { recursive: true });
      await writeFile(full, content);
      return full;
    },
    load: (overlays = [], more = {}) => loadConfig({ ...request(overlays), ...more }),
  };
}

/** The DevkitError a promise ends with; anything else fails the test. */
export async function errorOf(promise: Promise<unknown>): Promise<DevkitError> {
  try {
    await promise;
  } catch (error) {
    if (isDevkitError(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** The error that a devkit.toml of this text is refused with. */
export async function configErrorOf(text: string | Uint8Array): Promise<DevkitError> {
  const project = await createProject();
  await project.write("devkit.toml", text);
  return errorOf(project.load());
}

export interface ShownProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly sourceLine: string;
  readonly hint?: string;
}

export function problemsOf(error: DevkitError): readonly ShownProblem[] {
  return error.details["problems"] as readonly ShownProblem[];
}
