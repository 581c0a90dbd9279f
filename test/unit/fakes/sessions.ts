import { DevkitError } from "../../../src/base/errors.js";
import type { AgentSession, Sessions, StartSession } from "../../../src/app/ports-sessions.js";

/** A tmux in memory, and what tests do to it. */
export interface FakeSessions extends Sessions {
  isThere: boolean;
  readonly running: Map<string, AgentSession>;
  readonly started: StartSession[];
  readonly messages: string[];
  /** Called before a session is started; throws to make that fail. */
  beforeStart: (request: StartSession) => void | Promise<void>;
}

export function createFakeSessions(): FakeSessions {
  const running = new Map<string, AgentSession>();
  const unwanted = () => Promise.reject(new Error("not in memory"));
  const fake: FakeSessions = {
    isThere: true,
    running,
    started: [],
    messages: [],
    beforeStart: () => undefined,
    require: () =>
      fake.isThere
        ? Promise.resolve()
        : Promise.reject(new DevkitError("E_TOOL_MISSING", "tmux is not installed")),
    available: () => Promise.resolve(fake.isThere),
    list: () => Promise.resolve(fake.isThere ? [...running.values()] : []),
    async start(request) {
      await fake.beforeStart(request);
      fake.started.push(request);
      const name = `devkit-${request.agent}`;
      const ended = { exitCode: undefined, signal: undefined, pid: undefined };
      running.set(request.agent, { agent: request.agent, name, attached: 0, state: "running", ...ended });
      return name;
    },
    kill(agent) {
      const found = running.get(agent)?.name;
      running.delete(agent);
      return Promise.resolve(found);
    },
    message(agent, text) {
      fake.messages.push(`${agent}: ${text}`);
      return Promise.resolve(running.has(agent) ? 1 : 0);
    },
    retitle: () => Promise.resolve(),
    isInside: () => Promise.resolve(false),
    attach: unwanted,
    open: unwanted,
    attachGroup: unwanted,
    canAttach: () => Promise.resolve(false),
  };
  return fake;
}
