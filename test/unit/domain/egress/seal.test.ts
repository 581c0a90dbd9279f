import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { sealRules } from "../../../../src/domain/egress/seal.js";
import { slotFor } from "../../support/things.js";

const rules = sealRules(slotFor(agentAt(2)));
const lines = rules.split("\n").map((line) => line.trim());

describe("the packet filter of an agent's network", () => {
  test("lets out what goes to the proxy and the name server of its own egress, and nothing else", () => {
    expect(lines.filter((line) => line.endsWith("accept"))).toEqual([
      'oifname "lo" accept',
      "ip daddr 10.213.0.10 tcp dport { 53, 8888 } accept",
      "ip daddr 10.213.0.10 udp dport 53 accept",
    ]);
    expect(lines).toContain("type filter hook output priority 0; policy drop;");
  });

  test("refuses the rest at once instead of letting it wait, after all that it lets out", () => {
    const refusal = lines.findIndex((line) => line.startsWith("reject "));
    expect(lines[refusal]).toBe("reject with icmpx type admin-prohibited");
    expect(refusal).toBeGreaterThan(lines.findLastIndex((line) => line.endsWith("accept")));
  });

  test("is about IPv6 too, of which nothing is let out", () => {
    expect(rules).toMatch(/^table inet /);
    expect(rules).not.toContain("ip6");
  });

  test("replaces one that is there, which need not be: it is made, removed and made in one go", () => {
    expect(lines.slice(0, 3)).toEqual([
      "table inet devkit",
      "delete table inet devkit",
      "table inet devkit {",
    ]);
  });
});
