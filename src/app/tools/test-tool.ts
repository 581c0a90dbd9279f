import { recordedSettings } from "../../domain/agents/container-spec.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import { CLAUDE_LOGIN, isClaudeLoginOver } from "../../domain/tools/claude-login.js";
import { readClaudeTurn } from "../../domain/tools/read-claude-turn.js";
import { readCodexTurn } from "../../domain/tools/read-codex-turn.js";
import type { Tool } from "../../domain/tools/tool.js";
import { isLasting, type Turn, type TurnFault } from "../../domain/tools/turn.js";
import { turnCommand } from "../../domain/tools/turn-command.js";
import { execInAgent, requireRunning, type RunningAgent } from "../agents/exec.js";
import type { Host, ProjectDeps } from "../ports.js";
import { findRefused } from "./find-refused.js";
import { requireEgress } from "./require-egress.js";
import { turnError } from "./turn-error.js";
import { watchOutput } from "./watch-output.js";

export interface ToolTest {
  readonly tool: Tool;
  /** An index or a name. */
  readonly selector: string;
  readonly timeoutMs: number;
  /** The user's variables that commands in the agent get. */
  readonly passedEnv: (running: RunningAgent) => Promise<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface TestedTool {
  readonly index: number;
  readonly name: string;
  readonly tool: Tool;
  /** Null where the program does not say. */
  readonly model: string | null;
  readonly seconds: number;
}

/** What the deadline inside may be late by until the command is ended from outside. */
const GRACE_MS = 5000;

const LOGIN_LIMIT = 1024 * 1024;

const READERS: Readonly<Record<Tool, (output: string) => Turn>> = {
  codex: readCodexTurn,
  claude: readClaudeTurn,
};

/**
 * One real turn of a program in an agent.
 * @throws DevkitError one code for each way in which it can fail; see `turnError`
 */
export async function testTool(
  deps: ProjectDeps & { readonly host: Host },
  test: ToolTest,
): Promise<TestedTool> {
  const running = await requireRunning(deps, test.selector);
  await requireEgress(deps, running.agent);
  const began = Date.now();
  const { turn, exitCode } = await runTurn(deps, running, test);
  const seconds = Math.round((Date.now() - began) / 100) / 10;
  const { agent, container } = running;
  if (turn.answered) return { ...agent, tool: test.tool, model: turn.model ?? null, seconds };
  const seen = faultOf(turn, exitCode);
  const fault = seen === "refused" && isLoginOver(deps, running, test.tool) ? "expired" : seen;
  throw turnError({
    ...{ agent, tool: test.tool, fault, said: turn.said, asked: turn.asked, timeoutMs: test.timeoutMs },
    overlays: recordedSettings(container.config).overlays,
    refused: await findRefused(deps, { agentName: agent.name, tool: test.tool, fault, sinceMs: began }),
  });
}

/** By the exit code where the program's words tell nothing, or no more than that it went on trying. */
function faultOf({ fault }: Turn, exitCode: number | undefined): TurnFault {
  if (exitCode === 127 && fault === undefined) return "missing";
  const outOfTime = exitCode === undefined || exitCode === 124 || exitCode === 137;
  return fault ?? (outOfTime ? "silent" : "other");
}

/** Claude Code itself does not tell an expired login from one that is refused. */
function isLoginOver({ homes, project }: ProjectDeps, { agent }: RunningAgent, tool: Tool): boolean {
  const login = () => homes.read(agentPaths(project, agent), CLAUDE_LOGIN, LOGIN_LIMIT);
  return tool === "claude" && isClaudeLoginOver(login(), Date.now());
}

/** Ended as soon as the outcome is certain: programs go on trying what cannot succeed. */
async function runTurn(
  deps: ProjectDeps & { readonly host: Host },
  running: RunningAgent,
  { tool, timeoutMs, passedEnv, signal }: ToolTest,
): Promise<{ turn: Turn; exitCode: number | undefined }> {
  const read = READERS[tool];
  const output = watchOutput((text) => isLasting(read(text)));
  const late = AbortSignal.timeout(timeoutMs + GRACE_MS);
  const ended = AbortSignal.any([output.signal, late]);
  const command = {
    argv: turnCommand(tool, Math.ceil(timeoutMs / 1000)),
    directory: CONTAINER.workspace,
    env: await passedEnv(running),
    tty: false,
  };
  const streams = {
    ...{ stdin: undefined, stdout: output.stdout, stderr: output.stderr },
    signal: AbortSignal.any([signal, ended]),
  };
  const exitCode = await execInAgent(deps, running, command, streams).catch((error: unknown) => {
    if (signal.aborted || !ended.aborted) throw error;
    return undefined;
  });
  return { turn: read(output.text()), exitCode };
}
