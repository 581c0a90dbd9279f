import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEgressStand, NAMES, rule, type EgressStand } from "../support/egress-stand.js";

let stand: EgressStand;
const allowed = `${NAMES.allowed}:443`;
const other = `${NAMES.other}:443`;
const nowSeconds = () => Math.floor(Date.now() / 1000);
const connects = async (index: number, target: string) => {
  const { status } = await stand.client(index, "connect", target);
  return status;
};
const raw = (text: string) => Buffer.from(text, "latin1").toString("base64");

beforeAll(async () => {
  stand = await createEgressStand(3, { late: 1 });
  await stand.apply({ "agent-1": { rules: [rule(NAMES.allowed)] }, "agent-2": {} });
});
afterAll(() => stand?.remove());

describe("an agent's proxy", () => {
  test("connects to what is allowed and refuses the rest with a page that says how to allow it", async () => {
    await stand.apply({ "agent-1": { rules: [rule(NAMES.allowed)] }, "agent-2": {} });
    expect(await stand.client(1, "connect", allowed)).toMatchObject({ status: 200, echo: true });
    const denied = await stand.client(1, "connect", other);
    expect(denied).toMatchObject({ status: 403 });
    expect(denied.head).toMatch(/^HTTP\/1\.1 403 Filtered/);
    expect(denied.body).toContain("agent-1 may not reach other.test:443");
    expect(denied.body).toMatch(/^ {2}devkit allow \S+:443 --agent agent-1$/m);
  });

  test("goes by the agent's own rules", async () => {
    await stand.apply({
      "agent-1": { rules: [rule(NAMES.allowed)] },
      "agent-2": { rules: [{ target: "^([a-z0-9_-]+\\.)+wild\\.test:443$", until: 0 }] },
    });
    expect(await connects(1, allowed)).toBe(200);
    expect(await connects(2, allowed)).toBe(403);
    expect(await connects(2, `${NAMES.wild}:443`)).toBe(200);
    expect(await connects(2, "wild.test:443")).toBe(403);
    expect(await connects(1, `${NAMES.wild}:443`)).toBe(403);
  });

  test("cannot be talked into anything else by how the request is written", async () => {
    await stand.apply({ "agent-1": { rules: [rule(NAMES.allowed)] }, "agent-2": {} });
    const internet = stand.internet;
    const requests = [
      ...[
        "allowed.test:22",
        "allowed.test",
        "allowed.test.:443",
        "allowed.test:443.evil.test:443",
        "evil.test@allowed.test:443",
        "allowed.test:443@evil.test:443",
        "evilallowed.test:443",
        "allowed.test.evil.test:443",
        "allowedXtest:443",
        "http://allowed.test:443",
        "http://allowed.test:443/",
        "allowed.test:65979",
        "allowed.test%00.evil.test:443",
        "allowed.test\t:443",
        `${internet}:443`,
        "[::1]:443",
        "0:443",
        "127.0.0.1:8888",
        "2130706433:443",
      ].map((target) => `CONNECT ${target} HTTP/1.1\r\nHost: allowed.test:443\r\n\r\n`),
      "GET allowed.test:443 HTTP/1.1\r\nHost: allowed.test:443\r\n\r\n",
      "GET / HTTP/1.0\r\nHost: allowed.test:443\r\n\r\n",
      "GET http://allowed.test:443/ HTTP/1.1\r\nHost: allowed.test:443\r\n\r\n",
      "GET http://allowed.test/ HTTP/1.1\r\n\r\n",
      `GET http://${internet}:443/ HTTP/1.1\r\nHost: allowed.test:443\r\n\r\n`,
      "GET http://tinyproxy.stats/ HTTP/1.1\r\n\r\n",
      "CONNECT\r\n\r\n",
      "\x00CONNECT allowed.test:443 HTTP/1.1\r\n\r\n",
      "connect allowed.test:443 HTTP/1.1\r\n\r\n",
    ];
    for (const request of requests) {
      const { status } = await stand.client(1, "raw", raw(request));
      expect({ request, connected: status === 200 }).toEqual({ request, connected: false });
    }
    expect(await connects(1, "ALLOWED.test:443")).toBe(200);
  }, 60_000);

  test("serves nobody but its agent", async () => {
    const request = raw(`CONNECT ${allowed} HTTP/1.1\r\n\r\n`);
    const { status } = await stand.client(2, "raw", request, stand.address(1));
    expect(status).toBe(0);
    // Were there a way to it, the proxy would still look at who asks.
    const asNeighbour = `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "${stand.address(2)}",
      PeerAddr => "${stand.address(1)}:8888") or die $!; print $s "CONNECT ${allowed} HTTP/1.1\\r\\n\\r\\n"; shutdown $s, 1; print <$s>'`;
    expect(await stand.inside(asNeighbour)).toContain("403 Access denied");
  });

  test("never connects to an allowed name that points at something private", async () => {
    const { allowed: _, other: __, wild: ___, ...bad } = NAMES;
    const rules = Object.values(bad).map((host) => rule(host));
    await stand.apply({ "agent-1": { rules }, "agent-2": {} });
    for (const host of Object.values(bad)) {
      expect({ host, status: await connects(1, `${host}:443`) }).toEqual({ host, status: 500 });
    }
    await stand.until("the audit", async () =>
      (await stand.audit()).some(({ target }) => target === "own.test:443"),
    );
    expect(await stand.errors()).toContain("possible DNS-rebind attack detected: ");
    const failed = (await stand.audit()).filter(({ verdict }) => verdict === "failed");
    expect(new Set(failed.map(({ target }) => target))).toEqual(
      new Set(Object.values(bad).map((host) => `${host}:443`)),
    );
  });
});

