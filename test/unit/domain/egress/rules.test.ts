import { describe, expect, it } from "vitest";
import { parseHostPattern } from "../../../../src/domain/egress/host-pattern.js";
import { addRule, type EgressRule } from "../../../../src/domain/egress/rules.js";
import { formatRules, parseRules } from "../../../../src/domain/egress/rules-file.js";

function rule(action: "allow" | "deny", host: string, more: Partial<EgressRule> = {}): EgressRule {
  const parsed = parseHostPattern(host);
  if (!parsed.ok) throw new Error(host);
  return { action, pattern: parsed.pattern, agent: undefined, until: undefined, ...more };
}

describe("rules.json", () => {
  const rules = [
    rule("allow", "*.example.com"),
    rule("deny", "a.example.com", { agent: "agent-2" }),
    rule("allow", "b.example.com", { agent: "agent-10", until: 1_800_000_000 }),
  ];

  it("is read back as it was written", () => {
    for (const some of [rules, rules.slice(1), []])
      expect(parseRules(formatRules(some))).toEqual({ ok: true, rules: some });
  });

  it("is one rule a line", () => {
    expect(formatRules(rules)).toBe(
      '{"version": 1, "rules": [\n' +
        '  {"action":"allow","host":"*.example.com"},\n' +
        '  {"action":"deny","host":"a.example.com","agent":"agent-2"},\n' +
        '  {"action":"allow","host":"b.example.com","agent":"agent-10","until":1800000000}\n' +
        "]}\n",
    );
  });

  const one = (fields: string) =>
    `{"version":1,"rules":[{"action":"allow","host":"a.example.com"${fields}}]}`;
  it.each([
    ["", "it is not JSON"],
    ["{", "it is not JSON"],
    ["null", "it is not an object"],
    ["[]", "it is not an object"],
    ['{"version":1}', '"rules" is not a list'],
    ['{"rules":[]}', "it is of another version of devkit"],
    ['{"version":2,"rules":[]}', "it is of another version of devkit"],
    ['{"version":1,"rules":{}}', '"rules" is not a list'],
    ['{"version":1,"rules":[],"more":1}', 'it has the unknown key "more"'],
    ['{"version":1,"rules":[],"__proto__":1}', 'it has the unknown key "__proto__"'],
    ['{"version":1,"rules":[null]}', "rule 1 is not an object"],
    ['{"version":1,"rules":[[]]}', "rule 1 is not an object"],
    ['{"version":1,"rules":[{"host":"a.example.com"}]}', "rule 1 neither allows nor denies"],
    ['{"version":1,"rules":[{"action":"open","host":"a.example.com"}]}', "rule 1 neither allows nor denies"],
    ['{"version":1,"rules":[{"action":"allow"}]}', "rule 1 has no host"],
    ['{"version":1,"rules":[{"action":"allow","host":7}]}', "rule 1 has no host"],
    [
      '{"version":1,"rules":[{"action":"allow","host":"10.0.0.1"}]}',
      'rule 1: "10.0.0.1" is an IP address; only names can be allowed',
    ],
    [one(',"untill":1'), 'rule 1 has the unknown key "untill"'],
    [one(',"\\u001b[2J":1'), 'rule 1 has the unknown key "·[2J"'],
    [one(',"__proto__":{"until":1}'), 'rule 1 has the unknown key "__proto__"'],
    [one(',"agent":null'), "rule 1 is for something that is no agent"],
    [one(',"agent":"../x"'), "rule 1 is for something that is no agent"],
    [one(',"agent":2'), "rule 1 is for something that is no agent"],
    [one(',"until":null'), "rule 1 ends at something that is no time"],
    [one(',"until":"1"'), "rule 1 ends at something that is no time"],
    [one(',"until":1.5'), "rule 1 ends at something that is no time"],
    [one(',"until":0'), "rule 1 ends at something that is no time"],
    [one(',"until":1e300'), "rule 1 ends at something that is no time"],
    [" ".repeat(5_000_000), "it is too large"],
    [`{"version":1,"rules":[${Array(10_001).fill("{}").join(",")}]}`, "it has too many rules"],
    ["[".repeat(100_000), "it is not JSON"],
  ])("%.70s is refused", (text, problem) => {
    expect(parseRules(text)).toEqual({ ok: false, problem });
  });
});

describe("addRule", () => {
  const now = 1000;
  it("puts the later rule in the place of the earlier on the same names and agents", () => {
    const before = [
      rule("allow", "a.b.com"),
      rule("allow", "a.b.com", { agent: "agent-1" }),
      rule("allow", "*.b.com"),
    ];
    const added = rule("deny", "a.b.com");
    expect(addRule(before, added, now)).toEqual([before[1], before[2], added]);
  });

  it("forgets what has expired", () => {
    const before = [rule("allow", "a.b.com", { until: 1000 }), rule("allow", "b.b.com", { until: 1001 })];
    const added = rule("allow", "c.b.com");
    expect(addRule(before, added, now)).toEqual([before[1], added]);
  });

  it("keeps what a timed rule of the other kind only covers for a while", () => {
    const forever = rule("deny", "a.b.com");
    const grant = rule("allow", "a.b.com", { until: 1600 });
    expect(addRule([forever], grant, now)).toEqual([forever, grant]);
    const sooner = rule("deny", "a.b.com", { until: 1500 });
    expect(addRule([sooner], grant, now)).toEqual([grant]);
    const shorter = rule("allow", "a.b.com", { until: 1100 });
    expect(addRule([forever, grant], shorter, now)).toEqual([forever, shorter]);
  });
});
