import { defineCommand } from "../../command.js";

export const agentSigners = defineCommand({
  path: "agent signers",
  summary: "Print whose signatures those of agents' keys are",
  description:
    "The public ssh keys of agents, as the file that git's gpg.ssh.allowedSignersFile names has them, so that git log --show-signature knows on this machine what agents signed ([agent] sign). " +
    "They are read from the homes, where an agent can put another key of its own.",
  arguments: [
    { syntax: "[agent...]", description: "indexes or names; all when none is given", completes: "agents" },
  ],
  options: {},
  examples: ["devkit agent signers > .git/allowed_signers", "devkit agent signers 2"],
  json: "{ signers: [{ index, name, signing, line: string|null }] }",
  async run({ args, deps }) {
    const { listSigners } = await import("../../../app/identity/list-signers.js");
    const { settingsOf } = await deps.config();
    const signers = await listSigners(await deps.projectDeps(), args, settingsOf);
    return {
      data: {
        signers: signers.map(({ agent, isSigning, line }) => ({
          ...agent,
          signing: isSigning,
          line: line ?? null,
        })),
      },
      // A comment where there is no line: the answer is a file that git reads.
      human: () => signers.map(({ agent, line }) => line ?? `# ${agent.name} has no ssh key`).join("\n"),
    };
  },
});