describe("an agent's DNS", () => {
  test("says at once that it knows no name, allowed or not", async () => {
    await stand.apply({ "agent-1": { rules: [rule(NAMES.allowed)] }, "agent-2": {} });
    for (const [name, type] of [
      [NAMES.allowed, "1"],
      [NAMES.allowed, "28"],
      ["exfil.evil.test", "16"],
      ["agent-2", "1"],
    ] as const) {
      const answer = await stand.client(1, "dns", name, type);
      expect(answer).toMatchObject({ rcode: 3, count: 0 });
      expect(answer.ms).toBeLessThan(500);
    }
  });

  test("answers the names of its agent and nothing above or below them", async () => {
    await stand.apply({
      "agent-1": {
        names: [
          { name: NAMES.allowed, until: 0 },
          { name: "*.wild.test", until: 0 },
        ],
      },
      "agent-2": { names: [{ name: "*", until: 0 }] },
    });
    const answers = async (index: number, name: string) => {
      const { rcode, addresses } = await stand.client(index, "dns", name);
      return rcode === 0 ? addresses : rcode;
    };
    expect(await answers(1, NAMES.allowed)).toBe(stand.internet);
    expect(await answers(1, NAMES.wild)).toBe(stand.internet);
    for (const name of [
      "data.allowed.test",
      "a.b.allowed.test",
      "xallowed.test",
      "wild.test",
      "test",
      "other.test",
    ]) {
      expect({ name, answer: await answers(1, name) }).toEqual({ name, answer: 3 });
    }
    expect(await answers(2, "other.test")).toBe(stand.internet);
    expect(await stand.client(2, "dns", NAMES.private)).toMatchObject({ count: 0 });
    await stand.apply({ "agent-1": {}, "agent-2": {} });
    expect(await answers(1, NAMES.allowed)).toBe(3);
    expect(await answers(2, NAMES.other)).toBe(3);
  });
});

