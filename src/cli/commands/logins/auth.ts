import { LOGIN_KINDS, type LoginKind } from "../../../domain/logins/login-kinds.js";
import type { LoginTool } from "../../../domain/logins/login.js";
import { clearText, importText, loginRow, loginTable, reseedText } from "../../../output/views/logins.js";
import { defineCommand, flag, type Command } from "../../command.js";

const FORCE = "also over a login that is newer than this one, or another one";
const SHARE = "also one that is in use elsewhere, and that only one of the places will keep";
const AGENTS = {
  syntax: "[agent...]",
  description: "indexes or names; all when none is given",
  completes: "agents",
} as const;

/** `codex-auth …` or `claude-auth …`: the same commands for each program that has logins. */
export function authCommands(tool: LoginTool): readonly Command[] {
  const kind = LOGIN_KINDS[tool];
  return [importCommand(kind), showCommand(kind), clearCommand(kind), reseedCommand(kind)];
}

function importCommand(kind: LoginKind): Command {
  const { tool, title, file } = kind;
  return defineCommand({
    path: `${tool}-auth import`,
    summary: `Give an agent a ${title} login out of a file`,
    description:
      `Copies the login of a ${file} into an agent's home, and nothing else of it. Refuses (5) to replace a login that the agent has renewed since, or another one, ` +
      "and a login that is in use elsewhere: programs renew their tokens, and renewing them in one place ends them in all others. API keys can be anywhere.",
    arguments: [
      { syntax: "<file>", description: `a ${file}; - for standard input` },
      { syntax: "<agent>", description: "index or name", completes: "agents" },
    ],
    options: { force: flag("--force", FORCE), share: flag("--share", SHARE) },
    examples: [
      `devkit ${tool}-auth import /media/key/${file} 1`,
      `cat ${file} | devkit ${tool}-auth import - agent-2`,
    ],
    json: "{ index, name, kind, account: string|null, changed: boolean }",
    async run({ args, options, deps }) {
      const { importLogin } = await import("../../../app/logins/import-login.js");
      const [from = "", selector = ""] = args;
      const { agent, login, changed } = await importLogin(await deps.projectDeps(), kind, {
        ...options,
        file: from,
        selector,
      });
      const data = { ...agent, kind: login.kind, account: login.account ?? null, changed };
      return { data, human: () => importText(title, data) };
    },
  });
}

function showCommand(kind: LoginKind): Command {
  const { tool, title } = kind;
  return defineCommand({
    path: `${tool}-auth show`,
    summary: `Show agents' ${title} logins, and who else has them`,
    description:
      "Shows whose login each agent has, as its token says, and nothing of the token itself. `due`: it is renewed when it is used next; `over`: somebody has to log in again. " +
      "SHARED WITH: places that have the same login, of which renewing it leaves only one.",
    arguments: [AGENTS],
    options: {},
    examples: [`devkit ${tool}-auth show`, `devkit ${tool}-auth show 2 --json`],
    json: '{ agents: [{ index, name, kind: "api-key"|"chatgpt"|"oauth"|null, account, refreshed, expires, state: "valid"|"due"|"over"|null, slot, pool, sharedWith: [name] }] }',
    async run({ args, deps }) {
      const { showLogins } = await import("../../../app/logins/show-logins.js");
      const agents = (await showLogins(await deps.projectDeps(), kind, args, new Date())).map(loginRow);
      return { data: { agents }, human: () => loginTable(agents) };
    },
  });
}

function clearCommand(kind: LoginKind): Command {
  const { tool, title } = kind;
  return defineCommand({
    path: `${tool}-auth clear`,
    summary: `Take ${title} logins out of agents' homes`,
    description:
      "Removes the login from the agent's home and ends the lease of its slot. It does not log out: the login stays valid where else it is. " +
      "A slot whose login the agent has renewed is of no use to others until somebody logs in there again.",
    arguments: [{ syntax: "<agent...>", description: "indexes or names", completes: "agents" }],
    options: {},
    examples: [`devkit ${tool}-auth clear 2`],
    json: "{ agents: [{ index, name, removed: boolean, slot: string|null }] }",
    async run({ args, deps }) {
      const { clearLogins } = await import("../../../app/logins/clear-logins.js");
      const cleared = await clearLogins(await deps.projectDeps(), kind, args);
      const agents = cleared.map(({ agent, removed, slot }) => ({
        ...agent,
        removed,
        slot: slot?.slot ?? null,
      }));
      return { data: { agents }, human: () => clearText(title, agents) };
    },
  });
}

function reseedCommand(kind: LoginKind): Command {
  const { tool, title, directory, file } = kind;
  return defineCommand({
    path: `${tool}-auth reseed`,
    summary: `Give agents a ${title} login of the pool, or your own`,
    description:
      `Gives each agent the login of its slot in \`[${tool}] pool\`, of the first free one if it has none; without a pool your own (~/${directory}/${file}), ` +
      "which with --share is then in two places. Refuses (5) as `import` does.",
    arguments: [AGENTS],
    options: { force: flag("--force", FORCE), share: flag("--share", SHARE) },
    examples: [`devkit ${tool}-auth reseed`, `devkit ${tool}-auth reseed 2 --force`],
    json: "{ agents: [{ index, name, kind, account, slot, changed: boolean }] }",
    async run({ args, options, deps }) {
      const [{ reseedLogins }, { requireTrust }, { requireSuccess }] = await Promise.all([
        import("../../../app/logins/reseed-logins.js"),
        import("../../../app/hooks/host-hooks.js"),
        import("../../../app/agents/outcome.js"),
      ]);
      const [project, config] = await Promise.all([deps.projectDeps(), deps.config()]);
      await requireTrust(await deps.hostHooks(config));
      const request = { ...options, selectors: args, settingsOf: config.settingsOf };
      const { seeded, outcomes } = await reseedLogins(project, kind, request);
      requireSuccess(outcomes, 0);
      const agents = seeded.map(({ agent, login, slot, changed }) => ({
        ...agent,
        kind: login.kind,
        account: login.account ?? null,
        slot: slot?.slot ?? null,
        changed,
      }));
      return { data: { agents }, human: () => reseedText(title, agents) };
    },
  });
}
