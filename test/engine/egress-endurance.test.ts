import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEgressStand, NAMES, rule, type EgressStand } from "../support/egress-stand.js";

let stand: EgressStand;
const allowed = `${NAMES.allowed}:443`;
const other = `${NAMES.other}:443`;
const POLICY = { "agent-1": { rules: [rule(NAMES.allowed)] }, "agent-2": { rules: [rule(NAMES.allowed)] } };
const connects = async (index: number, target: string) => {
  const { status } = await stand.client(index, "connect", target);
  return status;
};
const raw = (text: string) => Buffer.from(text, "latin1").toString("base64");
const killed = (pids: string[]) => stand.inside(`kill -9 ${pids.join(" ")}`);

/** Empties the audit log when everything that was before is in it. */
async function clearAudit(): Promise<void> {
  const mark = `mark-${String(Date.now())}.test:443`;
  await connects(1, mark);
  await stand.until("the mark", async () => (await stand.audit()).some(({ target }) => target === mark));
  await stand.inside(": > /var/log/egress/audit.log; rm -f /var/log/egress/audit.1.log");
}

beforeAll(async () => {
  stand = await createEgressStand(2);
  await stand.apply(POLICY);
});
afterAll(() => stand?.remove());

describe("what dies is started again", () => {
  test("an agent's proxy, while the other's tunnels live on", async () => {
    const tunnels = stand.converse(2, "tunnels", allowed, "20");
    expect(await tunnels.next()).toMatchObject({ live: 20 });
    const proxies = await stand.pids("tinyproxy.*agent-1/");
    expect(proxies).toHaveLength(1);
    await killed(proxies);
    await stand.until("another proxy", async () => (await connects(1, allowed)) === 200);
    expect(await stand.pids("tinyproxy.*agent-1/")).not.toEqual(proxies);
    expect(await tunnels.ask()).toEqual({ live: 20 });
    await tunnels.end();
    expect(await stand.errors()).toContain("the proxy of agent-1 ended (signal 9)");
  });

  test("an agent's DNS and the resolver of all", async () => {
    await killed([
      ...(await stand.pids("dnsmasq.*cache-size=0")),
      ...(await stand.pids("dnsmasq.*stop-dns-rebind")),
    ]);
    await stand.until("the resolver", async () => (await connects(1, allowed)) === 200);
    await stand.until("DNS", async () => (await stand.client(1, "dns", "x.test")).rcode === 3);
  });

  test("the container, with what holds by then", async () => {
    await stand.signal("TERM");
    await stand.until("its end", async () => !(await stand.isRunning()));
    expect(await stand.exitCode()).toBe(0);
    const generation = await stand.write({ ...POLICY, "agent-1": { rules: [rule(NAMES.other)] } });
    await stand.start();
    await stand.until("the policy", async () => (await stand.log("applied"))?.trim() === generation);
    expect(await connects(1, other)).toBe(200);
    expect(await connects(1, allowed)).toBe(403);
    await stand.apply(POLICY);
  });

  test("but the container does not say that a policy is in force because it once was", async () => {
    await stand.signal("TERM");
    await stand.until("its end", async () => !(await stand.isRunning()));
    await stand.writePolicyFile("agents/agent-2/address", "10.255.255.254\n");
    await stand.start();
    await stand.until("the reason", async () => (await stand.log("problems"))?.includes("agent-2") === true);
    expect(await stand.log("applied")).toBeUndefined();
    expect(await connects(1, allowed)).toBe(200);
    await stand.write(POLICY);
    await stand.signal("USR1");
    await stand.until("all of it", async () => (await stand.log("applied")) !== undefined);
  });

  test("but a resolver that cannot be kept ends the container: nothing gets out without it", async () => {
    await stand.until("the end", async () => {
      if (!(await stand.isRunning())) return true;
      // Between two looks the container may end.
      await stand
        .inside(
          // The brackets: what looks must not find itself.
          "for i in 1 2 3 4 5; do for d in /proc/[0-9]*; do grep -qs stop-dns-[r]ebind $d/cmdline && kill -9 ${d#/proc/}; done; done; true",
        )
        .catch(() => undefined);
      return false;
    });
    expect(await stand.exitCode()).toBe(1);
    expect(await stand.log("applied")).toBeDefined();
    await stand.write(POLICY);
    await stand.start();
    await stand.until("all of it", async () => (await connects(1, allowed)) === 200);
  });
});

