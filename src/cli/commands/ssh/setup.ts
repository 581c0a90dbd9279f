import type { SetUpAgent, SetUpRequest } from "../../../app/ssh/set-up-ssh.js";
import { DevkitError } from "../../../base/errors.js";
import { defineCommand, flag, text, toggle } from "../../command.js";
import { upCommand } from "../../../domain/agents/up-command.js";

export const sshSetup = defineCommand({
  path: "ssh-setup",
  summary: "Give agents a key and what ssh needs to reach a git server",
  description:
    "Puts a key into an agent's home and what makes plain ssh and git reach the server through the proxy, and allows the server for that agent. " +
    "Without --key or --generate an agent keeps the key it has, and gets yours (~/.ssh/id_ed25519, id_ecdsa, id_rsa) when it has none. " +
    "What you or the agent wrote into its ~/.ssh/config stays. Running or not; again: changes nothing",
  arguments: [],
  options: {
    index: text("--index <agent>", "index or name"),
    all: flag("--all", "every agent there is"),
    key: text("--key <path>", "the private key that the agent gets a copy of"),
    generate: flag("--generate", "make a key for the agent alone, and show what to register"),
    force: flag("--force", "replace another key that the agent has"),
    host: text("--host <name>", "as in remotes' URLs; github.com when not given"),
    agentForward: toggle(
      "--agent-forward",
      "devkit commands carry your ssh agent into it, and no key is copied; --no-agent-forward: no more",
    ),
  },
  examples: [
    "devkit ssh-setup --index 2",
    "devkit ssh-setup --index 2 --generate",
    "devkit ssh-setup --all --host gitlab.com --key ~/.ssh/id_gitlab",
    "devkit ssh-setup --index agent-3 --agent-forward",
  ],
  json: "{ agents: [{ index, name, host, server, key: { file, type, fingerprint, publicKey, made }|null, forward, written: [path], allowed, changed }] }; allowed: the server could not be reached before",
  async run({ options, deps }) {
    const { key, generate, force, agentForward: forward } = options;
    if ((options.index === undefined) !== options.all)
      throw usage("ssh-setup is for one agent or for all", "devkit ssh-setup --index 2; or --all");
    if (key !== undefined && generate)
      throw usage("--key and --generate are two ways to a key", "leave one of them out");
    const [{ setUpSsh }, { requireTrust }, { requireSuccess }] = await Promise.all([
      import("../../../app/ssh/set-up-ssh.js"),
      import("../../../app/hooks/host-hooks.js"),
      import("../../../app/agents/outcome.js"),
    ]);
    const [project, config] = await Promise.all([deps.projectDeps(), deps.config()]);
    const { settingsOf } = config;
    // They can name another host key for a server that everybody knows.
    await requireTrust(await deps.hostHooks(config));
    const selectors = options.index === undefined ? [] : [options.index];
    const wish: SetUpRequest["wish"] = key !== undefined ? { keyFile: key } : generate ? "generate" : "keep";
    const host = options.host ?? "github.com";
    const request = { selectors, host, settingsOf, wish, force, forward };
    const { done, outcomes } = await setUpSsh({ ...project, ssh: deps.ssh }, request);
    // Of one agent its own error says it all.
    const [only] = outcomes;
    if (options.index !== undefined && only?.error !== undefined) throw only.error;
    requireSuccess(outcomes, 0);
    return { data: { agents: done.map(toData) }, human: () => done.map(toText).join("\n") };
  },
});

function usage(message: string, hint: string): DevkitError {
  return new DevkitError("E_USAGE", message, { hint });
}

function toData({ agent, host, key, forward, written, allowed, changed }: SetUpAgent) {
  const { name, server } = host;
  return { ...agent, host: name, server, key: key ?? null, forward, written, allowed, changed };
}

function toText({ agent, host, key, forward, allowed, changed, running }: SetUpAgent): string {
  const own = key === undefined ? "no key of its own" : `~/.ssh/${key.file} (${key.fingerprint})`;
  const already = changed ? "" : "; it was so already";
  const lines = [
    `${agent.name} has for ${host.name}: ${own}${forward ? ", and your ssh agent" : ""}${already}.`,
  ];
  if (allowed) lines.push(`It may reach ${host.server} now.`);
  if (key?.made === true) lines.push(`Its public key, to be registered there:\n${key.publicKey}`);
  const up = running ? "" : `${upCommand([agent])}, then `;
  const more = host.name === "github.com" ? "" : ` --host ${host.name}`;
  lines.push(`Next: ${up}devkit ssh-test ${String(agent.index)}${more}`);
  return lines.join("\n");
}
