import * as v from "valibot";
import type {
  AgentSettings,
  BudgetSettings,
  CacheSettings,
  ContainerSettings,
  CustodySettings,
  EgressSettings,
  HookSettings,
  ImageSettings,
  LoginSettings,
  PortSettings,
  ProjectSettings,
  SshSettings,
  TaskSettings,
  WorkspaceSettings,
  WorktreeSettings,
} from "../domain/settings/settings.js";
import { CACHE_NAMES } from "../domain/caches/cache-names.js";
import { PROFILES } from "../domain/settings/profiles.js";
import { isIdentityTemplate } from "../domain/identity/identity-template.js";
import { isKnownHost } from "../domain/ssh/known-host.js";
import { isTaskPrefix } from "../domain/tasks/task-id.js";
import { isBranchPrefix } from "../domain/worktrees/branch.js";
import { LAYOUTS } from "../domain/worktrees/layout.js";
import { MAX_AGENT_INDEX } from "../domain/agents/agent.js";
import { isProgram } from "../domain/agents/agent-command.js";
import { parseDuration } from "../base/durations.js";
import { OVERLAY_NAME } from "./find.js";
import { buildArguments, containerDirectory, isOwnUser, mount, port, word } from "./container-schemas.js";
import { checkTables, topicTable } from "./check-schemas.js";
import { features, workspacePlace } from "./devcontainer-schemas.js";
import { allowEntry, plainName, pool } from "./egress-schemas.js";
import { sshHosts, variableName } from "./identity-schemas.js";
import {
  accepted,
  environment,
  line,
  listOf,
  matching,
  numberFrom,
  oneOf,
  size,
  wholeNumber,
} from "./value-schemas.js";

