import { rmSync } from "node:fs";
import path from "node:path";
import { readHostileFile } from "../adapters/fs/atomic-file.js";
import { showText } from "../base/show-text.js";

const LIMIT = 4096;

/** Takes what the host has left for an agent: it is told once. */
export function createNotices(directory: string): (agent: string) => string | undefined {
  return (agent) => {
    const file = path.join(directory, `${agent}.json`);
    const text = readHostileFile(file, LIMIT);
    if (text === undefined) return undefined;
    rmSync(file, { force: true });
    try {
      const { text: said } = JSON.parse(text) as { readonly text?: unknown };
      return typeof said === "string" ? showText(said) : undefined;
    } catch {
      return undefined;
    }
  };
}
