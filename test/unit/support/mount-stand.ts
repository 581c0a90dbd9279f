import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createMountHost } from "../../../src/adapters/fs/mount-host.js";
import { createExtras, type AgentExtras } from "../../../src/app/mounts/create-extras.js";
import { agentAt } from "../../../src/domain/agents/agent.js";
import { agentPaths, type AgentPaths, type Project } from "../../../src/domain/identity/project.js";
import {
  DEFAULT_SETTINGS,
  type ContainerSettings,
  type ImageSettings,
} from "../../../src/domain/settings/settings.js";
import { createWorld } from "../fakes/world.js";
import { tempProject } from "./agent-dirs.js";

export interface AskedExtras extends Partial<ContainerSettings> {
  /** Variables of the host besides HOME. */
  readonly hostEnv?: Readonly<Record<string, string>>;
  /** The engine's. */
  readonly socket?: string;
  readonly agents?: number;
  readonly image?: Partial<ImageSettings>;
  /** `config` of programs. */
  readonly configs?: Readonly<Partial<Record<"codex" | "claude", string>>>;
  /** Mounts of single agents, by index. */
  readonly others?: Readonly<Record<number, readonly string[]>>;
}

/** A project on disk with an agent's directories, beside them a home and some directories to mount. */
export interface MountStand {
  readonly project: Project;
  /** A path beside the project. */
  at(...parts: string[]): string;
  paths(index?: number): AgentPaths;
  extrasOf(asked: AskedExtras): Promise<AgentExtras>;
}

export async function createMountStand(repository = "demo"): Promise<MountStand> {
  const found = await tempProject();
  const dir = path.dirname(found.root);
  const root = path.join(dir, repository);
  const project = {
    ...found,
    root,
    commonDir: path.join(root, ".git"),
    devkitDir: path.join(root, ".devkit"),
  };
  const at = (...parts: string[]) => path.join(dir, ...parts);
  const paths = (index = 1) => agentPaths(project, agentAt(index));
  const made = ["data/inner", "home/.ssh", "notes", `${repository}/.git`].map((one) => at(one));
  for (const one of [...made, paths().worktree, paths().home]) await mkdir(one, { recursive: true });
  await writeFile(path.join(paths().worktree, ".git"), "gitdir: x\n");
  return {
    project,
    at,
    paths,
    async extrasOf(options) {
      const {
        hostEnv = {},
        socket,
        agents = 1,
        image: asked = {},
        others = {},
        configs = {},
        ...container
      } = options;
      const { engine: usual, host } = createWorld();
      const engine = { ...usual, ...(socket === undefined ? {} : { place: { url: "", from: "", socket } }) };
      const image = { ...DEFAULT_SETTINGS.image, ...asked };
      const settings = { ...DEFAULT_SETTINGS.container, ...container };
      const needs = {
        ...{ project, engine, mountHost: createMountHost() },
        image,
        host: { ...host, cachesDir: at("home/.cache/devkit/caches"), env: { HOME: at("home"), ...hostEnv } },
        settingsOf: ({ index }: { index: number }) => ({
          ...DEFAULT_SETTINGS,
          image,
          codex: { pool: undefined, config: configs.codex },
          claude: { pool: undefined, config: configs.claude },
          container: { ...settings, mounts: others[index] ?? settings.mounts },
        }),
        overlaysOf: () => ["small"],
        placeOf: (_agent: unknown, text: string) => Promise.resolve(`devkit.toml:${String(text.length)}:1`),
      };
      const wanted = Array.from({ length: agents }, (_, index) => agentAt(index + 1));
      return createExtras(needs, wanted);
    },
  };
}
