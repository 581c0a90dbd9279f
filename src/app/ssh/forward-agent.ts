import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createTextSink } from "../../base/text-sink.js";
import { agentPaths } from "../../domain/identity/project.js";
import { AGENT_SOCKET_PROGRAM } from "../../domain/ssh/agent-socket-program.js";
import type { RunningAgent } from "../agents/exec.js";
import type { SshPorts } from "../ports-ssh.js";
import type { ProjectDeps } from "../ports.js";
import { relayAgent } from "./relay-agent.js";

export type ForwardNeeds = Pick<ProjectDeps, "project" | "engine" | "progress"> & { readonly ssh: SshPorts };

const START_MS = 10_000;
const END_MS = 2000;
const SOCKET = /^\/tmp\/devkit-ssh-[0-9a-f]{16}\/agent$/;

/** A socket inside an agent that leads to the user's ssh agent. */
interface Forwarding {
  readonly path: string;
  /** Takes it away; resolves when nothing of it is left. */
  close(): Promise<void>;
}

/**
 * Runs `work` with the variables that give a command the user's ssh agent, for an agent that the user has allowed it,
 * and none for others. The socket is there as long as `work` runs. Without an ssh agent to forward, that is said once.
 */
export async function withForwardedAgent<T>(
  deps: ForwardNeeds,
  running: RunningAgent,
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const { name } = running.agent;
  if (!deps.ssh.records.load(agentPaths(deps.project, running.agent)).forward) return work({});
  const probe = await deps.ssh.user.connectAgent();
  probe?.destroy();
  const forwarding = probe === undefined ? undefined : await open(deps, running.container.id);
  if (forwarding === undefined) {
    const why =
      probe === undefined
        ? "no ssh agent answers here (SSH_AUTH_SOCK)"
        : "its image has no perl for it, or /tmp is full";
    deps.progress.warn(`${name} gets no ssh agent: ${why}`);
    return work({});
  }
  try {
    return await work({ SSH_AUTH_SOCK: forwarding.path });
  } finally {
    await forwarding.close();
  }
}

async function open({ engine, ssh }: ForwardNeeds, container: string): Promise<Forwarding | undefined> {
  const answers = new PassThrough();
  const stop = new AbortController();
  let found: (path: string | undefined) => void = () => undefined;
  const path = new Promise<string | undefined>((resolve) => (found = resolve));
  const relay = relayAgent({
    connectAgent: () => ssh.user.connectAgent(),
    answers,
    // It becomes a variable of commands inside: no more than a path of the one kind.
    onPath: (said) => {
      found(SOCKET.test(said) ? said : undefined);
    },
  });
  relay.on("error", () => {
    stop.abort();
  });
  const streams = {
    stdin: answers,
    stdout: relay,
    stderr: createTextSink(0).stream,
    signal: stop.signal,
  };
  const argv = ["perl", "-e", AGENT_SOCKET_PROGRAM];
  const ended = engine.exec(container, { argv, env: {}, workdir: "/", tty: false }, streams).then(
    () => undefined,
    () => undefined,
  );
  const close = async () => {
    answers.end();
    const late = new AbortController();
    const deadline = sleep(END_MS, undefined, { signal: late.signal }).then(() => {
      stop.abort();
      return ended;
    });
    deadline.catch(() => undefined);
    await Promise.race([ended, deadline]);
    late.abort();
    relay.destroy();
  };
  const started = new AbortController();
  const limit = sleep(START_MS, undefined, { signal: started.signal }).catch(() => undefined);
  const socket = await Promise.race([path, ended, limit]);
  started.abort();
  if (typeof socket === "string") return { path: socket, close };
  await close();
  return undefined;
}
