import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { FeatureBuild, FeatureBuilder } from "../../app/ports-features.js";
import { DevkitError, errorMessage } from "../../base/errors.js";
import { showText } from "../../base/show-text.js";
import { runProcess } from "./run-process.js";

const LOG_TAIL_LINES = 40;

/** Features by the user's own `devcontainer`: their registries, credentials and proxy are those of the host. */
export function createFeatureBuilder(): FeatureBuilder {
  return {
    hashFolder,
    async build(build, signal) {
      const dir = await mkdtemp(path.join(tmpdir(), "devkit-features-"));
      try {
        await writeProject(dir, build);
        await runBuild(dir, build, signal);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}

async function hashFolder(folder: string): Promise<string> {
  try {
    const hash = createHash("sha256");
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    for (const file of files.sort()) {
      const content = await readFile(file);
      hash.update(`${path.relative(folder, file)}\0${String(content.length)}\0`).update(content);
    }
    return hash.digest("hex");
  } catch (error) {
    throw new DevkitError(
      "E_FILE",
      `the feature ${showText(folder)} cannot be read: ${errorMessage(error)}`,
      {
        hint: "a local feature is a folder with devcontainer-feature.json and install.sh",
        cause: error,
      },
    );
  }
}

/**
 * A project of its own, with nothing in it but the features: the repository's devcontainer.json has commands that would
 * run on the host, and the program writes a lock file beside the one it reads.
 */
async function writeProject(dir: string, { base, features }: FeatureBuild): Promise<void> {
  const place = path.join(dir, ".devcontainer");
  await mkdir(place);
  const entries = await Promise.all(
    Object.entries(features).map(async ([name, options], index): Promise<[string, unknown]> => {
      if (!name.startsWith("/")) return [name, JSON.parse(options)];
      // Its own folder's name is its id.
      const copy = `./${String(index)}/${path.basename(name)}`;
      await cp(name, path.join(place, copy), { recursive: true });
      return [copy, JSON.parse(options)];
    }),
  );
  const order = entries.map(([name]) => name.replace(/(?<=\/[^/]*)(?::[\w.-]+|@sha256:[0-9a-f]+)$/, ""));
  const config = {
    image: base,
    features: Object.fromEntries(entries),
    overrideFeatureInstallOrder: order,
  };
  await writeFile(path.join(place, "devcontainer.json"), JSON.stringify(config));
}

async function runBuild(dir: string, { tag }: FeatureBuild, signal: AbortSignal): Promise<void> {
  const args = ["build", "--workspace-folder", dir, "--image-name", tag];
  // It keeps files of its own in TMPDIR and never removes them.
  const env = { ...definedEnv(), TMPDIR: dir };
  const { exitCode, missing, stdout, stderr } = await runProcess("devcontainer", args, {
    cwd: dir,
    signal,
    env,
  });
  signal.throwIfAborted();
  if (missing) {
    throw new DevkitError(
      "E_TOOL_MISSING",
      "features are built by the program devcontainer, which is not installed",
      {
        hint: "install it: npm install --global @devcontainers/cli; or take the features out of devcontainer.json",
      },
    );
  }
  if (exitCode !== 0) throw failure(stdout, stderr);
}

function definedEnv(): Record<string, string> {
  const { env } = process;
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Its log has a time before each line; the error that counts is the feature's own, or that of a registry. */
function failure(stdout: string, stderr: string): DevkitError {
  const lines = stderr.split("\n").map((line) => line.replace(/^\[\d{4}-[^\]]*\] /, "").trimEnd());
  const feature = lines.find((line) => /^ERROR: Feature /.test(line));
  const reason = feature?.replace("ERROR: ", "") ?? messageOf(stdout) ?? "no reason given";
  const isNetwork = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|manifest)\b/.test(
    `${reason}${stderr}`,
  );
  return new DevkitError("E_IMAGE_BUILD", `the features cannot be built: ${showText(reason)}`, {
    hint:
      feature === undefined && isNetwork
        ? "features are fetched on this machine from the registry in their name; a folder (./my-feature) needs none"
        : "try it by hand: devcontainer build --workspace-folder .",
    details: {
      excerpt: lines
        .filter((line) => line !== "")
        .slice(-LOG_TAIL_LINES)
        .join("\n"),
    },
  });
}

/** The message of the JSON it answers with; where that is a whole command, its first words. */
function messageOf(stdout: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    const message =
      typeof answer === "object" && answer !== null && "message" in answer ? answer.message : undefined;
    return typeof message === "string" ? message.replace(/^(Command failed: \S+ \S+).*/s, "$1") : undefined;
  } catch {
    return undefined;
  }
}
