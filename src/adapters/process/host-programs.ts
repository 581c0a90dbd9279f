import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import type { HostPrograms } from "../../app/ports-host-runtime.js";
import { processesIn } from "./processes-in.js";

/** `root`: what a program's path is relative to. */
export function createHostPrograms(
  root: string,
  env: Readonly<Partial<Record<string, string>>>,
): HostPrograms {
  return {
    has: (program) => Promise.resolve(placesOf(program, root, env["PATH"]).some(isProgram)),
    processesIn,
  };
}

function placesOf(program: string, root: string, searched = ""): string[] {
  if (program.includes("/")) return [path.resolve(root, program)];
  return searched
    .split(":")
    .filter((directory) => directory !== "")
    .map((directory) => path.join(directory, program));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
