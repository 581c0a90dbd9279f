import { quoteText } from "../../base/show-text.js";
import { DevkitError } from "../../base/errors.js";
import { createTextSink } from "../../base/text-sink.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { isOid } from "../../domain/custody/refs.js";
import { baseRef } from "../../domain/identity/names.js";
import type { ProjectDeps } from "../ports.js";
import { runAgentScript, type AgentGitNeeds } from "./agent-git.js";
import { fetchCommits } from "./fetch-commits.js";
import { SAVE_FILES, SAVED_REF } from "./reset-scripts.js";

type Needs = AgentGitNeeds & Pick<ProjectDeps, "history" | "refs" | "policy">;

const PATIENCE_MS = 60_000;

/** Makes a commit of everything uncommitted inside, brings it home to a ref, and answers its id. */
export async function saveFiles(needs: Needs, observed: ObservedAgent, ref: string): Promise<string> {
  const { agent } = observed;
  const output = createTextSink(256);
  const args = [`files of ${agent.name} before a reset`];
  const { exitCode, complaint } = await runAgentScript(needs, observed, {
    script: SAVE_FILES,
    args,
    stdout: output.stream,
  });
  const saved = output.text().trim();
  if (exitCode !== 0 || !isOid(saved)) throw failed(observed, complaint);
  const known = [await needs.history.findRef(baseRef(agent))].filter((oid) => oid !== undefined);
  const update = { from: SAVED_REF, to: ref, oid: saved, hostOid: undefined, agreed: [] };
  const { updates, refused } = await fetchCommits(
    { ...needs, patienceMs: PATIENCE_MS },
    observed,
    [update],
    known,
  );
  if (updates[0]?.oid !== saved) throw failed(observed, refused[0]?.reason ?? "it did not arrive");
  await needs.refs.change([{ ref, to: saved }]);
  return saved;
}

function failed({ agent }: ObservedAgent, complaint: string): DevkitError {
  return new DevkitError("E_WORK_AT_RISK", `its files could not be saved: ${quoteText(complaint)}`, {
    hint: `commit them inside: devkit exec ${String(agent.index)} -- git add -A`,
  });
}
