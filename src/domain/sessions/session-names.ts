import type { Project } from "../identity/project.js";

/** What tmux takes as a session's name, and a user can type after `tmux attach -t`. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_ -]{0,99}$/u;

export function isSessionName(text: string): boolean {
  return NAME.test(text);
}

/**
 * Names for a session, the first that no other has is taken: the one asked for, then with the project's name, then with its
 * id, which no other project has.
 */
export function sessionNames({ name, id }: Pick<Project, "name" | "id">, wanted: string): readonly string[] {
  const rest = wanted.replace(/^devkit-/, "");
  return [wanted, `devkit-${plain(name).slice(0, 40)}-${rest}`, `devkit-${plain(id)}-${rest}`];
}

export function agentSessionNames(project: Pick<Project, "name" | "id">, agent: string): readonly string[] {
  return sessionNames(project, `devkit-${agent}`);
}

/** tmux takes `:` and `.` for its own, and a name is typed by people. */
function plain(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-").replaceAll(/^-+|-+$/g, "") || "project";
}
