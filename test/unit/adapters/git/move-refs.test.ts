import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createGitHistory } from "../../../../src/adapters/git/history.js";
import type { History } from "../../../../src/app/ports.js";
import type { RefUpdate } from "../../../../src/domain/custody/sync-plan.js";
import { createRepo, type Repo } from "../../support/repo.js";

const IDLE = "refs/heads/agent/agent-1/idle";
const OTHER = "refs/heads/agent/agent-1/other";

let host: Repo;
let history: History;
let base: string;

beforeEach(async () => {
  host = await createRepo();
  base = await host.git("rev-parse", "HEAD");
  await host.git("update-ref", IDLE, base);
  history = createGitHistory(host);
});

/** A commit that no ref has yet. */
const commit = (message: string, parent = base) =>
  host.git("commit-tree", `${base}^{tree}`, "-p", parent, "-m", message);

const update = (to: string, oid: string, hostOid?: string, lastOid?: string): RefUpdate => ({
  from: to,
  to,
  oid,
  hostOid,
  agreed: lastOid === undefined ? [] : [lastOid],
});

const move = (updates: readonly RefUpdate[], held = new Map<string, string>()) =>
  history.moveRefs({ updates, held, keepAs: (ref) => `refs/devkit/trash/agent-1/now/${path.basename(ref)}` });

const at = (ref: string) => host.git("rev-parse", "-q", "--verify", ref).catch(() => "none");

test("forward, and to where there was nothing", async () => {
  const work = await commit("work");
  expect((await move([update(IDLE, work, base), update(OTHER, work)])).map(({ result }) => result)).toEqual([
    "moved",
    "moved",
  ]);
  expect([await at(IDLE), await at(OTHER)]).toEqual([work, work]);
});

test("not where the host has commits of its own; the others move", async () => {
  const [onHost, work] = [await commit("on the host"), await commit("in the agent")];
  await host.git("update-ref", IDLE, onHost);
  const moves = await move([update(IDLE, work, onHost, base), update(OTHER, work)]);
  expect(moves.map(({ result }) => result)).toEqual(["diverged", "moved"]);
  expect([await at(IDLE), await at(OTHER)]).toEqual([onHost, work]);
});

test("not where the host has simply more: that is the agent's to get", async () => {
  const onHost = await commit("on the host");
  await host.git("update-ref", IDLE, onHost);
  expect((await move([update(IDLE, base, onHost, base)])).map(({ result }) => result)).toEqual(["give"]);
  expect(await at(IDLE)).toBe(onHost);
});

describe("a branch that the agent has rewritten, and nobody else has built on", () => {
  test("moves, and the old tip is kept", async () => {
    const [first, amended] = [await commit("work"), await commit("amended")];
    await host.git("update-ref", IDLE, first);
    const [moved] = await move([update(IDLE, amended, first, first)]);
    expect(moved).toMatchObject({ result: "moved", keptAs: "refs/devkit/trash/agent-1/now/idle" });
    expect([await at(IDLE), await at("refs/devkit/trash/agent-1/now/idle")]).toEqual([amended, first]);
  });

  test("moves back to an earlier commit the same way", async () => {
    const first = await commit("work");
    await host.git("update-ref", IDLE, first);
    await move([update(IDLE, base, first, first)]);
    expect([await at(IDLE), await at("refs/devkit/trash/agent-1/now/idle")]).toEqual([base, first]);
  });
});

test("not a branch that is held; the reason is told", async () => {
  const work = await commit("work");
  const moves = await move([update(IDLE, work, base)], new Map([[IDLE, "it is checked out"]]));
  expect(moves).toMatchObject([{ result: "refused", reason: "it is checked out" }]);
  expect(await at(IDLE)).toBe(base);
});

test("a ref in the way of another's directory is refused alone, among many", async () => {
  await host.git("update-ref", "refs/heads/agent/agent-1/feature", base);
  const work = await commit("work");
  const many = Array.from({ length: 9 }, (_, n) => update(`${OTHER}-${String(n)}`, work));
  const bad = update("refs/heads/agent/agent-1/feature/part", work);
  const moves = await move([...many.slice(0, 4), bad, ...many.slice(4)]);
  expect(moves.filter(({ result }) => result !== "moved")).toMatchObject([{ to: bad.to, result: "refused" }]);
  for (const { to } of many) expect(await at(to)).toBe(work);
});

test("a ref that moved since it was looked at stays where it is", async () => {
  const [work, meanwhile] = [await commit("work"), await commit("meanwhile")];
  await host.git("update-ref", IDLE, meanwhile);
  const moves = await move([update(IDLE, work, base)]);
  expect(moves).toMatchObject([{ result: "refused" }]);
  expect(await at(IDLE)).toBe(meanwhile);
});
