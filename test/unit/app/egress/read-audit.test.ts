import { beforeEach, describe, expect, test } from "vitest";
import { followAudit, readAudit, type AuditRequest } from "../../../../src/app/egress/read-audit.js";
import { waitFor } from "../../../../src/base/wait.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import type { AuditEntry } from "../../../../src/domain/egress/audit.js";
import { egressPaths } from "../../../../src/domain/identity/project.js";
import { createWorld, type World } from "../../fakes/world.js";
import { upIn } from "../../support/egress.js";
import { errorOf } from "../../support/temp.js";
import { PROJECT } from "../../support/things.js";

let world: World;

beforeEach(async () => {
  world = createWorld();
  await upIn(world, 2);
});

const line = (at: number, agent: number, verdict: string, target: string, count = 1) =>
  `${String(1_800_000_000_000 + at)}\tagent-${String(agent)}\tproxy\t${verdict}\t${target}\t${String(count)}\n`;
const write = (owner: number | undefined, ...lines: string[]) =>
  world.egress.audits.set(
    egressPaths(PROJECT, owner === undefined ? undefined : agentAt(owner)).audit,
    lines.join(""),
  );

const ALL: AuditRequest = { selector: undefined, denied: false };
const read = async (request: Partial<AuditRequest> = {}) =>
  (await readAudit(world.deps, { ...ALL, ...request })).map(({ agent, target }) => `${agent} ${target}`);

describe("the audit", () => {
  test("is that of all egress containers, by time", async () => {
    write(undefined, line(1, 1, "allowed", "a:443"), line(5, 2, "denied", "b:443"));
    write(7, line(3, 7, "denied", "c:443"));
    expect(await read()).toEqual(["agent-1 a:443", "agent-7 c:443", "agent-2 b:443"]);
  });

  test("of one agent, and of what did not get through", async () => {
    write(
      undefined,
      line(1, 1, "allowed", "a:443"),
      line(2, 1, "failed", "b:443"),
      line(3, 2, "denied", "c:443"),
    );
    expect(await read({ selector: "1" })).toEqual(["agent-1 a:443", "agent-1 b:443"]);
    expect(await read({ denied: true })).toEqual(["agent-1 b:443", "agent-2 c:443"]);
    expect(await read({ selector: "agent-1", denied: true })).toEqual(["agent-1 b:443"]);
  });

  test("of an agent that is gone is still there; of one there never was is a failure", async () => {
    write(undefined, line(1, 9, "denied", "a:443"));
    expect(await read({ selector: "9" })).toEqual(["agent-9 a:443"]);
    expect(await read({ selector: "2" })).toEqual([]);
    expect(await errorOf(read({ selector: "8" }))).toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
  });

  test("leaves out what is no line of the supervisor's", async () => {
    write(undefined, "half a line\n", line(1, 1, "denied", "a:443"), "1800000000000\tagent-1\tproxy\tden");
    expect(await read()).toEqual(["agent-1 a:443"]);
  });
});

describe("following it", () => {
  const follow = (request: Partial<AuditRequest> = {}) => {
    const told: AuditEntry[] = [];
    const stop = new AbortController();
    const ended = followAudit(world.deps, { ...ALL, ...request }, stop.signal, (entry) => told.push(entry));
    const until = (count: number) =>
      waitFor(() => Promise.resolve(told.length >= count ? true : undefined), {
        deadlineMs: 10_000,
        what: `${String(count)} entries`,
      });
    /** What it has read once is what it knows. */
    const looks = async () => {
      let reads = 0;
      const { readAudit: original } = world.egress;
      world.egress.readAudit = (paths) => {
        reads += 1;
        return original(paths);
      };
      await waitFor(() => Promise.resolve(reads >= 2 ? true : undefined), {
        deadlineMs: 10_000,
        what: "looks",
      });
      world.egress.readAudit = original;
    };
    return { told, until, looks, end: () => (stop.abort(), ended) };
  };

  test("tells what comes from now on, once, also when the log is cut meanwhile", async () => {
    const old = line(1, 1, "denied", "old:443");
    write(undefined, old);
    const { told, until, looks, end } = follow();
    await looks();
    write(undefined, old, line(2, 1, "denied", "new:443"));
    await until(1);
    write(undefined, line(2, 1, "denied", "new:443"), line(3, 2, "allowed", "next:443"));
    await until(2);
    await looks();
    await end();
    expect(told.map(({ target }) => target)).toEqual(["new:443", "next:443"]);
  });

  test("tells the same line twice when it is there twice", async () => {
    const same = line(1, 1, "denied", "same:443");
    write(undefined, same);
    const { told, until, looks, end } = follow();
    await looks();
    write(undefined, same, same);
    await until(1);
    await looks();
    await end();
    expect(told).toHaveLength(1);
  });

  test("tells only what was asked for, and ends at once with its signal", async () => {
    const { told, until, looks, end } = follow({ selector: "2", denied: true });
    await looks();
    const wanted = line(3, 2, "denied", "c:443");
    write(undefined, line(1, 1, "denied", "a:443"), line(2, 2, "allowed", "b:443"), wanted);
    await until(1);
    await end();
    expect(told.map(({ target }) => target)).toEqual(["c:443"]);
  });
});
