import { DevkitError } from "../../base/errors.js";
import { isCalled } from "../../domain/agents/agent.js";
import { isPresent } from "../../domain/agents/observed.js";
import { parseTrashId, type TrashEntry } from "../../domain/custody/trash.js";
import { observe } from "../agents/observe.js";
import type { ProjectDeps } from "../ports.js";
import { finishRestore, finishTrash } from "./finish-trash.js";

/** What is in the trash, the newest first. */
export async function listTrash(
  deps: Pick<ProjectDeps, "trash">,
): Promise<{ readonly entry: TrashEntry; readonly bytes: number }[]> {
  const kept = await keptEntries(deps);
  return Promise.all(kept.map(async (entry) => ({ entry, bytes: await deps.trash.size(entry.id) })));
}

/**
 * Brings an agent back whole from the trash, the newest of that name, or the one of that id. It is not started.
 * @throws DevkitError E_TRASH_UNKNOWN (4), E_AGENT_EXISTS (5)
 */
export async function restoreAgent(deps: ProjectDeps, selector: string): Promise<TrashEntry> {
  await deps.state.prepare(deps.project);
  return deps.locks.hold("agents", async () => {
    const matches = matcher(selector);
    const finished = (await finishTrash(deps)).find(
      ({ stage, entry }) => stage === "restoring" && matches(entry),
    );
    if (finished !== undefined) return finished.entry;
    const kept = await keptEntries(deps);
    const entry = kept.find(matches);
    if (entry === undefined) throw unknown(selector, kept);
    await refuseExisting(deps, entry);
    await deps.trash.setStage({ entry, stage: "kept", inTrash: true }, "restoring");
    const step = deps.progress.step(entry.agent, "restoring");
    await finishRestore(deps, { entry, stage: "restoring", inTrash: true });
    step.done("restored");
    return entry;
  });
}

async function keptEntries({ trash }: Pick<ProjectDeps, "trash">): Promise<TrashEntry[]> {
  const kept = (await trash.list()).filter(({ stage, inTrash }) => stage === "kept" && inTrash);
  const timeOf = ({ id }: TrashEntry) => parseTrashId(id)?.time.getTime() ?? 0;
  return kept
    .map(({ entry }) => entry)
    .sort((a, b) => timeOf(b) - timeOf(a) || a.agent.index - b.agent.index);
}

function matcher(selector: string): (entry: TrashEntry) => boolean {
  return (entry) => entry.id === selector || isCalled(entry.agent, selector);
}

function unknown(selector: string, kept: readonly TrashEntry[]): DevkitError {
  const ids = kept.map(({ id }) => id);
  const what = `nothing in the trash is "${selector}"`;
  return new DevkitError("E_TRASH_UNKNOWN", ids.length === 0 ? `${what}; it is empty` : what, {
    hint: "see what there is: devkit agent restore --list",
    details: { asked: selector, trash: ids },
  });
}

async function refuseExisting(deps: ProjectDeps, { agent, id, branch }: TrashEntry): Promise<void> {
  const inPlace = (await observe(deps, [agent.index])).filter(
    (one) => one.agent.name === agent.name || one.agent.index === agent.index,
  );
  const there = inPlace.find(
    (one) => isPresent(one) || one.worktree.directory === "files" || one.state.home,
  )?.agent;
  if (there !== undefined) {
    throw new DevkitError(
      "E_AGENT_EXISTS",
      `there is ${there.name === agent.name ? "an " : ""}${there.name} now, in the place of ${id}`,
      {
        hint: `move that one to the trash first: devkit agent kill ${String(there.index)}; then: devkit agent restore ${id}`,
        details: { agent: there.name, id },
      },
    );
  }
  const user = (await deps.worktrees.list()).find((one) => branch !== undefined && one.branch === branch);
  if (user !== undefined) {
    throw new DevkitError("E_AGENT_EXISTS", `${user.path} is on ${branch ?? ""}, the branch of ${id}`, {
      hint: `let it go there first: git -C ${user.path} switch --detach; then: devkit agent restore ${id}`,
      details: { worktree: user.path, id },
    });
  }
}
