import { describe, expect, it } from "vitest";
import {
  formatHostPattern,
  parseHostPattern,
  type HostPattern,
} from "../../../../src/domain/egress/host-pattern.js";
import { policyEntries, askedPresets } from "../../../../src/domain/egress/entries.js";
import {
  effectivePolicy,
  type PolicyEntry,
  type PolicyRequest,
} from "../../../../src/domain/egress/policy.js";
import { policyText } from "../../../../src/domain/egress/policy-text.js";
import type { AskedPreset, PresetAnswer } from "../../../../src/domain/egress/presets.js";
import type { EgressRule } from "../../../../src/domain/egress/rules.js";

const NOW = 1_800_000_000;

function patternOf(host: string): HostPattern {
  const parsed = parseHostPattern(host);
  if (!parsed.ok) throw new Error(host);
  return parsed.pattern;
}

/** `deny a.example.com agent-2 +600`: for one agent, for ten minutes. */
function rule(text: string): EgressRule {
  const [action = "", host = "", ...more] = text.split(" ");
  const seconds = more.find((word) => /^[+-]/.test(word));
  return {
    action: action === "deny" ? "deny" : "allow",
    pattern: patternOf(host),
    agent: more.find((word) => word.startsWith("agent-")),
    until: seconds === undefined ? undefined : NOW + Number(seconds),
  };
}

function policyOf(entries: readonly string[], rules: readonly string[], more: Partial<PolicyRequest> = {}) {
  return effectivePolicy({
    entries: entries.map((host) => ({
      pattern: patternOf(host),
      origin: { from: "settings", place: "devkit.toml" },
    })),
    rules: rules.map(rule),
    agent: "agent-1",
    profiles: [],
    now: NOW,
    ...more,
  });
}

/** `a.example.com`, or with the seconds that are left. */
function names(
  entries: readonly string[],
  rules: readonly string[],
  more: Partial<PolicyRequest> = {},
): string[] {
  return policyOf(entries, rules, more).grants.map(({ pattern, until }) => {
    return `${formatHostPattern(pattern)}${until === undefined ? "" : ` +${String(until - NOW)}`}`;
  });
}

describe("effectivePolicy", () => {
  const settings = ["github.com", "a.example.com"];
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ["only the settings", settings, [], ["a.example.com", "github.com"]],
    ["nothing at all", [], [], []],
    ["the same twice", ["a.b.com", "a.b.com"], [], ["a.b.com"]],
    ["an allow", settings, ["allow x.org"], ["a.example.com", "github.com", "x.org"]],
    ["an allow for this agent", [], ["allow x.org agent-1"], ["x.org"]],
    ["an allow for another", [], ["allow x.org agent-2"], []],
    ["an allow for a while", [], ["allow x.org +600"], ["x.org +600"]],
    ["an allow that has expired", [], ["allow x.org -1", "allow y.org +0"], []],
    ["an allow for a while of what is allowed anyway", ["x.org"], ["allow x.org +600"], ["x.org"]],
    ["the later of two allows", [], ["allow x.org", "allow x.org +600"], ["x.org +600"]],
    [
      "a shorter allow for the agent, a longer for all",
      [],
      ["allow x.org", "allow x.org agent-1 +600"],
      ["x.org"],
    ],
    [
      "a longer allow for the agent, a shorter for all",
      [],
      ["allow x.org +60", "allow x.org agent-1"],
      ["x.org"],
    ],
    ["a deny of an entry", settings, ["deny github.com"], ["a.example.com"]],
    ["a deny of another agent", settings, ["deny github.com agent-2"], ["a.example.com", "github.com"]],
    ["a deny that has expired", settings, ["deny github.com -5"], ["a.example.com", "github.com"]],
    [
      "a deny of a wildcard over entries",
      ["example.com", "*.a.example.com", ...settings],
      ["deny *.example.com"],
      ["example.com", "github.com"],
    ],
    ["a deny of a wildcard entry", ["*.example.com", "example.com"], ["deny *.example.com"], ["example.com"]],
    ["a deny after an allow", [], ["allow x.org", "deny x.org"], []],
    ["an allow after a deny", ["x.org"], ["deny x.org", "allow x.org"], ["x.org"]],
    ["a narrow allow after a wide deny", [], ["deny *.x.org", "allow a.x.org"], ["a.x.org"]],
    ["a wide deny after a narrow allow", [], ["allow a.x.org", "deny *.x.org"], []],
    ["an agent's allow against a later deny for all", [], ["allow x.org agent-1", "deny x.org"], ["x.org"]],
    ["an agent's deny against a later allow for all", ["x.org"], ["deny x.org agent-1", "allow x.org"], []],
    [
      "a timed allow of what is denied for good",
      ["x.org"],
      ["deny x.org", "allow x.org +600"],
      ["x.org +600"],
    ],
    ["the same when it is over", ["x.org"], ["deny x.org", "allow x.org -1"], []],
    ["a timed deny of what is allowed for good", [], ["allow x.org", "deny x.org +600"], []],
    ["the same when it is over", [], ["allow x.org", "deny x.org -1"], ["x.org"]],
  ])("%s", (_, entries, rules, expected) => {
    expect(names(entries, rules)).toEqual(expected);
    expect(policyOf(entries, rules).cannotDeny).toEqual([]);
  });

  it("says who asked for each, the settings before a rule of the same names", () => {
    const { grants } = policyOf(["x.org"], ["allow x.org", "allow y.org agent-1", "allow z.org"]);
    expect(grants.map(({ origin }) => origin)).toEqual([
      { from: "settings", place: "devkit.toml" },
      { from: "rule", agent: "agent-1" },
      { from: "rule", agent: undefined },
    ]);
  });

  it("says what denies have removed, and not what was allowed again", () => {
    const { removed } = policyOf(
      ["x.org", "y.org", "a.z.org"],
      ["deny x.org", "deny y.org", "deny *.z.org agent-1", "allow y.org"],
    );
    expect(removed).toEqual([
      {
        grant: {
          pattern: patternOf("a.z.org"),
          until: undefined,
          origin: { from: "settings", place: "devkit.toml" },
        },
        by: rule("deny *.z.org agent-1"),
      },
      {
        grant: {
          pattern: patternOf("x.org"),
          until: undefined,
          origin: { from: "settings", place: "devkit.toml" },
        },
        by: rule("deny x.org"),
      },
    ]);
  });

  it.each([
    [["*.example.com"], "deny a.example.com", "*.example.com"],
    [["*.example.com", "a.example.com"], "deny a.example.com", "*.example.com"],
    [["*.example.com"], "deny *.a.example.com agent-1", "*.example.com"],
    [["*.b.example.com", "*.example.com"], "deny a.b.example.com", "*.b.example.com"],
  ])("with %j cannot %s", (entries, text, because) => {
    const { cannotDeny } = policyOf(entries, [text]);
    expect(cannotDeny).toEqual([{ rule: rule(text), because }]);
  });

  it("can deny a name once the wildcard is denied too", () => {
    const { cannotDeny, grants } = policyOf(["*.example.com"], ["deny a.example.com", "deny *.example.com"]);
    expect([cannotDeny, grants]).toEqual([[], []]);
  });

  it("is open with the profile, which no deny can be expressed against", () => {
    const policy = policyOf(["x.org"], ["deny x.org", "deny y.org agent-2"], { profiles: ["dns", "open"] });
    expect(policy).toMatchObject({
      open: true,
      grants: [],
      cannotDeny: [{ rule: rule("deny x.org"), because: "open" }],
    });
    expect(policyOf([], [], { profiles: ["hardened", "dns"] }).open).toBe(false);
  });
});