describe("a change of policy", () => {
  test("takes hold within a second, and fifty live tunnels do not notice", async () => {
    const both = { "agent-1": { rules: [rule(NAMES.allowed), rule(NAMES.other)] }, "agent-2": {} };
    const one = { "agent-1": { rules: [rule(NAMES.allowed)] }, "agent-2": {} };
    await stand.apply(one);
    const tunnels = stand.converse(1, "tunnels", allowed, "50");
    expect(await tunnels.next()).toMatchObject({ live: 50 });

    const allowing = stand.client(1, "until", other, "200");
    await stand.until("a first refusal", async () =>
      (await stand.audit()).some(({ target }) => target === other),
    );
    const allowedAt = Date.now();
    await stand.write(both);
    await stand.signal("USR1");
    expect((await allowing).at - allowedAt).toBeLessThan(1000);

    const denying = stand.client(1, "until", other, "403");
    await stand.until("a tunnel", async () =>
      (await stand.audit()).some(({ target, verdict }) => target === other && verdict === "allowed"),
    );
    const deniedAt = Date.now();
    await stand.write(one);
    await stand.signal("USR1");
    expect((await denying).at - deniedAt).toBeLessThan(1000);

    for (let round = 0; round < 10; round++) await stand.apply(round % 2 === 0 ? both : one);
    expect(await tunnels.ask()).toEqual({ live: 50 });
    await tunnels.end();
  });

  test("that ends by itself does so at its second, without the host", async () => {
    const until = nowSeconds() + 3;
    await stand.apply({
      "agent-1": {
        rules: [rule(NAMES.allowed), rule(NAMES.other, until)],
        names: [{ name: NAMES.other, until }],
      },
      "agent-2": {},
    });
    expect(await connects(1, other)).toBe(200);
    expect(await stand.client(1, "dns", NAMES.other)).toMatchObject({ rcode: 0 });
    const { at } = await stand.client(1, "until", other, "403");
    expect(at).toBeGreaterThanOrEqual(until * 1000);
    expect(at).toBeLessThan(until * 1000 + 1000);
    expect(await connects(1, allowed)).toBe(200);
    await stand.until("the name's end", async () => (await stand.client(1, "dns", NAMES.other)).rcode === 3);
  });

  test.each(["*a", "a{1", "(a", "x".repeat(600), "a b"])(
    "with the rule %j harms nothing, and what it takes away is gone",
    async (bad) => {
      await stand.apply({ "agent-1": { rules: [rule(NAMES.allowed), rule(NAMES.other)] }, "agent-2": {} });
      const proxies = await stand.pids("tinyproxy");
      const tunnels = stand.converse(1, "tunnels", allowed, "5");
      expect(await tunnels.next()).toMatchObject({ live: 5 });
      const generation = `bad-${String(bad.length)}-${String(Date.now())}`;
      await stand.writePolicyFile(
        "agents/agent-1/allow",
        `0 ^allowed\\.test:443$\n0 ${bad}\n0 ^deep\\.wild\\.test:443$\n`,
      );
      await stand.writePolicyFile("generation", `${generation}\n`);
      await stand.signal("USR1");
      await stand.until(
        "the problem",
        async () => (await stand.log("problems"))?.startsWith(generation) === true,
      );
      expect(await stand.log("problems")).toContain("agent-1\t");
      await stand.until("the end of what was taken away", async () => (await connects(1, other)) === 403);
      expect(await connects(1, allowed)).toBe(200);
      expect(await connects(1, `${NAMES.wild}:443`)).toBe(403);
      expect((await stand.log("applied")) ?? "").not.toContain(generation);
      expect(await tunnels.ask()).toEqual({ live: 5 });
      expect(await stand.pids("tinyproxy")).toEqual(proxies);
      await tunnels.end();
      await stand.apply({ "agent-1": { rules: [rule(NAMES.other)] }, "agent-2": {} });
      expect(await stand.log("problems")).toBeUndefined();
      expect(await connects(1, other)).toBe(200);
    },
  );

  test("with addresses that are none harms nothing", async () => {
    await stand.apply({ "agent-1": { rules: [rule(NAMES.allowed)] }, "agent-2": {} });
    const generation = `addresses-${String(Date.now())}`;
    await stand.writePolicyFile("resolver", "999.1.1.1\n10.0.0.0/99\n::::\n--help\n100.64.0.0/10\n");
    await stand.writePolicyFile("agents/agent-2/client", "10.0.0.0/33\n");
    await stand.writePolicyFile("generation", `${generation}\n`);
    await stand.signal("USR1");
    await stand.until(
      "the problems",
      async () => (await stand.log("problems"))?.startsWith(generation) === true,
    );
    const problems = await stand.log("problems");
    for (const bad of ["999.1.1.1", "10.0.0.0/99", "::::", "--help", "agent-2"])
      expect(problems).toContain(bad);
    expect(problems).not.toContain("100.64");
    await stand.until("the resolver", async () => (await connects(1, allowed)) === 200);
    expect(await stand.isRunning()).toBe(true);
  });

  test("removes the listeners of an agent that is gone, and brings those of one whose network comes later", async () => {
    const policy = { rules: [rule(NAMES.allowed)] };
    await stand.apply({ "agent-1": policy });
    expect(await stand.client(2, "connect", allowed)).toMatchObject({ error: "ECONNREFUSED" });
    const generation = await stand.write({ "agent-1": policy, "agent-2": policy, "agent-3": policy });
    await stand.signal("USR1");
    await stand.until("agent 2", async () => (await connects(2, allowed)) === 200);
    await stand.until("the reason", async () => (await stand.log("problems"))?.includes("agent-3") === true);
    expect(await stand.log("problems")).toContain(`its address ${stand.address(3)} is not there`);
    const tunnels = stand.converse(1, "tunnels", allowed, "50");
    expect(await tunnels.next()).toMatchObject({ live: 50 });
    await stand.attach(3);
    await stand.until("agent 3", async () => (await stand.log("applied"))?.trim() === generation);
    expect(await connects(3, allowed)).toBe(200);
    expect(await stand.log("problems")).toBeUndefined();
    expect(await tunnels.ask()).toEqual({ live: 50 });
    await tunnels.end();
  });
});