describe("one agent's load", () => {
  test("of 500 tunnels at once works", async () => {
    await stand.apply(POLICY);
    const tunnels = stand.converse(1, "tunnels", allowed, "500");
    expect(await tunnels.next()).toMatchObject({ live: 500 });
    expect(await tunnels.ask()).toEqual({ live: 500 });
    await tunnels.end();
  });

  test("of a hundred slow clients is not felt by the other, nor by itself", async () => {
    const slow = stand.converse(1, "slow", "100");
    expect(await slow.next()).toEqual({ open: 100 });
    expect(await connects(2, allowed)).toBe(200);
    expect(await connects(1, allowed)).toBe(200);
    expect(await slow.ask()).toEqual({ open: 100 });
    await slow.end();
  });

  test("that takes every connection there is cannot put off what its owner denies it", async () => {
    await stand.apply(POLICY);
    const slow = stand.converse(1, "slow", "700");
    await slow.next();
    expect(await connects(2, allowed)).toBe(200);
    const tookMs = await stand.apply({ ...POLICY, "agent-1": { rules: [] } });
    expect(tookMs).toBeLessThan(10_000);
    expect(await stand.errors()).toContain("the proxy of agent-1 does not answer");
    await slow.end();
    expect(await connects(1, allowed)).toBe(403);
  });
});

describe("the audit", () => {
  test("says who asked for what, how often, and what came of it", async () => {
    await stand.apply(POLICY);
    await clearAudit();
    const from = Date.now();
    const tunnels = stand.converse(1, "tunnels", allowed, "7");
    await tunnels.next();
    await tunnels.end();
    await stand.client(1, "connect", other);
    await stand.client(2, "connect", allowed);
    await stand.client(2, "dns", "exfil.evil.test");
    await stand.until("the last", async () => (await stand.audit()).some(({ kind }) => kind === "dns"));
    const entries = await stand.audit();
    for (const { atMs } of entries) {
      expect(atMs).toBeGreaterThanOrEqual(from);
      expect(atMs).toBeLessThanOrEqual(Date.now());
    }
    const counts = new Map<string, number>();
    for (const { agent, kind, verdict, target, count } of entries) {
      const key = [agent, kind, verdict, target].join(" ");
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
    expect(Object.fromEntries(counts)).toEqual({
      "agent-1 proxy allowed allowed.test:443": 7,
      "agent-1 proxy denied other.test:443": 1,
      "agent-2 proxy allowed allowed.test:443": 1,
      "agent-2 dns denied exfil.evil.test": 1,
    });
    expect(entries.length).toBeLessThan(7);
  });

  test("holds no more of what agents write than a line can take", async () => {
    const hostile = [
      "CONNECT \x1b[31mred\t1\nx:443 HTTP/1.1",
      'CONNECT a"\r b:443 HTTP/1.1',
      "Connect (file descriptor 4): 1.2.3.4",
      `CONNECT ${"y".repeat(2000)}:443 HTTP/1.1`,
      "CONNECT \xff\xfe\u0080:443 HTTP/1.1",
    ];
    await clearAudit();
    for (const request of hostile) await stand.client(1, "raw", raw(`${request}\r\n\r\n`));
    await stand.client(1, "dns", "a\tb.test");
    await stand.client(1, "dns", "a b from 1.2.3.4.test");
    await stand.until("the last", async () =>
      (await stand.audit()).some(({ target }) => target === "a b from 1.2.3.4.test"),
    );
    const text = (await stand.log("audit.log")) ?? "";
    expect(text).toMatch(/^[\t\n -~]*$/);
    const lines = text.split("\n").slice(0, -1);
    expect(lines).toHaveLength((await stand.audit()).length);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(360);
    expect(text).toContain("y".repeat(290));
  });

  test("is not filled by one agent at the cost of the other", async () => {
    await clearAudit();
    const flood = stand.client(1, "flood", "3000");
    expect(await connects(2, other)).toBe(403);
    expect(await flood).toEqual({ sent: 3000 });
    await stand.until("all of it", async () => {
      const mine = (await stand.audit()).filter(({ agent }) => agent === "agent-1");
      return mine.reduce((sum, { count }) => sum + count, 0) >= 3000;
    });
    const entries = await stand.audit();
    expect(entries.some(({ agent, target }) => agent === "agent-2" && target === other)).toBe(true);
    expect(entries.some(({ target, count }) => target === "(more)" && count > 100)).toBe(true);
    expect(entries.length).toBeLessThan(1000);
  });

  test("is bounded: one old file of 4 MiB is kept", async () => {
    await clearAudit();
    await stand.inside(
      "head -c 4194300 /dev/zero | tr '\\0' x > /var/log/egress/audit.log; echo >> /var/log/egress/audit.log",
    );
    await connects(1, other);
    await stand.until("a new file", async () => ((await stand.log("audit.log"))?.length ?? Infinity) < 1000);
    expect((await stand.log("audit.1.log"))?.length).toBe(4194301);
    expect((await stand.audit()).at(-1)).toMatchObject({ target: other });
  });
});
