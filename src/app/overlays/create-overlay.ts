import path from "node:path";
import { DevkitError } from "../../base/errors.js";
import { overlayTemplate } from "../../domain/overlays/overlay-template.js";
import type { ProjectDeps } from "../ports.js";

export interface NewOverlay {
  readonly name: string;
  /** The index of the one agent it is for. */
  readonly agent: number | undefined;
  /** Where the repository's own overlays are. */
  readonly directory: string;
}

/** Writes an overlay.toml to fill in, and says where. @throws DevkitError E_WORK_IN_THE_WAY when there is one */
export async function createOverlay(
  { state }: Pick<ProjectDeps, "state">,
  { name, agent, directory }: NewOverlay,
): Promise<string> {
  const file = path.join(directory, name, "overlay.toml");
  if (await state.writeIfMissing(file, overlayTemplate(name, agent))) return file;
  throw new DevkitError("E_WORK_IN_THE_WAY", `${file} is there already`, {
    hint: `edit it, or look at it: devkit overlay show ${name}`,
    details: { file },
  });
}