/** apt reads a trailing minus as "remove". */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.]$/;
const IMAGE = /^[A-Za-z0-9][\w.:/@-]*$/;
/** A leading minus would be an option to git. */
const REVISION = /^[^\p{Cc}\s-]\P{Cc}*$/u;
/** The kernel's own limit on process ids. */
const MAX_PIDS = 4_194_304;
const MAX_PORT = 65_535;
const NPM_PACKAGE = /^(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*@\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

/** Builds take URLs too, whose content is another one tomorrow. */
const CONTEXT = /^(?![\w+-]+:\/\/|git@)\P{Cc}+$/u;

const imageName = matching(IMAGE, 'the name of an image, such as "debian:bookworm-slim"');
const packageName = matching(PACKAGE, 'a Debian package name, such as "python3" (lower case, digits, + - .)');
const overlayName = matching(OVERLAY_NAME, "an overlay's name: lower case, digits, - and _, never a path");

const project = {
  overlays: v.exactOptional(listOf(overlayName, 'a list of overlay names, such as ["small"]')),
  base: v.exactOptional(matching(REVISION, 'a revision, such as "HEAD" or "origin/main"')),
  profiles: v.exactOptional(listOf(oneOf(PROFILES), 'a list of profiles, such as ["hardened"]')),
  count: v.exactOptional(wholeNumber(1, MAX_AGENT_INDEX)),
} satisfies Record<keyof ProjectSettings, unknown>;

const worktrees = {
  layout: v.exactOptional(oneOf(LAYOUTS)),
  branch_prefix: v.exactOptional(
    accepted(
      isBranchPrefix,
      'the start of a branch\'s name, such as "agent" or "team/bot-", not below "agent/"',
    ),
  ),
} satisfies Record<keyof WorktreeSettings, unknown>;

const image = {
  base: v.exactOptional(imageName),
  dockerfile: v.exactOptional(line('a path, such as "Dockerfile"')),
  context: v.exactOptional(matching(CONTEXT, 'a directory of this machine, such as "."')),
  args: v.exactOptional(buildArguments()),
  target: v.exactOptional(matching(/^[A-Za-z0-9][\w.-]*$/, 'the name of a stage, such as "dev"')),
  features: v.exactOptional(features()),
  packages: v.exactOptional(listOf(packageName, 'a list of Debian packages, such as ["python3"]')),
  npm: v.exactOptional(
    listOf(
      matching(NPM_PACKAGE, 'an npm package at a pinned version, such as "cowsay@1.6.0"'),
      'a list of npm packages, such as ["cowsay@1.6.0"]',
    ),
  ),
  use: v.exactOptional(imageName),
} satisfies Record<keyof ImageSettings, unknown>;

const container = {
  memory: v.exactOptional(size("64m")),
  // Docker takes less than 0.01 for no limit at all.
  cpus: v.exactOptional(numberFrom(0.01)),
  pids: v.exactOptional(wholeNumber(16, MAX_PIDS)),
  tmp: v.exactOptional(size("1m")),
  env: v.exactOptional(environment()),
  env_file: v.exactOptional(listOf(line('a path, such as ".env"'), 'a list of paths, such as [".env"]')),
  mounts: v.exactOptional(listOf(mount(), 'a list of mounts, such as ["../data:/data:ro"]')),
  workspace_at: v.exactOptional(workspacePlace()),
  workdir: v.exactOptional(containerDirectory()),
  command: v.exactOptional(listOf(word(), 'a program and its arguments, such as ["npm", "start"]')),
  user: v.exactOptional(accepted(isOwnUser, 'yours, as it always is: "agent" or your own uid[:gid]')),
} satisfies Record<keyof ContainerSettings, unknown>;

const egress = {
  allow: v.exactOptional(listOf(allowEntry(), 'a list of names, such as ["github.com", "preset:npm"]')),
  private: v.exactOptional(listOf(plainName(), 'a list of names, such as ["mirror.example.com"]')),
  pool: v.exactOptional(pool()),
  base: v.exactOptional(imageName),
} satisfies Record<keyof EgressSettings, unknown>;

const custody = {
  gitlinks: v.exactOptional(oneOf(["refuse", "allow"])),
} satisfies Record<keyof CustodySettings, unknown>;

const workspace = {
  copy: v.exactOptional(
    listOf(line('a pattern as in .gitignore, such as ".env"'), 'a list of patterns, such as [".env"]'),
  ),
} satisfies Record<keyof WorkspaceSettings, unknown>;

const budget = {
  memory: v.exactOptional(size("64m")),
  cpus: v.exactOptional(numberFrom(0.01)),
  pids: v.exactOptional(wholeNumber(16, MAX_PIDS)),
} satisfies Record<keyof BudgetSettings, unknown>;

const caches = {
  use: v.exactOptional(listOf(oneOf(CACHE_NAMES), 'a list of tools, such as ["npm", "maven"]')),
  trust: v.exactOptional(oneOf(["shared", "readonly"])),
} satisfies Record<keyof CacheSettings, unknown>;

const commands = v.exactOptional(
  listOf(line("one line for a shell"), 'a list of commands, such as ["npm ci"]'),
);

const hooks = {
  on_create: commands,
  on_start: commands,
  warm: commands,
  maintain: commands,
  host: commands,
} satisfies Record<keyof HookSettings, unknown>;

const ports = {
  base: v.exactOptional(wholeNumber(1024, MAX_PORT)),
  block: v.exactOptional(wholeNumber(1, 1000)),
  publish: v.exactOptional(listOf(port(), "a list of ports inside the agent, such as [3000, 5173]")),
} satisfies Record<keyof PortSettings, unknown>;

const agent = {
  identity: v.exactOptional(
    accepted(isIdentityTemplate, 'a name and an address, such as "{name} ({agent}) <{email}>"'),
  ),
  sign: v.exactOptional(v.boolean("must be true or false")),
  pass_env: v.exactOptional(listOf(variableName(), 'a list of variables, such as ["OPENAI_API_KEY"]')),
  command: v.exactOptional(accepted(isProgram, 'the name or path of a program, such as "claude"')),
  args: v.exactOptional(listOf(word(), 'a list of arguments, such as ["--verbose"]')),
  use_tmux: v.exactOptional(v.boolean("must be true or false")),
  auto_assign: v.exactOptional(v.boolean("must be true or false")),
  notify: v.exactOptional(line(`a command, such as 'notify-send "$DEVKIT_AGENT: $DEVKIT_STATE"'`)),
} satisfies Record<keyof AgentSettings, unknown>;

/** An overlay may say `agent = 2` in the place of this table. */
const agentOrIndex = v.lazy((input) =>
  typeof input === "object" ? v.object(agent) : wholeNumber(1, MAX_AGENT_INDEX),
);

const ssh = {
  hosts: v.exactOptional(sshHosts()),
  known_hosts: v.exactOptional(
    listOf(
      accepted(isKnownHost, 'a name, a type and a key, such as "git.example.com ssh-ed25519 AAAA…"'),
      'a list of lines, such as ["git.example.com ssh-ed25519 AAAA…"]',
    ),
  ),
} satisfies Record<keyof SshSettings, unknown>;

const login = {
  pool: v.exactOptional(line('a directory, such as "~/logins"')),
  config: v.exactOptional(line('a path, such as "codex.toml"')),
} satisfies Record<keyof LoginSettings, unknown>;

const tasks = {
  prefix: v.exactOptional(
    accepted(isTaskPrefix, 'the start of ids, such as "TSK": a capital letter, then capitals and digits'),
  ),
  lease: v.exactOptional(
    accepted((text) => parseDuration(text) !== undefined, 'a length of time, such as "30m" or "1h"'),
  ),
  topics: v.exactOptional(topicTable()),
} satisfies Record<keyof TaskSettings, unknown>;

/** Values of devkit.toml and of overlays. Which keys a file may have is the business of `shape.ts`. */
export const settingsSchema = v.object({
  project: v.exactOptional(v.object(project)),
  worktrees: v.exactOptional(v.object(worktrees)),
  image: v.exactOptional(v.object(image)),
  container: v.exactOptional(v.object(container)),
  egress: v.exactOptional(v.object(egress)),
  custody: v.exactOptional(v.object(custody)),
  workspace: v.exactOptional(v.object(workspace)),
  budget: v.exactOptional(v.object(budget)),
  caches: v.exactOptional(v.object(caches)),
  hooks: v.exactOptional(v.object(hooks)),
  ports: v.exactOptional(v.object(ports)),
  ssh: v.exactOptional(v.object(ssh)),
  codex: v.exactOptional(v.object(login)),
  claude: v.exactOptional(v.object(login)),
  tasks: v.exactOptional(v.object(tasks)),
  check: v.exactOptional(checkTables()),
  description: v.exactOptional(line("one line of text")),
  agent: v.exactOptional(agentOrIndex),
  extends: v.exactOptional(listOf(overlayName, 'a list of overlay names, such as ["node"]')),
});
