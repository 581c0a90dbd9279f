import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import { showText } from "../../base/show-text.js";
import { createTextSink } from "../../base/text-sink.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { agentPaths } from "../../domain/identity/project.js";
import { explainSshFailure, type SshFailureContext } from "../../domain/ssh/explain-ssh-failure.js";
import { SSH_FILES } from "../../domain/ssh/ssh-config.js";
import type { SshHost } from "../../domain/ssh/ssh-host.js";
import { requireRunning, type RunningAgent } from "../agents/exec.js";
import { findEgress, observeEgress } from "../egress/observe-egress.js";
import { findAgentKey } from "./agent-key.js";
import { withForwardedAgent, type ForwardNeeds } from "./forward-agent.js";
import type { ProjectDeps } from "../ports.js";

export interface SshTest {
  readonly selector: string;
  readonly hostFor: (agent: AgentRef) => SshHost;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

export interface SshTested {
  readonly agent: AgentRef;
  readonly host: SshHost;
  readonly durationMs: number;
  /** What the server greeted with. */
  readonly said: string | undefined;
}

type Needs = ProjectDeps & ForwardNeeds;

const CONFIG_LIMIT = 1024 * 1024;
const OUTPUT_BYTES = 64 * 1024;
/** How long a server may go on after it has let the agent in. */
const GREETING_MS = 2000;

/**
 * Tries ssh from inside an agent; what counts is that the server lets it in.
 * @throws DevkitError E_SSH, whose details say why not; E_AGENT_UNKNOWN, E_AGENT_NOT_RUNNING
 */
export async function testSsh(deps: Needs, test: SshTest): Promise<SshTested> {
  const running = await requireRunning(deps, test.selector).catch((error: unknown) => {
    throw withExitCode1(error);
  });
  const { agent } = running;
  const host = test.hostFor(agent);
  requireConfig(deps, agent, host);
  await requireEgress(deps, agent, host);
  const began = performance.now();
  const { letIn, printed, said } = await withForwardedAgent(deps, running, (env) =>
    runSsh(deps, running, { host, env, test }),
  );
  if (!letIn) throw failure(agent, host, explainSshFailure(printed, contextOf(deps, agent, host)));
  return { agent, host, durationMs: Math.round(performance.now() - began), said };
}

interface Run {
  readonly host: SshHost;
  readonly env: Readonly<Record<string, string>>;
  readonly test: SshTest;
}

async function runSsh({ engine }: Needs, { container }: RunningAgent, { host, env, test }: Run) {
  const mark = `devkit-let-in-${randomBytes(8).toString("hex")}`;
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort();
  }, test.timeoutSeconds * 1000);
  const [out, err] = [createTextSink(OUTPUT_BYTES), createTextSink(OUTPUT_BYTES)];
  let letIn = false;
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      out.stream.write(chunk);
      if (!letIn && out.text().includes(mark)) {
        letIn = true;
        // A server may keep the connection open for ever.
        setTimeout(() => {
          deadline.abort();
        }, GREETING_MS).unref();
      }
      done();
    },
  });
  const argv = sshCommand(host.name, mark, test.timeoutSeconds);
  const signal = AbortSignal.any([deadline.signal, test.signal]);
  const streams = { stdin: undefined, stdout, stderr: err.stream, signal };
  try {
    await engine.exec(container.id, { argv, env, workdir: "/", tty: false }, streams);
  } catch (error) {
    test.signal.throwIfAborted();
    if (!deadline.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  const late = deadline.signal.aborted ? "\ntimed out" : "";
  return {
    letIn,
    printed: `${out.text()}\n${err.text()}${late}`,
    said: greetingIn(`${out.text()}\n${err.text()}`, mark),
  };
}

/** ssh runs a local command once the server has let it in: the one sure sign, whatever the server says or ends with. */
function sshCommand(name: string, mark: string, timeoutSeconds: number): string[] {
  const options = {
    BatchMode: "yes",
    LogLevel: "INFO",
    PermitLocalCommand: "yes",
    LocalCommand: `echo ${mark}`,
    // Before the deadline, so that ssh itself can say where it was.
    ConnectTimeout: String(Math.max(1, timeoutSeconds - 2)),
  };
  return [
    "ssh",
    "-T",
    ...Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]),
    `git@${name}`,
  ];
}

function greetingIn(printed: string, mark: string): string | undefined {
  const lines = printed.split("\n").map((line) => line.trim());
  const said = lines.filter(
    (line) => line !== "" && line !== mark && !/^(Warning: |\*\* |Connection to )/.test(line),
  );
  const greeting = said.at(0);
  return greeting === undefined ? undefined : showText(greeting).slice(0, 200);
}

/** Whether there is anything for that host in the agent's own configuration, ours or not. */
function requireConfig({ homes, project }: Needs, agent: AgentRef, host: SshHost): void {
  const paths = agentPaths(project, agent);
  const read = (file: string) => homes.read(paths, file, CONFIG_LIMIT) ?? "";
  const config = `${read(SSH_FILES.hostConfig(host.name))}\n${read(SSH_FILES.config)}`;
  if (config.includes(host.server)) return;
  const more = host.name === "github.com" ? "" : ` --host ${host.name}`;
  const hint = `devkit ssh-setup --index ${String(agent.index)}${more}`;
  throw failure(agent, host, { reason: "not-set-up", what: "it is not set up", hint });
}

/** Before ssh waits for it in vain. */
async function requireEgress(deps: Needs, agent: AgentRef, host: SshHost): Promise<void> {
  if (findEgress(await observeEgress(deps), agent)?.state === "running") return;
  throw failure(agent, host, { reason: "egress-down", what: "its egress is down", hint: "devkit up" });
}

/** What is known beforehand of an agent's ssh with a host. */
export function contextOf(
  { homes, project, ssh }: Pick<Needs, "homes" | "project" | "ssh">,
  agent: AgentRef,
  host: SshHost,
): SshFailureContext {
  const paths = agentPaths(project, agent);
  const found = findAgentKey(homes, paths, host.name);
  const isForwarding = ssh.records.load(paths).forward;
  const key = found?.problem === "encrypted" ? "encrypted" : found === undefined ? "none" : "usable";
  return { index: agent.index, host, key: isForwarding && key === "none" ? "usable" : key };
}

function failure(
  { index, name }: AgentRef,
  host: SshHost,
  { reason, what, hint }: ReturnType<typeof explainSshFailure>,
): DevkitError {
  return new DevkitError("E_SSH", `${name} cannot use ssh with ${host.name}: ${what}`, {
    hint,
    details: { index, agent: name, host: host.name, server: host.server, reason },
  });
}

/** The exit code of this command is its result: that nothing could be tried is a no. */
function withExitCode1(error: unknown): unknown {
  if (!isDevkitError(error) || error.code !== "E_AGENT_NOT_RUNNING") return error;
  const { hint, details } = error;
  const options = { details, exitCode: 1, cause: error, ...(hint === undefined ? {} : { hint }) } as const;
  return new DevkitError(error.code, error.message, options);
}
