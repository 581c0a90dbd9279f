import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { pruneAll, sizeOf, type ReclaimRequest } from "../../../../src/app/reclaim/prune-all.js";
import { RECLAIM_KINDS } from "../../../../src/app/reclaim/reclaim-kinds.js";
import { DevkitError } from "../../../../src/base/errors.js";
import type { TrashEntry } from "../../../../src/domain/custody/trash.js";
import { egressPaths, trashPaths } from "../../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";
import { createWorld } from "../../fakes/world.js";
import { createRepo, type Repo } from "../../support/repo.js";
import { createRig, type Rig } from "../../support/worktrees.js";

let repo: Repo;
let rig: Rig;

beforeEach(async () => {
  repo = await createRepo();
  rig = await createRig(repo);
  rig.deps.project.roster = new Map();
});

const NOW = new Date(Date.UTC(2030, 5, 30));
const EXPIRED = "agent-8-20300101T000000Z";
const YOUNG = "agent-9-20300629T000000Z";

const prune = (change: Partial<ReclaimRequest> = {}, deps = rig.deps) =>
  pruneAll(deps, {
    ...{ settings: DEFAULT_SETTINGS, settingsOf: () => DEFAULT_SETTINGS, host: createWorld().host },
    ...{ base: "HEAD", prefix: undefined, kinds: RECLAIM_KINDS, apply: false, trash: false },
    ...{ patienceMs: 5000, now: NOW, signal: new AbortController().signal, ...change },
  });
const told = async (change: Partial<ReclaimRequest> = {}) =>
  (await prune(change)).items.map(({ kind, what, removed }) => `${kind} ${what}${removed ? " removed" : ""}`);

/** An agent in the trash, with a commit that is nowhere else. */
async function putInTrash(id: string, work: readonly string[]): Promise<void> {
  const { state } = trashPaths(rig.deps.project, id);
  await mkdir(path.join(state, "home"), { recursive: true });
  const [name = ""] = /^agent-\d/.exec(id) ?? [];
  const entry: TrashEntry = {
    ...{ id, agent: { index: Number(name.at(-1)), name }, branch: undefined, commit: undefined },
    ...{ keepsFiles: false, work },
  };
  await writeFile(path.join(state, "entry.json"), JSON.stringify(entry));
  const ref = `refs/devkit/trash/${name}/${id.slice(name.length + 1)}/heads/x`;
  await repo.git("update-ref", ref, "HEAD");
}
const trashRefs = () => repo.git("for-each-ref", "--format=%(refname)", "refs/devkit/trash");

/** One of everything that may go, and beside it what may not. */
async function fill(): Promise<void> {
  await rig.init(2);
  await writeFile(path.join(rig.at(2), "mine"), "x");
  await putInTrash(EXPIRED, ["1 commit of agent/agent-8/idle"]);
  await putInTrash(YOUNG, ["2 commits of agent/agent-9/idle"]);
  const kept = { kind: "agent", base: undefined, sizeBytes: 7000, createdAt: new Date(0) };
  rig.engine.kept.push({ ...kept, id: "sha256:old", references: ["devkit-agent:old"] });
  rig.engine.kept.push({ ...kept, id: "sha256:used", references: ["devkit-agent:used"] });
  rig.engine.imageUsers.push({
    ...{ imageId: "sha256:used", container: "c", agentName: undefined, root: undefined },
  });
  const logOf = (name: string) => egressPaths(rig.deps.project, { index: 0, name }).audit;
  const { audits } = rig.deps.egress as unknown as { readonly audits: Map<string, string> };
  for (const name of ["agent-2", "agent-9", "gone"]) audits.set(logOf(name), "x".repeat(50));
}

const LEFT = ["trash agent-8-20300101T000000Z", "worktree agent-1", "image devkit-agent:old", "log gone"];
const own = (lines: readonly string[]) => lines.filter((line) => !/image devkit-\w+:[0-9a-f]{12}/.test(line));

describe("what nobody needs any more", () => {
  test("is told with its size and why, and nothing is changed", async () => {
    await fill();
    const before = await trashRefs();
    expect(own(await told())).toEqual(LEFT);
    const { items, problems } = await prune();
    expect(problems).toEqual([]);
    for (const { size, reason } of items) expect([size?.isComplete, reason !== ""]).toEqual([true, true]);
    expect(items.find(({ what }) => what === "agent-1")?.size?.bytes).toBeGreaterThan(4096);
    expect(sizeOf(items).bytes).toBeGreaterThan(7000 + 4096);
    expect([await trashRefs(), existsSync(rig.at(1))]).toEqual([before, true]);
  });

  test("goes with --apply, once; what somebody has done stays", async () => {
    await fill();
    expect(own(await told({ apply: true }))).toEqual(LEFT.map((line) => `${line} removed`));
    expect(own(await told({ apply: true }))).toEqual([]);
    expect([existsSync(rig.at(1)), existsSync(path.join(rig.at(2), "mine"))]).toEqual([false, true]);
    expect(await trashRefs()).toContain("refs/devkit/trash/agent-9/20300629T000000Z/heads/x");
    expect(await trashRefs()).not.toContain("agent-8");
    expect(rig.engine.kept.map(({ id }) => id)).toEqual(["sha256:used"]);
  });

  test("is all of the trash only when that was asked for, and says what it has", async () => {
    await fill();
    const asked = { kinds: ["trash"], trash: true } as const;
    const { items } = await prune(asked);
    expect(items.map(({ reason }) => reason)).toEqual([
      "has been there for its time",
      "would be kept until 2030-07-29; it has 2 commits of agent/agent-9/idle",
    ]);
    expect(await told({ ...asked, apply: true })).toEqual([
      `trash ${EXPIRED} removed`,
      `trash ${YOUNG} removed`,
    ]);
    expect([await trashRefs(), await rig.deps.trash.ids()]).toEqual(["", []]);
  });

  test("is no agent whose removal was cut off", async () => {
    await putInTrash(EXPIRED, []);
    const { state } = trashPaths(rig.deps.project, EXPIRED);
    const entry = (await rig.deps.trash.list())[0]?.entry;
    await writeFile(path.join(state, "restoring.json"), JSON.stringify(entry));
    expect(await told({ kinds: ["trash"], trash: true, apply: true })).toEqual([]);
    expect(existsSync(state)).toBe(true);
  });
});

test("what cannot be looked at is told, and keeps nothing else from going", async () => {
  await fill();
  const listImages = () => Promise.reject(new DevkitError("E_ENGINE_UNAVAILABLE", "no engine"));
  const deps = { ...rig.deps, engine: { ...rig.engine, listImages } };
  const { items, problems } = await prune({ apply: true }, deps);
  expect(problems.map(({ kind, error }) => `${kind} ${error.code}`)).toEqual(["image E_ENGINE_UNAVAILABLE"]);
  expect(items.map(({ kind, removed }) => `${kind} ${String(removed)}`)).toEqual([
    ...["trash true", "worktree true", "log true"],
  ]);
});

test("an interrupt ends it", async () => {
  const signal = AbortSignal.abort(new DevkitError("E_INTERRUPTED", "interrupted"));
  await expect(prune({ apply: true, signal })).rejects.toThrow("interrupted");
});
