import { afterAll, beforeAll, expect, test } from "vitest";
import { agentsOf } from "../support/sandbox.js";
import { liveHostDay, openArena, type Arena, type HostileAct } from "./attack.js";
import { createAttack } from "./hostile-agent.js";

/** One agent for each act and one more that nobody may touch; then everything devkit and the host do with all of them. */
export function defineAttacks(acts: readonly HostileAct[]): void {
  const bystander = acts.length + 1;
  let arena: Arena;

  beforeAll(async () => {
    arena = await openArena(await createAttack(bystander), bystander);
  });

  afterAll(() => arena.remove());

  test.each(acts.map((act, position) => ({ ...act, index: position + 1 })))("$name", async (act) => {
    await arena.perform(act.index, act);
    if (act.bundle !== undefined) await arena.answerBundle(act.index, act.bundle);
    const { exitCode, stderr } = await arena.ask("agent", "sync", String(act.index));
    if (act.refused !== undefined) expect(exitCode !== 0, stderr).toBe(act.refused);
  });

  test("nothing of it harms the host, however often the host looks", async () => {
    for (const args of [["status"], ["diff"], ["conflicts"]]) await arena.ask("agent", ...args);
    await liveHostDay(
      arena,
      arena.repo,
      acts.map((_, position) => arena.worktreeOf(position + 1)),
    );
    await arena.expectUnharmed();
  });

  test("nor when they are stopped and started", async () => {
    await arena.ask("agent", "down");
    await arena.ask("agent", "up", String(bystander));
    await arena.ask("agent", "list");
    await arena.expectUnharmed();
  });

  test("the other agent works as if nothing were wrong", async () => {
    const script = "git commit -q --allow-empty -m mine && git rev-parse HEAD";
    const { stdout } = await arena.inside(bystander, script);
    expect(agentsOf(await arena.json("agent", "status", String(bystander)))[0]?.sync).toBe("updated");
    expect(await arena.git("rev-parse", `agent/agent-${String(bystander)}/idle`)).toBe(stdout);
  });
}
