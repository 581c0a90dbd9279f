import type { StackLine, StackStatus } from "../../../app/egress/stack.js";
import { allowedNames } from "../../../config/allowed-names.js";
import { formatTable } from "../../../output/views/table.js";
import type { Shutdown } from "../../../base/shutdown.js";
import { count, defineCommand, flag } from "../../command.js";
import type { Deps } from "../../deps.js";
import { showLogs } from "../../log-lines.js";

export const up = defineCommand({
  path: "up",
  summary: "Start what agents share: proxy, name servers, and their endpoint",
  description:
    "Makes and starts the egress containers of the agents there are and their endpoint, and waits until they have their policies. agent up does the same for its agents.",
  arguments: [],
  options: {},
  examples: ["devkit up"],
  json: "{ cause: string|null }",
  async run({ deps, shutdown }) {
    const { startStack } = await import("../../../app/egress/stack.js");
    const project = await deps.projectDeps();
    const cause = await startStack(project, await provisionRequest(deps, shutdown));
    return {
      data: { cause: cause ?? null },
      human: () =>
        cause === undefined ? "Nothing to do." : `What agents share is up; what was wrong: ${cause}.`,
    };
  },
});

export const down = defineCommand({
  path: "down",
  summary: "Stop what agents share: they go on and reach nothing",
  arguments: [],
  options: {},
  examples: ["devkit down"],
  json: "{ stopped: [name] }",
  async run({ deps }) {
    const { stopStack } = await import("../../../app/egress/stack.js");
    const stopped = await stopStack(await deps.projectDeps());
    return {
      data: { stopped },
      human: () =>
        stopped.length === 0
          ? "Nothing was running."
          : `Stopped ${stopped.join(", ")}. Start it again: devkit up`,
    };
  },
});

export const restart = defineCommand({
  path: "restart",
  summary: "Stop and start what agents share; open connections end",
  arguments: [],
  options: {},
  examples: ["devkit restart"],
  json: "{ cause: string|null }",
  async run({ deps, shutdown }) {
    const { startStack, stopStack } = await import("../../../app/egress/stack.js");
    const project = await deps.projectDeps();
    const request = await provisionRequest(deps, shutdown);
    await stopStack(project);
    const cause = await startStack(project, request);
    return {
      data: { cause: cause ?? null },
      human: () =>
        cause === undefined ? "There was nothing to restart." : "What agents share was restarted.",
    };
  },
});

export const status = defineCommand({
  path: "status",
  summary: "Show what agents share, and whom it serves",
  arguments: [],
  options: {},
  examples: ["devkit status"],
  json: "{ containers: [{ role: egress|broker, name, id, state, status, owner: string|null, serves: [agent] }] }",
  async run({ deps }) {
    const { describeStack } = await import("../../../app/egress/stack.js");
    const containers = await describeStack(await deps.projectDeps());
    return {
      data: { containers: containers.map(toData) },
      human: () =>
        containers.length === 0
          ? "There is nothing yet. Make agents: devkit agent up 3"
          : formatTable(["CONTAINER", "STATE", "SERVES"], containers.map(toRow)),
    };
  },
});

export const logs = defineCommand({
  path: "logs",
  summary: "Show what the containers that agents share say",
  description:
    "Shows trouble that the proxies and name servers had, and what the endpoint of the task pool refused. What agents asked the network for is in: devkit egress log",
  arguments: [],
  options: {
    follow: flag("-f, --follow", "go on as lines come, until Ctrl-C"),
    tail: count("-n, --tail <lines>", "only the last lines of each container", 0),
  },
  examples: ["devkit logs", "devkit logs -f"],
  json: "{ lines: [{ container, time, text }] }; with --follow one { container, time, text } per line",
  async run({ options: { follow, tail }, deps, reporter, shutdown }) {
    const { readStackLogs } = await import("../../../app/egress/stack.js");
    const project = await deps.projectDeps();
    return showLogs<StackLine>({
      ...{ reporter, shutdown, follow },
      source: ({ container }) => container,
      read: (signal, onLine) => readStackLogs(project, { follow, tail, signal }, onLine),
    });
  },
});

async function provisionRequest(deps: Deps, { signal }: Shutdown) {
  const config = await deps.config();
  const { settings, settingsOf } = config;
  return { settings, settingsOf, allowed: allowedNames(config), host: deps.host, signal };
}

function toData({ role, name, id, state, statusText, owner, serves }: StackStatus) {
  return {
    role,
    name,
    id,
    state,
    status: statusText,
    owner: owner?.name ?? null,
    serves: serves.map((agent) => agent.name),
  };
}

function toRow({ role, name, state, statusText, serves }: StackStatus): string[] {
  const names = serves.map((agent) => agent.name).join(", ");
  const what = role === "broker" ? "agents cannot reach the task pool" : "agents reach nothing";
  return [name, state === "running" ? statusText : `${state}: ${what} (devkit up)`, names];
}
