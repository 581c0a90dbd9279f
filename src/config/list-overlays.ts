import { isDevkitError } from "../base/errors.js";
import { findOverlayFile, findOverlays } from "./find.js";

export interface OverlaySummary {
  readonly name: string;
  readonly dir: string;
  readonly description: string | undefined;
  /** What is wrong with its file; a broken overlay is listed all the same. */
  readonly problem: string | undefined;
}

/** The overlays there are, by name; of two with the same name the one that would be used. */
export async function listOverlays(dirs: readonly string[]): Promise<OverlaySummary[]> {
  const overlays = await findOverlays(dirs);
  return Promise.all(
    overlays.map(async ({ name, dir }) => ({ name, dir, ...(await describeOverlay(name, dir, dirs)) })),
  );
}

async function describeOverlay(
  name: string,
  dir: string,
  dirs: readonly string[],
): Promise<Pick<OverlaySummary, "description" | "problem">> {
  try {
    const { checkFile } = await import("./check.js");
    const source = await findOverlayFile(name, dirs, dir);
    const checked = source === undefined ? undefined : await checkFile(source, "overlay");
    return { description: checked?.description, problem: undefined };
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    return { description: undefined, problem: error.message };
  }
}
