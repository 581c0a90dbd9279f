import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** Work in a directory of its own that is gone afterwards: no project's files decide what a tool does there. */
export async function inEmptyDir<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), "devkit-ask-"));
  try {
    return await work(directory);
  } finally {
    // A tool that was too slow may still write here.
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}
