import type { WorktreeLayout } from "../worktrees/layout.js";
import { SHARED_BY_DEFAULT, type CacheName } from "../caches/cache-names.js";
import type { AgentRef } from "../agents/agent.js";
import { CONTAINER } from "../identity/names.js";
import type { Profile } from "./profiles.js";

/** What holds for one agent: overlays can be for it alone. */
export type SettingsOf = (agent: AgentRef) => Settings;

/** The merged settings of a project: defaults, then devkit.toml, then overlays in the order given. */
export interface Settings {
  readonly project: ProjectSettings;
  readonly worktrees: WorktreeSettings;
  readonly image: ImageSettings;
  readonly container: ContainerSettings;
  readonly egress: EgressSettings;
  readonly custody: CustodySettings;
  readonly workspace: WorkspaceSettings;
  readonly budget: BudgetSettings;
  readonly caches: CacheSettings;
  readonly hooks: HookSettings;
  readonly ports: PortSettings;
  readonly agent: AgentSettings;
  readonly ssh: SshSettings;
  readonly codex: LoginSettings;
  readonly claude: LoginSettings;
  readonly tasks: TaskSettings;
  readonly check: CheckSettings;
}

export interface ProjectSettings {
  /** Overlays applied before those of `-p`. */
  readonly overlays: readonly string[];
  /** Where branches of new agents start: any commit-ish of the primary. */
  readonly base: string;
  readonly profiles: readonly Profile[];
  /** How many agents `agent up` brings up when it is not told. */
  readonly count: number | undefined;
}

/** Keys are spelled as in devkit.toml. */
export interface WorktreeSettings {
  /** Where new worktrees go; those that exist stay where they are. */
  readonly layout: WorktreeLayout;
  /** Branches of worktrees without an agent are `<prefix><N>/<base>`; without one they have the agent's name. */
  readonly branch_prefix: string | undefined;
}

export interface ImageSettings {
  /** The image the agent image is built on. */
  readonly base: string;
  /** A Dockerfile whose image the agent image is built on instead of `base`: absolute host path. */
  readonly dockerfile: string | undefined;
  /** The directory it is built in: absolute host path; undefined: that of the Dockerfile. */
  readonly context: string | undefined;
  /** Its build arguments. */
  readonly args: Readonly<Record<string, string>>;
  /** Its stage to stop at. */
  readonly target: string | undefined;
  /**
   * Features of the devcontainer specification to build on top: what the specification calls them, or an absolute host
   * path, and their options as JSON. In the order in which they are installed.
   */
  readonly features: Readonly<Record<string, string>>;
  /** Extra Debian packages. */
  readonly packages: readonly string[];
  /** npm packages whose programs the image gets, each at a pinned version: `name@1.2.3`. */
  readonly npm: readonly string[];
  /** An image to use as it is instead of building one. */
  readonly use: string | undefined;
}

/** What one container may use. */
export interface Limits {
  /** Bytes; swap is not allowed on top. */
  readonly memory: number;
  readonly cpus: number;
  readonly pids: number;
  /** Bytes of `/tmp`, which counts as memory. */
  readonly tmp: number;
}

export interface ContainerSettings extends Limits {
  readonly env: Readonly<Record<string, string>>;
  /** Files of variables, `NAME=value` lines; `env` wins over them. Absolute host paths. */
  readonly env_file: readonly string[];
  /** Further mounts as `formatMountText` writes them, sources absolute. */
  readonly mounts: readonly string[];
  /** Where the worktree is besides `/workspace`: a container path. */
  readonly workspace_at: string | undefined;
  /** Where commands run: a container path. */
  readonly workdir: string;
  /** The main process; empty: one that only keeps the container up. */
  readonly command: readonly string[];
  /** Only ever the user devkit runs as: that files never change owner is what worktrees rest on. */
  readonly user: string | undefined;
}

export interface EgressSettings {
  /** Names and presets as `formatAllowEntry` writes them; those of all layers. */
  readonly allow: readonly string[];
  /** Names that may lead to private addresses, such as a company's mirror; those of all layers. */
  readonly private: readonly string[];
  /** The IPv4 network that agents' networks are taken from. */
  readonly pool: string;
  /** The image that egress and port forwarders are built on; Debian, as the agents' own. */
  readonly base: string;
}

export interface CustodySettings {
  /** Whether agents' commits may embed repositories that are no submodules of the user's own commit. */
  readonly gitlinks: "refuse" | "allow";
}

export interface WorkspaceSettings {
  /** Patterns as in a `.gitignore`: ignored files of the primary that new worktrees get copies of. */
  readonly copy: readonly string[];
}

/** What all running agents of a project may have together. */
export interface BudgetSettings {
  /** Bytes. */
  readonly memory: number | undefined;
  readonly cpus: number | undefined;
  readonly pids: number | undefined;
}

