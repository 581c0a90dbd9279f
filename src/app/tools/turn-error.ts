import type { ErrorCode } from "../../base/error-codes.js";
import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { allowCommand } from "../../domain/egress/allow-command.js";
import type { AuditEntry } from "../../domain/egress/audit.js";
import { scrubSecrets } from "../../domain/tools/scrub-secrets.js";
import { TOOL_TITLES, type Tool } from "../../domain/tools/tool.js";
import type { TurnFault } from "../../domain/tools/turn.js";

export interface FailedTurn {
  readonly agent: AgentRef;
  readonly tool: Tool;
  readonly fault: TurnFault;
  readonly said: string | undefined;
  readonly asked: boolean;
  readonly timeoutMs: number;
  /** Those that its container was made with. */
  readonly overlays: readonly string[];
  /** What of the agent's did not get out meanwhile. */
  readonly refused: readonly AuditEntry[];
}

interface Told {
  readonly code: ErrorCode;
  /** Completes "<Codex> in <agent-1>: …". */
  readonly what: string;
  readonly hint: string;
}

const SAID_LENGTH = 300;

/** What a failed turn is told as: one code and one hint for each way in which it can fail. */
export function turnError(turn: FailedTurn): DevkitError {
  const { agent, tool } = turn;
  const said = quote(turn.said);
  const { code, what, hint } = TELL[turn.fault](turn, said);
  const details = { agent: agent.name, tool, reason: turn.fault, said: said ?? null };
  return new DevkitError(code, `${TOOL_TITLES[tool]} in ${agent.name}: ${what}`, { hint, details });
}

const TELL: Readonly<Record<TurnFault, (turn: FailedTurn, said: string | undefined) => Told>> = {
  missing: ({ agent, tool, overlays }) => ({
    code: "E_CLI_MISSING",
    what: "it is not installed there",
    hint: `make the agent with its overlay: ${upCommand([agent], [...new Set([...overlays, tool])])}`,
  }),
  "no-login": (turn) => ({
    code: "E_NOT_LOGGED_IN",
    what: "it has no login there",
    hint: `give the agent one: ${importCommand(turn)}`,
  }),
  expired: (turn) => login(turn, "E_LOGIN_EXPIRED", "its login has expired"),
  revoked: (turn) => login(turn, "E_LOGIN_REFUSED", "its login was revoked, or renewed somewhere else"),
  refused: (turn, said) =>
    login(turn, "E_LOGIN_REFUSED", withWords("the model server refused its login", said)),
  limit: (_, said) => ({
    code: "E_MODEL_LIMIT",
    what: withWords("the limit of its login is reached", said),
    hint: "wait, or give the agent a login of its own",
  }),
  server: (turn, said) => ({
    code: "E_MODEL_SERVER",
    what: withWords("the model server failed", said),
    hint: `try again: ${testCommand(turn)}`,
  }),
  denied: (turn) => {
    const allow = turn.refused.map(allowCommand).find((command) => command !== undefined);
    const target = turn.refused.find((one) => one.verdict === "denied")?.target;
    return {
      code: "E_MODEL_DENIED",
      what: `the agent may not reach ${target ?? "its model server"}`,
      hint: allow === undefined ? `see what was refused: ${logCommand(turn)}` : `let it: ${allow}`,
    };
  },
  authority: () => ({
    code: "E_MODEL_CERTIFICATE",
    what: "it does not know the authority of the model server's certificate",
    hint: "put the authority's certificate where this machine keeps its own (docs/images.md), then: devkit agent up",
  }),
  unreachable: (turn, said) => {
    const target = turn.refused.find((one) => one.verdict === "failed")?.target;
    return {
      code: "E_MODEL_UNREACHABLE",
      what: withWords(`nobody answers at ${target ?? "its model server"}`, said),
      hint: `see what the agent asked for: ${logCommand(turn)}`,
    };
  },
  silent: (turn) => ({
    code: "E_MODEL_TIMEOUT",
    what: turn.asked
      ? `the model did not answer within ${String(turn.timeoutMs / 1000)} s`
      : `it did not come to its question within ${String(turn.timeoutMs / 1000)} s`,
    hint: `give it more time: ${testCommand(turn)} --timeout 3m`,
  }),
  other: (turn, said) => ({
    code: "E_MODEL",
    what: said ?? "it failed without a word",
    hint: `try it yourself: devkit exec ${String(turn.agent.index)} -- ${turn.tool}`,
  }),
};

function login(turn: FailedTurn, code: ErrorCode, what: string): Told {
  return { code, what, hint: `give the agent a new one: ${importCommand(turn)}` };
}

function importCommand({ agent, tool }: FailedTurn): string {
  return `devkit ${tool}-auth import FILE ${String(agent.index)}`;
}

function testCommand({ agent, tool }: FailedTurn): string {
  return `devkit ${tool}-test ${String(agent.index)}`;
}

function logCommand({ agent }: FailedTurn): string {
  return `devkit egress log --denied --agent ${String(agent.index)}`;
}

function withWords(what: string, said: string | undefined): string {
  return said === undefined ? what : `${what}: ${said}`;
}

/** Of the program's words one line without secrets. */
function quote(said: string | undefined): string | undefined {
  const line = scrubSecrets(said ?? "")
    .replaceAll(/\s+/g, " ")
    .trim();
  if (line === "") return undefined;
  return line.length > SAID_LENGTH ? `${line.slice(0, SAID_LENGTH)}…` : line;
}
