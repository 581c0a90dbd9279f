import type { ProjectDeps } from "../ports.js";

/** Writes the file unless there is one, and keeps `.devkit` out of git; true when it wrote the file. */
export async function initProject(
  deps: Pick<ProjectDeps, "project" | "state" | "history">,
  file: string,
  text: string,
): Promise<boolean> {
  await deps.state.prepare(deps.project);
  await deps.history.ignoreLocally("/.devkit/");
  return deps.state.writeIfMissing(file, text);
}