export interface CacheSettings {
  /** Tools whose downloads are kept outside the agents' homes; those of all layers. */
  readonly use: readonly CacheName[];
  /** shared: agents write what others read; readonly: each writes on top of what the user has approved. */
  readonly trust: "shared" | "readonly";
}

/** Commands of a shell, in order; those of all layers. */
export interface HookSettings {
  /** In the agent, once for each container, before `on_start`. */
  readonly on_create: readonly string[];
  /** In the agent, after each start. */
  readonly on_start: readonly string[];
  /** In the agent, in the background after `on_create`: fills caches. */
  readonly warm: readonly string[];
  /** In the agent, when `devkit hook run maintain` asks for it. */
  readonly maintain: readonly string[];
  /** On the host, before agents are brought up; only after `devkit trust`. */
  readonly host: readonly string[];
}

export interface PortSettings {
  /** The first port of this machine that is given to agents. */
  readonly base: number;
  /** How many each agent gets. */
  readonly block: number;
  /** Ports inside agents that the host's loopback leads to. */
  readonly publish: readonly string[];
}

/** What agents are to the rest of the world. */
export interface AgentSettings {
  /** Who commits, with `{name}`, `{email}`, `{agent}` and `{index}` filled in: `{name} ({agent}) <{email}>`. Undefined: the user. */
  readonly identity: string | undefined;
  /** Whether commits and tags are signed with the agent's own ssh key. */
  readonly sign: boolean;
  /** Names of the user's own variables that commands in agents get; they are never part of a container. */
  readonly pass_env: readonly string[];
  /** The program that `agent spawn` starts in an agent, and its arguments, in which `{task}`, `{title}`, `{agent}` and `{branch}` are filled in. */
  readonly command: string;
  readonly args: readonly string[];
  /** Whether it starts it, in a tmux session. */
  readonly use_tmux: boolean;
  /** Whether spawned agents get a task each. */
  readonly auto_assign: boolean;
  /** A command of a shell for this machine, run by `agent list --watch` when an agent is at something else; only after `devkit trust`. */
  readonly notify: string | undefined;
}

export interface SshSettings {
  /** Hosts besides those that devkit knows: the name in a remote's URL → the name whose port 443 speaks ssh. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Their keys: `name type key` each, by the latter name. */
  readonly known_hosts: readonly string[];
}

/** How agents come by the logins of one program. */
export interface LoginSettings {
  /** A directory with one directory for each login, leased to one agent each: absolute host path. */
  readonly pool: string | undefined;
  /** A settings file of the user's that new homes get a copy of: absolute host path. */
  readonly config: string | undefined;
}

export interface TaskSettings {
  /** What ids of new tasks start with. */
  readonly prefix: string;
  /** How long an agent has a task for without being seen to run: `30m`, `1h`. */
  readonly lease: string;
  /** What tasks can belong to: id → description, which may be empty. */
  readonly topics: Readonly<Record<string, string>>;
}

/** In devkit.toml a `[[check]]` each. */
export interface CheckSettings {
  /** As `formatCheck` writes them; `checksOf` reads them. */
  readonly list: readonly string[];
}

const GIB = 1024 ** 3;
const BASE_IMAGE = "debian:bookworm-slim";

export const DEFAULT_SETTINGS: Settings = {
  project: { overlays: [], base: "HEAD", profiles: [], count: undefined },
  worktrees: { layout: "nested", branch_prefix: undefined },
  image: {
    base: BASE_IMAGE,
    dockerfile: undefined,
    context: undefined,
    args: {},
    target: undefined,
    features: {},
    packages: [],
    npm: [],
    use: undefined,
  },
  container: {
    memory: 4 * GIB,
    cpus: 2,
    pids: 512,
    tmp: GIB,
    env: {},
    env_file: [],
    mounts: [],
    workspace_at: undefined,
    workdir: CONTAINER.workspace,
    command: [],
    user: undefined,
  },
  egress: { allow: [], private: [], pool: "10.213.0.0/16", base: BASE_IMAGE },
  custody: { gitlinks: "refuse" },
  workspace: { copy: [] },
  budget: { memory: undefined, cpus: undefined, pids: undefined },
  caches: { use: SHARED_BY_DEFAULT, trust: "shared" },
  hooks: { on_create: [], on_start: [], warm: [], maintain: [], host: [] },
  ports: { base: 20_000, block: 10, publish: [] },
  agent: {
    ...{ identity: undefined, sign: false, pass_env: [] },
    ...{ command: "claude", args: [], use_tmux: true, auto_assign: true },
    notify: undefined,
  },
  ssh: { hosts: {}, known_hosts: [] },
  codex: { pool: undefined, config: undefined },
  claude: { pool: undefined, config: undefined },
  tasks: { prefix: "TSK", lease: "1h", topics: {} },
  check: { list: [] },
};
