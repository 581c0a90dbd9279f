import type { TrustState } from "../../../app/hooks/host-hooks.js";
import { DevkitError } from "../../../base/errors.js";
import { countOf } from "../../../base/plural.js";
import { showHidden } from "../../../output/show-hidden.js";
import { confirm } from "../../confirm.js";
import { defineCommand, flag, type CommandResult } from "../../command.js";

export const trust = defineCommand({
  path: "trust",
  summary: "Approve what the repository asks of this machine",
  description:
    "Shows the commands of `[hooks] host` that came with the repository, and what its files take for agents from outside of it (mounts, files with variables, " +
    "files to build with, variables of yours), exactly, and approves that: this list, in this order, for this project and this user. " +
    "Any change of it has to be approved again. Until then `agent up` brings nothing up. Scripts that the commands call are not part of the list. " +
    "Also what it says of the program that `agent spawn --runtime host` runs on this machine; only that waits for this approval.",
  arguments: [],
  options: {
    yes: flag("-y, --yes", "approve without asking"),
    revoke: flag("--revoke", "take back all that was approved for this project"),
  },
  examples: ["devkit trust", "devkit trust --yes", "devkit trust --revoke"],
  json: "{ commands: [{ command, origin }], reaches: [{ what, origin }], programs: [{ command, origin }], sha256, trusted: boolean, revoked: number }",
  async run({ options, deps, reporter }) {
    const { loadTrust, ofPrograms, trustedTexts } = await import("../../../app/hooks/host-hooks.js");
    const host = await deps.hostHooks(await deps.configWithPositions());
    const load = async (): Promise<Asked> => {
      const [agents, programs] = [await loadTrust(host), await loadTrust(ofPrograms(host))];
      return { agents, programs, trusted: agents.trusted && programs.trusted };
    };
    if (options.revoke) {
      const revoked = await host.trust.revoke();
      return toResult(await load(), revoked, () => `Taken back: ${countOf(revoked, "approval")}.`);
    }
    const asked = await load();
    const shown = listText(asked);
    if (shown === "")
      return toResult(
        asked,
        0,
        () => "The repository asks nothing of this machine; there is nothing to approve.",
      );
    if (asked.trusted) return toResult(asked, 0, () => `${shown}\nThis is approved already.`);
    if (!options.yes) await ask(shown, asked, reporter.json);
    for (const state of [asked.agents, asked.programs])
      if (!state.trusted) await host.trust.add(state.hash, trustedTexts(state), new Date());
    return toResult({ ...asked, trusted: true }, 0, () => `${options.yes ? `${shown}\n` : ""}Approved.`);
  },
});

interface Asked {
  /** For agents in containers. */
  readonly agents: TrustState;
  /** For those without. */
  readonly programs: TrustState;
  readonly trusted: boolean;
}

/** @throws DevkitError E_UNTRUSTED unless somebody at a terminal says yes */
async function ask(shown: string, { agents, programs }: Asked, json: boolean): Promise<void> {
  const question = `${shown}\nAllow this whenever agents are started?`;
  const answer = json ? undefined : await confirm(question);
  if (answer === true) return;
  const asked = answer === undefined;
  if (asked && !json) process.stderr.write(`${shown}\n`);
  throw new DevkitError(
    "E_UNTRUSTED",
    asked ? "nothing was approved: there is nobody to ask" : "nothing was approved",
    {
      hint: "if that is as it should be: devkit trust --yes",
      details: {
        commands: toCommands(agents),
        reaches: agents.reaches,
        programs: toCommands(programs),
      },
    },
  );
}

function toResult({ agents, programs, trusted }: Asked, revoked: number, human: () => string): CommandResult {
  const { reaches, hash: sha256 } = agents;
  const commands = { commands: toCommands(agents), reaches, programs: toCommands(programs) };
  return { data: { ...commands, sha256, trusted, revoked }, human };
}

function toCommands({ hooks }: TrustState) {
  return hooks.map(({ command, origin }) => ({ command, origin }));
}

function listText({ agents, programs }: Asked): string {
  const line = (text: string, origin: string) => `  ${showHidden(text)}\n      from ${showHidden(origin)}`;
  const commands = agents.hooks.map(({ command, origin }) => line(command, origin));
  const taken = agents.reaches.map(({ what, origin }) => line(what, origin));
  const inPlace = programs.hooks.map(({ command, origin }) => line(command, origin));
  return [
    ...(commands.length === 0 ? [] : ["On this machine, in the repository's root, with your rights:"]),
    ...commands,
    ...(taken.length === 0 ? [] : ["From outside the repository, for agents:"]),
    ...taken,
    ...(inPlace.length === 0 ? [] : ["On this machine, with your rights, in place of a container:"]),
    ...inPlace,
  ].join("\n");
}
