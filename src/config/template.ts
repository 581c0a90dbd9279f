import type { Settings } from "../domain/settings/settings.js";
import { formatSetting } from "./format-setting.js";
import type { SettingValue } from "./flatten.js";

interface Explained {
  readonly explain: string;
  /** Stands in for a default that has no value. */
  readonly example?: string | number;
}

const EXPLAINED: {
  readonly [T in Exclude<keyof Settings, "check">]: Readonly<Record<keyof Settings[T], Explained>>;
} = {
  project: {
    overlays: { explain: 'Overlays to apply on top of this file, in this order, such as ["small"].' },
    base: { explain: "Where branches of new agents start: any branch, tag or commit of this repository." },
    profiles: {
      explain:
        'Switches: "hardened" (read-only root, own proxy), "dns" (allowed names resolve), "open" (no allow-list).',
    },
    count: {
      explain: "How many agents `devkit agent up` brings up when it is not told; unset, it has to be told.",
      example: 3,
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
    dockerfile: {
      explain: "A Dockerfile to build that image from, whatever base says; a path from this file.",
      example: "Dockerfile",
    },
    context: { explain: "The directory it is built in; unset, the Dockerfile's own.", example: "." },
    args: { explain: "Its build arguments." },
    target: { explain: "Its stage to stop at.", example: "dev" },
    features: {
      explain: "Features of the devcontainer specification, with options; see docs/devcontainer.md.",
    },
    packages: {
      explain: 'Extra Debian packages in the agents\' image, such as ["python3", "make"]; overlays add.',
    },
    npm: { explain: 'Programs from npm for the image, such as ["cowsay@1.6.0"]; overlays add.' },
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
    env_file: { explain: "Files with more of them, as NAME=value lines; env wins over them; overlays add." },
    mounts: {
      explain:
        'Mounts, such as ["../data:/data:ro", "deps:/deps"]: a path from here, or a volume of each agent\'s own; overlays add.',
    },
    workspace_at: { explain: "Where the worktree is besides /workspace.", example: "/workspaces/app" },
    workdir: { explain: "Where commands run." },
    command: { explain: 'The main process, such as ["npm", "start"]; empty, one that waits.' },
    user: { explain: "Whom agents run as: always you, so that files keep their owner.", example: "agent" },
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
    base: { explain: "The image that the proxy's own image is built on." },
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
  budget: {
    memory: {
      explain: "Memory that the running agents may have together; unset, here and below: no limit.",
      example: 16 * 1024 ** 3,
    },
    cpus: { explain: "Processors that they may have together.", example: 8 },
    pids: { explain: "Processes and threads that they may have together.", example: 4096 },
  },
  caches: {
    use: { explain: "Tools whose downloads agents share; see docs/caches.md; overlays add." },
    trust: {
      explain:
        'Who fills them: "shared", every agent for all others; "readonly", only what `devkit cache adopt` took over.',
    },
  },
  hooks: {
    on_create: { explain: 'Commands in a new container, such as ["npm ci"]; overlays add, here and below.' },
    on_start: { explain: "Commands in the container after each start." },
    warm: { explain: "Commands that go on in the background after on_create, to fill caches." },
    maintain: { explain: "Commands that `devkit hook run maintain` runs." },
    host: {
      explain: "Commands on this machine before agents come up, once `devkit trust` has approved them.",
    },
  },
  ports: {
    base: { explain: "Where the ports of this machine begin that agents get." },
    block: { explain: "How many ports each agent gets: PORT is the first, DEVKIT_PORTS all of them." },
    publish: { explain: "Ports inside agents that 127.0.0.1 leads to, such as [3000]; overlays add." },
  },
  agent: {
    identity: {
      explain:
        "Who agents commit as; unset, you. {name} and {email} are yours, {agent} and {index} the agent's.",
      example: "{name} ({agent}) <{email}>",
    },
    sign: { explain: "Whether agents sign what they commit, with the ssh key of `devkit ssh-setup`." },
    pass_env: {
      explain: 'Variables of yours that commands in agents get, such as ["OPENAI_API_KEY"]; overlays add.',
    },
    command: { explain: "The program that `devkit agent spawn` starts in new agents." },
    args: {
      explain: "Its arguments; {task}, {title}, {agent} and {branch} are filled in; see docs/spawn.md.",
    },
    use_tmux: { explain: "Whether spawn starts it, in a tmux session." },
    auto_assign: { explain: "Whether spawned agents get a task of the pool each." },
    notify: {
      explain: "Run on this machine by `agent list --watch` when an agent's state changes (devkit trust).",
      example: 'notify-send "$DEVKIT_AGENT: $DEVKIT_STATE"',
    },
  },
  ssh: {
    hosts: {
      explain:
        'Hosts whose ssh is reached on port 443 of another name: { "git.example.com" = "ssh.example.com" }.',
    },
    known_hosts: { explain: 'Their keys, such as ["ssh.example.com ssh-ed25519 AAAA…"]; overlays add.' },
  },
  codex: {
    pool: {
      explain: "A directory of Codex logins, one directory each; an agent gets one.",
      example: "~/codex-logins",
    },
    config: {
      explain: "A config.toml that homes without one get a copy of.",
      example: "~/.codex/config.toml",
    },
  },
  claude: {
    pool: {
      explain: "A directory of Claude logins, one directory each; an agent gets one.",
      example: "~/claude-logins",
    },
    config: {
      explain: "A settings.json that homes without one get a copy of.",
      example: "~/.claude/settings.json",
    },
  },
  tasks: {
    prefix: { explain: "What ids of new tasks start with; see docs/tasks.md." },
    lease: { explain: "How long an agent that does not run keeps a task it has claimed." },
    topics: { explain: 'What tasks can belong to, such as { api = "What clients see" }.' },
  },
};

/** Not a table of settings, but one table for each check. */
const CHECKS = `# What whoever commits files in a scope has to say is so; see docs/checks.md.
# [[check]]
# scope = "src/**"
# message = "Do the pages still say what the code does?"
# severity = "warn"  # block is the default; there is info, too
`;

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
      "# Every key is optional; what is commented out shows the default, or an example where there is none.\n" +
      "# `devkit config show --origin` shows what holds.\n",
    ...tables,
    CHECKS,
  ].join("\n");
}

function formatValue(key: string, value: SettingValue | object): string {
  if (typeof value !== "object" || Array.isArray(value)) return formatSetting(key, value as SettingValue);
  const pairs = Object.entries(value).map(
    ([name, text]) => `${formatKey(name)} = ${formatSetting(key, text as string)}`,
  );
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

function formatKey(name: string): string {
  return /^[\w-]+$/.test(name) ? name : formatSetting("", name);
}
