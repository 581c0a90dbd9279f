import { expect, test } from "vitest";
import { createHealthStand } from "../../support/health-stand.js";
import { MACHINE_FAULTS } from "./faults-machine.js";
import { NETWORK_FAULTS } from "./faults-network.js";
import { WORK_FAULTS } from "./faults-work.js";
import { WORKTREE_FAULTS } from "./faults-worktrees.js";
import { CHECKS } from "../../../../src/app/health/checks.js";

const LEFT_FAULTS = [...WORKTREE_FAULTS, ...WORK_FAULTS, ...NETWORK_FAULTS];
const ALL = [...MACHINE_FAULTS, ...LEFT_FAULTS];

test.each(ALL)("$check: $fault", async ({ check, plant, found, fix, verdict, action, undo }) => {
  const stand = await createHealthStand();
  expect(await stand.troubles(check)).toEqual([]);
  await plant(stand);
  const [first, ...others] = await stand.troubles(check);
  expect(others).toEqual([]);
  expect(first?.found).toMatch(found);
  if (fix !== undefined) expect(first?.fix).toMatch(fix);
  if (verdict !== undefined) expect(first?.verdict).toBe(verdict);
  if (action === undefined) {
    expect(first?.repair).toBeUndefined();
    await undo?.(stand);
  } else {
    expect(first?.repair).toMatch(action);
    const { actions } = await stand.repair({ apply: true });
    expect(actions.map(({ error }) => error)).toEqual(actions.map(() => undefined));
    expect(actions.map((one) => one.action)).toContainEqual(expect.stringMatching(action));
  }
  expect(await stand.troubles(check)).toEqual([]);
  // What was mended has broken nothing else.
  expect((await stand.doctor()).filter((one) => one.verdict === "failed")).toEqual([]);
});

test("every check is seen to fail", () => {
  const planted = new Set(ALL.map(({ check }) => check));
  expect(CHECKS.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
});

test.each(LEFT_FAULTS.filter(({ action }) => action !== undefined))(
  "repair says, and with --apply does, the same about $check: $fault",
  async ({ plant, found, action }) => {
    const stand = await createHealthStand();
    await plant(stand);
    const reconciled = CHECKS.filter(({ isReconciled }) => isReconciled);
    const planned = await stand.repair({ apply: false, checks: reconciled });
    const wanted = planned.actions.find((one) => action?.test(one.action) === true);
    expect([wanted?.done, wanted?.reasons.join("\n")]).toEqual([false, expect.stringMatching(found)]);
    const { actions } = await stand.repair({ apply: true, checks: reconciled });
    expect(actions.find((one) => one.action === wanted?.action)?.done).toBe(true);
    expect((await stand.repair({ apply: false, checks: reconciled })).actions).toEqual([]);
  },
);
