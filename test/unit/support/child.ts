import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { afterEach } from "vitest";
import { tempDir } from "./temp.js";

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** What a bundle with packages from before modules needs. */
const REQUIRE =
  'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

/** Bundles a program with the sources it imports, because Node 20 runs no TypeScript; answers the file to run. */
export async function bundleProgram(
  entry: string,
  { packages = "external" }: { packages?: "external" | "bundle" } = {},
): Promise<string> {
  // Below a package, as the program is where it is installed.
  const home = await tempDir();
  await writeFile(path.join(home, "package.json"), '{ "version": "0.0.0" }');
  const outfile = path.join(home, "dist/program.mjs");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages,
    ...(packages === "bundle" ? { banner: { js: REQUIRE } } : {}),
    logLevel: "error",
  });
  return outfile;
}

/** A running program that talks in lines. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** Resolves when it has printed this line; fails when it ends without. */
  said(line: string): Promise<void>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export function startProgram(file: string, ...args: string[]): Child {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  started.push(child);
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    tell();
  });
  const ended = once(child, "close").then(
    ([code, signal]: (number | string | null)[]) => code ?? signal ?? "",
  );
  let isOver = false;
  void ended.then(() => {
    isOver = true;
    tell();
  });
  return {
    process: child,
    lines,
    ended,
    said: (line) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!lines.includes(line) && !isOver) return;
          listeners.delete(look);
          if (lines.includes(line)) resolve();
          else reject(new Error(`it ended without saying "${line}": ${lines.join(", ")}`));
        };
        listeners.add(look);
        look();
      }),
  };
}
