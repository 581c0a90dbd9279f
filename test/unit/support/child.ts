import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { afterEach } from "vitest";
import { tempDir } from "./temp.js";

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Bundles a program with the sources it imports, because Node 20 runs no TypeScript; answers the file to run. */
export async function bundleProgram(entry: string): Promise<string> {
  const outfile = path.join(await tempDir(), "program.mjs");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
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
