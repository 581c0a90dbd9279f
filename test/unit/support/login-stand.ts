import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createAgentState } from "../../../src/adapters/fs/agent-state.js";
import { homeFiles } from "../../../src/adapters/fs/home-files.js";
import { createLoginStore } from "../../../src/adapters/fs/login-store.js";
import type { LoginNeeds } from "../../../src/app/logins/holders.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import type { ObservedAgent } from "../../../src/domain/agents/observed.js";
import { agentPaths, projectOf } from "../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS, type Settings } from "../../../src/domain/settings/settings.js";
import { createFakeProgress, type FakeProgress } from "../fakes/progress.js";

/** A project of a user whose agents are homes and nothing else. */
export interface LoginStand extends LoginNeeds {
  readonly progress: FakeProgress;
  /** The directory of everything the user has. */
  readonly user: string;
}

/** `name`: projects of one user have different ones. */
export function loginStand(user: string, name = "demo", stdin: readonly Buffer[] = []): LoginStand {
  const root = path.join(user, "src", name);
  const project = projectOf({ root, commonDir: `${root}/.git`, stateHome: path.join(user, "state") });
  const progress = createFakeProgress();
  const logins = createLoginStore({
    ...{ project, progress, home: user, env: {}, signal: new AbortController().signal },
    stdin: async function* () {
      yield* await Promise.resolve(stdin);
    },
  });
  return { user, project, progress, logins, state: createAgentState(), homes: homeFiles };
}

export function homeOf({ project }: Pick<LoginNeeds, "project">, index: number): string {
  return agentPaths(project, agentAt(index)).home;
}

/** As `agent up` leaves it. */
export async function makeHome(deps: Pick<LoginNeeds, "project">, index: number): Promise<string> {
  const { home, dotgit, passwd, group } = agentPaths(deps.project, agentAt(index));
  for (const directory of [".codex", ".claude"])
    await mkdir(path.join(home, directory), { recursive: true, mode: 0o700 });
  for (const file of [dotgit, passwd, group]) await writeFile(file, "");
  return home;
}

/** Slots with these texts, by name. */
export async function makePool(
  user: string,
  slots: Readonly<Record<string, string>>,
  file = "auth.json",
): Promise<string> {
  const pool = path.join(user, "pool");
  for (const [slot, text] of Object.entries(slots)) {
    await mkdir(path.join(pool, slot), { recursive: true });
    await writeFile(path.join(pool, slot, file), text, { mode: 0o600 });
  }
  return pool;
}

export function observedHome(index: number, home = true): ObservedAgent {
  const whole = { registered: true, branch: undefined, linked: true, checkedOut: true };
  const worktree = { ...whole, directory: "files" as const };
  return {
    agent: agentAt(index),
    worktree,
    state: { home, git: true, runtime: "container" },
    container: undefined,
  };
}

export function withPool(pool: string | undefined): () => Settings {
  const settings: Settings = { ...DEFAULT_SETTINGS, codex: { pool, config: undefined } };
  return () => settings;
}
