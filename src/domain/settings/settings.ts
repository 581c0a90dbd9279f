import type { WorktreeLayout } from "../worktrees/layout.js";
import type { Profile } from "./profiles.js";

/** The merged settings of a project: defaults, then devkit.toml, then overlays in the order given. */
export interface Settings {
  readonly project: ProjectSettings;
  readonly worktrees: WorktreeSettings;
  readonly image: ImageSettings;
  readonly container: ContainerSettings;
  readonly egress: EgressSettings;
  readonly custody: CustodySettings;
  readonly workspace: WorkspaceSettings;
}

export interface ProjectSettings {
  /** Overlays applied before those of `-p`. */
  readonly overlays: readonly string[];
  /** Where branches of new agents start: any commit-ish of the primary. */
  readonly base: string;
  readonly profiles: readonly Profile[];
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
  /** Extra Debian packages. */
  readonly packages: readonly string[];
  /** An image to use as it is instead of building one. */
  readonly use: string | undefined;
}

export interface ContainerSettings {
  /** Bytes; swap is not allowed on top. */
  readonly memory: number;
  readonly cpus: number;
  readonly pids: number;
  /** Bytes of `/tmp`, which counts as memory. */
  readonly tmp: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface EgressSettings {
  /** Names and presets as `formatAllowEntry` writes them; those of all layers. */
  readonly allow: readonly string[];
  /** Names that may lead to private addresses, such as a company's mirror; those of all layers. */
  readonly private: readonly string[];
  /** The IPv4 network that agents' networks are taken from. */
  readonly pool: string;
}

export interface CustodySettings {
  /** Whether agents' commits may embed repositories that are no submodules of the user's own commit. */
  readonly gitlinks: "refuse" | "allow";
}

export interface WorkspaceSettings {
  /** Patterns as in a `.gitignore`: ignored files of the primary that new worktrees get copies of. */
  readonly copy: readonly string[];
}

const GIB = 1024 ** 3;

export const DEFAULT_SETTINGS: Settings = {
  project: { overlays: [], base: "HEAD", profiles: [] },
  worktrees: { layout: "nested", branch_prefix: undefined },
  image: { base: "debian:bookworm-slim", packages: [], use: undefined },
  container: { memory: 4 * GIB, cpus: 2, pids: 512, tmp: GIB, env: {} },
  egress: { allow: [], private: [], pool: "10.213.0.0/16" },
  custody: { gitlinks: "refuse" },
  workspace: { copy: [] },
};
