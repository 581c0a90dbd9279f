import { expect } from "vitest";
import type { Settings } from "../../../src/domain/settings/settings.js";
import { createProject, errorOf, problemsOf, type TempProject } from "./temp-project.js";

/** The Compose file of the overlay `x`. */
export const FILE = "shipped/x/compose.override.yml";

export async function projectWith(
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TempProject> {
  const project = await createProject(env);
  await project.write(FILE, text);
  return project;
}

export async function settingsOf(
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Settings> {
  return (await (await projectWith(text, env)).load(["x"])).settings;
}

/** Keys of the one service, indented as they are to stand below it. */
export const service = (...lines: string[]) =>
  `services:\n  agent:\n${lines.map((line) => `    ${line}\n`).join("")}`;

export async function refused(text: string, env: Readonly<Record<string, string>> = {}) {
  const error = await errorOf((await projectWith(text, env)).load(["x"]));
  expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
  return problemsOf(error).map(({ line, column, message, hint }) => [line, column, message, hint]);
}
