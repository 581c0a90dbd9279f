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
    "Any change of it has to be approved again. Until then `agent up` brings nothing up. Scripts that the commands call are not part of the list.",
  arguments: [],
  options: {
    yes: flag("-y, --yes", "approve without asking"),
    revoke: flag("--revoke", "take back all that was approved for this project"),
  },
  examples: ["devkit trust", "devkit trust --yes", "devkit trust --revoke"],
  json: "{ commands: [{ command, origin }], reaches: [{ what, origin }], sha256, trusted: boolean, revoked: number }",
  async run({ options, deps, reporter }) {
    const { loadTrust, trustedTexts } = await import("../../../app/hooks/host-hooks.js");
    const host = await deps.hostHooks(await deps.configWithPositions());
    if (options.revoke) {
      const revoked = await host.trust.revoke();
      const state = await loadTrust(host);
      return toResult(state, revoked, () => `Taken back: ${countOf(revoked, "approval")}.`);
    }
    const state = await loadTrust(host);
    if (state.hooks.length + state.reaches.length === 0)
      return toResult(
        state,
        0,
        () => "The repository asks nothing of this machine; there is nothing to approve.",
      );
    const shown = listText(state);
    if (state.trusted) return toResult(state, 0, () => `${shown}\nThis is approved already.`);
    if (!options.yes) await ask(shown, state, reporter.json);
    await host.trust.add(state.hash, trustedTexts(state), new Date());
    return toResult({ ...state, trusted: true }, 0, () => `${options.yes ? `${shown}\n` : ""}Approved.`);
  },
});

/** @throws DevkitError E_UNTRUSTED unless somebody at a terminal says yes */
async function ask(shown: string, { hooks, reaches }: TrustState, json: boolean): Promise<void> {
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
      details: { commands: hooks.map(({ command, origin }) => ({ command, origin })), reaches },
    },
  );
}

function toResult(
  { hooks, reaches, hash, trusted }: TrustState,
  revoked: number,
  human: () => string,
): CommandResult {
  const commands = hooks.map(({ command, origin }) => ({ command, origin }));
  return { data: { commands, reaches, sha256: hash, trusted, revoked }, human };
}

function listText({ hooks, reaches }: TrustState): string {
  const line = (text: string, origin: string) => `  ${showHidden(text)}\n      from ${showHidden(origin)}`;
  const commands = hooks.map(({ command, origin }) => line(command, origin));
  const taken = reaches.map(({ what, origin }) => line(what, origin));
  return [
    ...(commands.length === 0 ? [] : ["On this machine, in the repository's root, with your rights:"]),
    ...commands,
    ...(taken.length === 0 ? [] : ["From outside the repository, for agents:"]),
    ...taken,
  ].join("\n");
}
