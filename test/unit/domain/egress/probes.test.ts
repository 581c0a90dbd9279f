import { describe, expect, test } from "vitest";
import { formatProbes, hasProxyAnswered, judgeProbes } from "../../../../src/domain/egress/judge-probes.js";
import { parseHostPattern, type HostPattern } from "../../../../src/domain/egress/host-pattern.js";
import { planProbes, type Probe, type ProbePlan } from "../../../../src/domain/egress/probes.js";

const pattern = (text: string): HostPattern => {
  const parsed = parseHostPattern(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.pattern;
};

const PLAN: ProbePlan = {
  own: { gateway: "10.213.0.1", egress: "10.213.0.2" },
  hostAddresses: ["192.0.2.2", "172.17.0.1", "fd00::2", "fe80::1", "fe80::2"],
  neighbours: [
    { who: "agent-2", address: "10.213.0.11" },
    { who: "egress of agent-2", address: "10.213.0.10" },
  ],
  grants: [pattern("github.com"), pattern("*.example.net")],
  open: false,
  token: "devkit-probe-1",
};

const ids = (change: Partial<ProbePlan> = {}) => planProbes({ ...PLAN, ...change }).map(({ id }) => id);
const find = (id: string, change: Partial<ProbePlan> = {}): Probe => {
  const found = planProbes({ ...PLAN, ...change }).find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};
/** What the proxy is told by a probe, first lines. */
const requests = (probe: Probe) =>
  probe.attempts.map(
    (words) =>
      Buffer.from(words[3] ?? "", "hex")
        .toString("latin1")
        .split("\r\n", 1)[0],
  );

describe("what is tried", () => {
  test("every probe has a name of its own, and a way to be tried", () => {
    expect(new Set(ids()).size).toBe(ids().length);
    for (const { attempts } of planProbes(PLAN)) expect(attempts.length).toBeGreaterThan(0);
    expect(ids()).toEqual([
      ...["outside-tcp", "outside-udp", "outside-ping", "outside-ipv6", "metadata"],
      ...["gateway", "host-192.0.2.2", "host-172.17.0.1", "host-fd00::2", "host-link-local"],
      ...["agent-2-10.213.0.11", "egress-of-agent-2-10.213.0.10"],
      ...["dns-resolver", "dns-sink", "dns-direct"],
      ...["proxy-loopback", "proxy-metadata", "proxy-address", "proxy-stats", "proxy-denied-name"],
      ...["proxy-plain-http", "proxy-allowed-port", "proxy-disguise"],
    ]);
  });

  test("names are not resolved under profile open, where that is allowed, nor asked of the proxy", () => {
    expect(ids({ open: true })).toEqual(
      ids().filter((id) => !/^dns-(resolver|sink)$|^proxy-(denied|plain|allowed|disguise)/.test(id)),
    );
  });

  test("an agent without a network of its own is asked for everything that needs none", () => {
    expect(ids({ own: undefined }).filter((id) => id.startsWith("proxy-") || id === "dns-sink")).toEqual([]);
    expect(ids({ own: undefined })).toContain("gateway");
  });

  test("a name that the agent may resolve is no probe: another one is taken", () => {
    const asked = (grants: readonly string[]) =>
      new Set(find("dns-resolver", { grants: grants.map(pattern) }).attempts.map((words) => words[4]));
    expect(asked([])).toEqual(new Set(["example.com", "devkit-probe-1.example.com"]));
    expect(asked(["example.com"])).toEqual(new Set(["example.org", "devkit-probe-1.example.org"]));
    expect(asked(["*.example.com", "example.org"])).toEqual(new Set(["iana.org", "devkit-probe-1.iana.org"]));
    const all = ["example.com", "example.org", "iana.org", "wikipedia.org"].map(pattern);
    expect(ids({ grants: all })).not.toContain("dns-resolver");
  });

  test("names that the proxy must refuse are nobody's, so that a leak sends nothing to anybody", () => {
    for (const probe of ["proxy-denied-name", "proxy-plain-http"].map((id) => find(id))) {
      for (const line of requests(probe)) {
        if (line === "GET / HTTP/1.1") continue;
        expect(line?.toLowerCase()).toContain("devkit-probe-1.invalid");
      }
    }
  });

  test("an allowed name is tried on other ports, and as a disguise for one that is not", () => {
    expect(requests(find("proxy-allowed-port"))).toContain("CONNECT github.com:22 HTTP/1.1");
    expect(requests(find("proxy-disguise"))).toContain(
      "CONNECT github.com:443@devkit-probe-1.invalid:443 HTTP/1.1",
    );
    const wild = { grants: [pattern("*.example.net")] };
    expect(requests(find("proxy-allowed-port", wild))).toContain(
      "CONNECT devkit-probe-1.example.net:22 HTTP/1.1",
    );
    expect(ids({ grants: [] })).not.toContain("proxy-disguise");
  });

  test("link-local addresses are of no use to the proxy, and all together one probe", () => {
    expect(find("host-link-local").attempts).toEqual([
      ["tcp", "fe80::1", "22"],
      ["ping", "fe80::1"],
      ["tcp", "fe80::2", "22"],
      ["ping", "fe80::2"],
    ]);
    const lines = requests(find("proxy-address"));
    expect(lines).toContain("CONNECT [fd00::2]:443 HTTP/1.1");
    expect(lines.filter((line) => line?.includes("fe80"))).toEqual([]);
  });

  test("is told one line each, whatever is in a request", () => {
    const probes = planProbes(PLAN);
    const lines = formatProbes(probes, "10.213.0.3").split("\n");
    expect(lines.shift()).toBe("here\t10.213.0.3");
    expect(formatProbes(probes, undefined)).toMatch(/^0\.0\t/);
    expect(lines.pop()).toBe("");
    expect(lines).toHaveLength(probes.reduce((sum, { attempts }) => sum + attempts.length, 0));
    for (const line of lines) expect(line).toMatch(/^\d+\.\d+\t(tcp|ntp|ping|dns|proxy)\t[ -~\t]+$/);
  });
});

describe("what it comes to", () => {
  const HEARD: Probe = {
    ...{ id: "gateway", group: "host", leak: "heard", tried: "the gateway" },
    attempts: [
      ["tcp", "10.213.0.1", "22"],
      ["tcp", "10.213.0.1", "80"],
    ],
  };
  const RESOLVED: Probe = {
    ...{ id: "dns-resolver", group: "names", leak: "resolved", tried: "a name" },
    attempts: [["dns", "configured", "udp", "A", "example.com"]],
  };
  const PASSED: Probe = {
    ...{ id: "proxy-denied-name", group: "proxy", leak: "passed", tried: "a name" },
    attempts: [
      ["proxy", "10.213.0.2", "8888", Buffer.from("CONNECT x.invalid:443 HTTP/1.1\r\n").toString("hex")],
    ],
  };
  const judge = (probe: Probe, ...answers: string[]) => {
    const lines = answers.map((answer, number) => `0.${String(number)}\t${answer}\n`).join("");
    return judgeProbes([probe], `${lines}done\t${String(answers.length)}\n`)?.[0];
  };

  test.each([["silent\t10.213.0.1:22"], ["failed\t10.213.0.1:22\tNo route to host"]])(
    "nothing has come back: %s",
    (answer) => {
      expect(judge(HEARD, answer, answer)).toMatchObject({ id: "gateway", verdict: "blocked" });
    },
  );

  test.each([
    ["open\t10.213.0.1:22", "answered: 10.213.0.1:22"],
    ["answered\t10.213.0.1", "answered: 10.213.0.1"],
    ["refused\t10.213.0.1:22\tConnection refused", "refused, so packets arrive: 10.213.0.1:22"],
  ])("anything that comes back is a leak: %s", (answer, detail) => {
    expect(judge(HEARD, "silent\t10.213.0.1:80", answer)).toMatchObject({ verdict: "leaked", detail });
  });

  test.each([
    ["NXDOMAIN 0 answers 0 authority", "blocked"],
    ["SERVFAIL 0 answers 0 authority", "blocked"],
    ["REFUSED 0 answers 0 authority", "blocked"],
    // Somebody outside has said so.
    ["NXDOMAIN 0 answers 1 authority", "leaked"],
    ["NOERROR 1 answers 0 authority", "leaked"],
    ["NOERROR 0 answers 0 authority", "leaked"],
  ])("a name server that says %s: %s", (said, verdict) => {
    const result = judge(RESOLVED, `answered\t127.0.0.11:53/udp\t${said}`);
    expect(result?.verdict).toBe(verdict);
    if (verdict === "leaked") expect(result?.detail).toMatch(/^answered [A-Z]+ to A example\.com: 127/);
  });

  test.each([
    ["HTTP/1.0 403 Filtered", "blocked", "1 answered (HTTP/1.0 403 Filtered)"],
    ["HTTP/1.1 400 Bad Request", "blocked", "1 answered (HTTP/1.1 400 Bad Request)"],
    ["HTTP/1.0 200 OK", "leaked", "answered by the proxy with 200: CONNECT x.invalid:443"],
    [
      "HTTP/1.1 500 Unable to connect",
      "leaked",
      "allowed by the proxy's policy (500): CONNECT x.invalid:443",
    ],
    ["SSH-2.0-x", "leaked", 'answered by the proxy with "SSH-2.0-x": CONNECT x.invalid:443'],
  ])("a proxy that says %s: %s", (said, verdict, detail) => {
    expect(judge(PASSED, `answered\t10.213.0.2:8888\t${said}`)).toMatchObject({ verdict, detail });
  });

  test.each(["closed", "silent", "refused", "failed"])(
    "a proxy that is %s lets nothing through",
    (outcome) => {
      const result = judge(PASSED, `${outcome}\t10.213.0.2:8888`);
      expect(result?.verdict).toBe("blocked");
      expect(hasProxyAnswered(result === undefined ? [] : [result])).toBe(false);
    },
  );

  test("whether there is a proxy shows in any of its answers", () => {
    const result = judge(PASSED, "answered\t10.213.0.2:8888\tHTTP/1.0 403 Filtered");
    expect(hasProxyAnswered(result === undefined ? [] : [result])).toBe(true);
  });

  test.each([
    ["nothing", ""],
    ["no end", "0.0\tsilent\t10.213.0.1:22\n"],
    ["an end that has lost lines", "0.0\tsilent\t10.213.0.1:22\ndone\t2\n"],
    ["half an end", "0.0\tsilent\t10.213.0.1:22\ndone\t1"],
  ])("a program that says %s proves nothing", (_, output) => {
    expect(judgeProbes([HEARD], output)).toBeUndefined();
  });

  test("text from outside cannot move the terminal", () => {
    const result = judge(PASSED, "answered\t10.213.0.2:8888\tHI\u001b[2J");
    expect(result?.detail).not.toContain("\u001b");
  });
});
