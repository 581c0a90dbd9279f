import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Sandbox } from "../support/sandbox.js";

/** The state directory of a sandbox's repository. */
export async function stateOf(box: Sandbox): Promise<string> {
  return (await readFile(path.join(box.repo, ".devkit/state-dir"), "utf8")).trim();
}
