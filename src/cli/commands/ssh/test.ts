import { toDeadline } from "../../../base/durations.js";
import { count, defineCommand, text } from "../../command.js";

const SECONDS = 20;

export const sshTest = defineCommand({
  path: "ssh-test",
  summary: "Try ssh from an agent; the exit code is the result",
  description:
    "Runs ssh inside a running agent, as git there would. Ends with 0 when the server lets the agent in, whatever it ends the connection with, " +
    "else with 1 and what is wrong: no key, one with a passphrase, one that is not accepted, a host key that is unknown or another than before, " +
    "a server that may not be or is not reached, or one that does not answer",
  arguments: [{ syntax: "<agent>", description: "index or name", completes: "agents" }],
  options: {
    host: text("--host <name>", "as in remotes' URLs; github.com when not given"),
    timeout: count("--timeout <seconds>", `how long it may take; ${String(SECONDS)} when not given`, 1),
  },
  examples: ["devkit ssh-test 2", "devkit ssh-test 2 --host gitlab.com --timeout 60"],
  json: "{ index, name, host, server, ms, said: string|null }; a failure is the error E_SSH with { index, agent, host, server, reason } in its details",
  async run({ args, options, deps, shutdown }) {
    const [{ testSsh }, { requireHost }] = await Promise.all([
      import("../../../app/ssh/test-ssh.js"),
      import("../../../app/ssh/set-up-ssh.js"),
    ]);
    const [project, { settingsOf }] = await Promise.all([deps.projectDeps(), deps.config()]);
    const tested = await testSsh(
      { ...project, ssh: deps.ssh },
      {
        selector: args[0] ?? "",
        hostFor: (agent) => requireHost(options.host ?? "github.com", settingsOf(agent).ssh),
        timeoutSeconds: toDeadline((options.timeout ?? SECONDS) * 1000) / 1000,
        signal: shutdown.signal,
      },
    );
    const { agent, host, durationMs, said } = tested;
    const data = { ...agent, host: host.name, server: host.server, ms: durationMs, said: said ?? null };
    const greeting = said === undefined ? "" : `: ${said}`;
    return { data, human: () => `${host.name} lets ${agent.name} in${greeting}` };
  },
});
