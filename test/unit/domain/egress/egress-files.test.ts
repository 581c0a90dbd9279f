import { describe, expect, test } from "vitest";
import {
  egressFiles,
  GENERATION_FILE,
  type EgressAgent,
  type EgressDescription,
} from "../../../../src/domain/egress/egress-files.js";

const AGENT: EgressAgent = {
  name: "agent-1",
  address: "10.213.0.2",
  client: "10.213.0.0/29",
  rules: [
    { target: "^github\\.com:443$", until: 0 },
    { target: "^example\\.com:443$", until: 1_900_000_000 },
  ],
  names: [{ name: "*.github.com", until: 0 }],
};
const OTHER: EgressAgent = { ...AGENT, name: "agent-2", address: "10.213.0.10", client: "10.213.0.8/29" };
const DESCRIPTION: EgressDescription = {
  agents: [AGENT, OTHER],
  blocked: ["192.0.2.2", "198.51.100.7"],
  private: ["npm.example.com", "mirror.example.com"],
};

const generation = (description: EgressDescription) => egressFiles(description).get(GENERATION_FILE);
const fileOf = (change: Partial<EgressAgent>, file: string) =>
  egressFiles({ agents: [{ ...AGENT, ...change }], blocked: [], private: [] }).get(`agents/agent-1/${file}`);

describe("the policy directory", () => {
  test("holds what every part is told, one thing per line, and the generation last", () => {
    const files = egressFiles(DESCRIPTION);
    expect([...files.keys()]).toEqual([
      "resolv.conf",
      "resolver",
      "private",
      ...["agent-1", "agent-2"].flatMap((name) =>
        ["address", "client", "allow", "names", "denied.html"].map((file) => `agents/${name}/${file}`),
      ),
      "generation",
    ]);
    expect(files.get("resolv.conf")).toMatch(/^nameserver 127\.0\.0\.1\n/);
    expect(files.get("resolver")?.split("\n")).toEqual(
      expect.arrayContaining(["192.0.2.2", "198.51.100.7", "100.64.0.0/10", "224.0.0.0/4", "64:ff9b::/96"]),
    );
    expect(files.get("private")).toBe("mirror.example.com\nnpm.example.com\n");
    expect(files.get("agents/agent-2/address")).toBe("10.213.0.10\n");
    expect(files.get("agents/agent-2/client")).toBe("10.213.0.8/29\n");
    expect(files.get("agents/agent-1/allow")).toBe("1900000000 ^example\\.com:443$\n0 ^github\\.com:443$\n");
    expect(files.get("agents/agent-1/names")).toBe("0 *.github.com\n");
  });

  test("is one that says nothing for nobody", () => {
    const files = egressFiles({ agents: [], blocked: [], private: [] });
    expect([...files.keys()]).toEqual(["resolv.conf", "resolver", "private", "generation"]);
    expect(fileOf({ rules: [], names: [] }, "allow")).toBe("");
  });

  test("says a name that may be private once", () => {
    const names = ["b.example.com", "a.example.com", "b.example.com"];
    expect(egressFiles({ ...DESCRIPTION, private: names }).get("private")).toBe(
      "a.example.com\nb.example.com\n",
    );
  });

  test("names a rule once, with the longest time that was given for it", () => {
    const target = "^a\\.b:443$";
    const withEnds = (...ends: number[]) =>
      fileOf({ rules: ends.map((until) => ({ target, until })) }, "allow");
    expect(withEnds(5, 9, 7)).toBe(`9 ${target}\n`);
    expect(withEnds(9, 0, 7)).toBe(`0 ${target}\n`);
    expect(withEnds(0, 9)).toBe(`0 ${target}\n`);
  });

  test.each(["", "a b", "a\nb", "#x", "a#x", "ä", "a\tb", "x".repeat(501)])(
    "never holds a rule that tinyproxy would read as another one: %j",
    (target) => {
      expect(() => fileOf({ rules: [{ target, until: 0 }] }, "allow")).toThrow("not a rule");
      expect(() => fileOf({ names: [{ name: target, until: 0 }] }, "names")).toThrow("not a rule");
    },
  );
});

describe("the page of a refusal", () => {
  test("says what was refused, to whom, and what its owner would type", () => {
    const page = fileOf({}, "denied.html") ?? "";
    expect(page).toContain("agent-1 may not reach {url}");
    expect(page).toContain("devkit allow {url} --agent agent-1\n");
    expect(page).toContain("$DEVKIT_POLICY");
  });

  test("has no other braces, which tinyproxy would take for a variable", () => {
    expect(fileOf({}, "denied.html")?.replaceAll("{url}", "")).not.toMatch(/[{}]/);
  });
});

describe("the generation", () => {
  test("is the same for the same policy, in whatever order it comes", () => {
    const mixed = {
      agents: [OTHER, { ...AGENT, rules: AGENT.rules.toReversed() }],
      blocked: DESCRIPTION.blocked.toReversed(),
      private: DESCRIPTION.private.toReversed(),
    };
    expect(generation(mixed)).toBe(generation(DESCRIPTION));
    expect(generation(DESCRIPTION)).toMatch(/^[0-9a-f]{32}\n$/);
  });

  test.each<[string, EgressDescription]>([
    ["an agent less", { ...DESCRIPTION, agents: [AGENT] }],
    ["an agent's name", { ...DESCRIPTION, agents: [{ ...AGENT, name: "agent-3" }, OTHER] }],
    ["an address", { ...DESCRIPTION, agents: [{ ...AGENT, address: "10.213.0.3" }, OTHER] }],
    ["the clients", { ...DESCRIPTION, agents: [{ ...AGENT, client: "10.213.0.0/28" }, OTHER] }],
    ["a rule", { ...DESCRIPTION, agents: [{ ...AGENT, rules: AGENT.rules.slice(1) }, OTHER] }],
    [
      "a time",
      { ...DESCRIPTION, agents: [{ ...AGENT, names: [{ name: "*.github.com", until: 1 }] }, OTHER] },
    ],
    ["whose rules they are", { ...DESCRIPTION, agents: [{ ...AGENT, rules: [] }, OTHER] }],
    ["a blocked address", { ...DESCRIPTION, blocked: ["192.0.2.2"] }],
    ["a name that may be private", { ...DESCRIPTION, private: ["npm.example.com"] }],
  ])("changes with %s", (_, changed) => {
    expect(generation(changed)).not.toBe(generation(DESCRIPTION));
  });
});
