import type { Settings } from "../domain/settings/settings.js";
import { formatSetting } from "./format-setting.js";
import type { SettingValue } from "./flatten.js";

interface Explained {
  readonly explain: string;
  /** Stands in for a default that has no value. */
  readonly example?: string;
}

const EXPLAINED: { readonly [T in keyof Settings]: Readonly<Record<keyof Settings[T], Explained>> } = {
  project: {
    overlays: { explain: 'Overlays to apply on top of this file, in this order, such as ["small"].' },
    base: { explain: "Where branches of new agents start: any branch, tag or commit of this repository." },
    profiles: {
      explain:
        'Switches: "hardened" (read-only root, own proxy), "dns" (allowed names resolve), "open" (no allow-list).',
    },
  },
  worktrees: {
    layout: {
      explain:
        'Where new worktrees go: "nested" is .devkit/agents/agent-N, "dev-root" is ../agentN/<name of this directory>.',
    },
    branch_prefix: {
      explain: "Branches of `worktrees init` are <prefix>N/<base>; agents always work below agent/<name>/.",
      example: "agent",
    },
  },
  image: {
    base: { explain: "The image that the agents' image is built on." },
    packages: { explain: 'Extra Debian packages in the agents\' image, such as ["python3", "make"].' },
    use: {
      explain: "A finished image to use as it is; then nothing is built.",
      example: "my-agent-image:latest",
    },
  },
  container: {
    memory: {
      explain: "Memory of one agent, without swap on top: a size or a number of bytes, at least 64m.",
    },
    cpus: { explain: "Processors of one agent; parts are allowed, such as 0.5." },
    pids: { explain: "Processes and threads that one agent may have at once, at least 16." },
    tmp: { explain: "Size of /tmp, which is kept in memory and counts as such." },
    env: { explain: 'Variables of every agent, such as { TZ = "UTC" }; not HOME, DEV_HOME or DEVKIT_*.' },
  },
  egress: {
    allow: {
      explain:
        'Names that agents may reach, on port 443, such as ["github.com", "*.example.com", "preset:npm"]; overlays add.',
    },
    private: {
      explain:
        'Names, allowed above, that lead to private addresses: a company mirror such as ["npm.example.com"]; overlays add.',
    },
    pool: {
      explain: "The private network that the agents' networks are taken from, eight addresses for each.",
    },
  },
  custody: {
    gitlinks: {
      explain:
        "Commits of agents that embed a repository which is no submodule of yours: refuse keeps them in the agent.",
    },
  },
  workspace: {
    copy: {
      explain:
        'Ignored files to copy to new worktrees, as patterns of a .gitignore such as [".env"]; so does .worktreeinclude.',
    },
  },
};

/** The devkit.toml that `devkit init` writes: every key with its default, commented out. */
export function configTemplate(defaults: Settings): string {
  const tables = Object.entries(EXPLAINED).map(([table, keys]) => {
    const values: Readonly<Record<string, SettingValue | object>> = { ...defaults[table as keyof Settings] };
    const entries = Object.entries(keys).map(([key, { explain, example }]) => {
      return `# ${explain}\n#${key} = ${formatValue(`${table}.${key}`, values[key] ?? example)}\n`;
    });
    return [`[${table}]\n`, ...entries].join("");
  });
  return [
    "# Settings of devkit for this repository, shared by everyone who works on it.\n" +
      "# Every key is optional; what is commented out shows the default. `devkit config show --origin` shows what holds.\n",
    ...tables,
  ].join("\n");
}

function formatValue(key: string, value: SettingValue | object): string {
  if (typeof value !== "object" || Array.isArray(value)) return formatSetting(key, value as SettingValue);
  const pairs = Object.entries(value).map(
    ([name, text]) => `${name} = ${formatSetting(key, text as string)}`,
  );
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}
