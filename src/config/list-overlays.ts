import path from "node:path";
import { isDevkitError } from "../base/errors.js";
import { findOverlays } from "./find.js";
import type { ConfigRequest } from "./load.js";
import { OVERLAY_SOURCES, type OverlaySource } from "./overlay-dirs.js";
import { createOverlayStack } from "./overlay-stack.js";
import type { Overlay } from "./read-overlay.js";

export interface OverlaySummary {
  readonly name: string;
  readonly dir: string;
  readonly from: OverlaySource;
  readonly description: string | undefined;
  /** The index of the one agent it is for. */
  readonly agent: number | undefined;
  readonly extends: readonly string[];
  /** What is wrong with its files or with those it extends; a broken overlay is listed all the same. */
  readonly problem: string | undefined;
}

/** The overlays there are, by name; of two with the same name the one that would be used. */
export async function listOverlays(request: ConfigRequest): Promise<OverlaySummary[]> {
  const overlays = await findOverlays(request.overlayDirs);
  return Promise.all(
    overlays.map(async ({ name, dir }) => {
      const from = OVERLAY_SOURCES[request.overlayDirs.indexOf(path.dirname(dir))] ?? "shipped";
      return { name, dir, from, ...(await describeOverlay(request, name)) };
    }),
  );
}

async function describeOverlay(
  request: ConfigRequest,
  name: string,
): Promise<Pick<OverlaySummary, "description" | "agent" | "extends" | "problem">> {
  let overlay: Overlay | undefined;
  const summary = (problem: string | undefined) => ({
    description: overlay?.description,
    agent: overlay?.agent,
    extends: overlay?.extends ?? [],
    problem,
  });
  try {
    const stack = createOverlayStack(request);
    overlay = await stack.find(name);
    if (overlay !== undefined) await stack.add(overlay);
    return summary(undefined);
  } catch (error) {
    if (!isDevkitError(error)) throw error;
    return summary(error.message);
  }
}