const isCodex = ({ origin }: PolicyEntry) => origin.from === "settings" && origin.preset === "codex";

describe("entries of the settings", () => {
  const npm: PresetAnswer = { hosts: ["r.example.com", "s.example.com"], unusable: [], notes: [] };
  const answers = new Map<AskedPreset, PresetAnswer>([["npm", npm]]);

  it("stand for themselves, and presets for their hosts", () => {
    const allow = [
      { text: "*.x.org", place: "devkit.toml:2:3" },
      { text: "preset:npm", place: "overlay js" },
      { text: "preset:pip", place: "overlay py" },
      { text: "preset:codex", place: "devkit.toml:2:9" },
    ];
    const [list, rest] = [[], []] as PolicyEntry[][];
    for (const entry of policyEntries(allow, answers)) (isCodex(entry) ? list : rest)?.push(entry);
    expect(list?.map(({ pattern }) => pattern.host)).toContain("api.openai.com");
    expect(rest).toEqual([
      { pattern: patternOf("*.x.org"), origin: { from: "settings", place: "devkit.toml:2:3" } },
      {
        pattern: patternOf("r.example.com"),
        origin: { from: "settings", place: "overlay js", preset: "npm" },
      },
      {
        pattern: patternOf("s.example.com"),
        origin: { from: "settings", place: "overlay js", preset: "npm" },
      },
    ]);
  });

  it("name the presets to ask for once each", () => {
    expect(askedPresets(["preset:npm", "x.org", "preset:go", "preset:github", "preset:npm"])).toEqual([
      "npm",
      "go",
    ]);
  });
});

describe("policyText", () => {
  const text = (
    entries: readonly string[],
    rules: readonly string[],
    profiles: PolicyRequest["profiles"] = [],
  ) => policyText({ agent: "agent-1", policy: policyOf(entries, rules, { profiles }), profiles });

  it("lists names, how long they hold and how to ask for more", () => {
    expect(text(["*.example.com", "github.com"], ["allow x.org +600", "allow *.y.org +60"])).toBe(
      `Network policy of agent-1

These names can be reached, on port 443, through the proxy that HTTPS_PROXY names:

  *.example.com  every name below example.com, not example.com itself
  github.com
  x.org          until 2027-01-15T08:10:00Z
  *.y.org        until 2027-01-15T08:01:00Z; every name below y.org, not y.org itself

Everything else is refused: other names, other ports, plain http, IP addresses, and names that lead to private addresses.
Leave it to the proxy to resolve names.

If you need another name, say which and why to the person you work for, who can run on the host:

  devkit allow HOST --agent agent-1
  devkit allow HOST --agent agent-1 --for 10m
`,
    );
  });

  it("says so when nothing is allowed, when names resolve, and when all is open", () => {
    expect(text([], [])).toContain("No other machine can be reached: nothing is allowed.");
    expect(text(["x.org"], [], ["dns"])).toContain("Names resolve here too");
    const open = text(["x.org"], [], ["open"]);
    expect(open).toContain("Any name on any port can be reached (profile open)");
    expect(open).not.toContain("devkit allow");
    expect(open.endsWith(".\n")).toBe(true);
  });

  it("survives a time that no calendar has", () => {
    const policy = policyOf([], [], { rules: [{ ...rule("allow x.org"), until: Number.MAX_SAFE_INTEGER }] });
    expect(policyText({ agent: "agent-1", policy, profiles: [] })).toContain(
      `until ${String(Number.MAX_SAFE_INTEGER)}`,
    );
  });
});
