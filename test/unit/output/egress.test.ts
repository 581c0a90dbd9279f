import { describe, expect, test } from "vitest";
import { allowCommand } from "../../../src/domain/egress/allow-command.js";
import type { AuditEntry, AuditSummary } from "../../../src/domain/egress/audit.js";
import { parseHostPattern } from "../../../src/domain/egress/host-pattern.js";
import type { EffectivePolicy, Grant } from "../../../src/domain/egress/policy.js";
import {
  auditLine,
  auditTable,
  formatTime,
  grantData,
  originText,
  policyTable,
} from "../../../src/output/views/egress.js";

const FROM_SETTINGS: Grant["origin"] = { from: "settings", place: "devkit.toml:4" };

function grant(host: string, change: Partial<Grant> = {}): Grant {
  const parsed = parseHostPattern(host);
  if (!parsed.ok) throw new Error(host);
  return { pattern: parsed.pattern, until: undefined, origin: FROM_SETTINGS, ...change };
}

const policy = (change: Partial<EffectivePolicy>): EffectivePolicy => ({
  ...{ open: false, grants: [], removed: [], cannotDeny: [] },
  ...change,
});

test("times are UTC, to the second", () => {
  expect(formatTime(1_800_000_000)).toBe("2027-01-15T08:00:00Z");
});

describe("who allowed a name", () => {
  test.each<[Grant["origin"], string]>([
    [FROM_SETTINGS, "devkit.toml:4"],
    [{ from: "settings", place: "overlay small", preset: "npm" }, "overlay small (preset:npm)"],
    [{ from: "rule", agent: undefined }, "devkit allow"],
    [{ from: "rule", agent: "agent-2" }, "devkit allow --agent agent-2"],
  ])("%j is %s", (origin, text) => {
    expect(originText(grant("github.com", { origin }))).toBe(text);
  });
});

describe("a policy", () => {
  test("is a table of names, with their ends and who allowed them", () => {
    const rule = { until: 1_800_000_000, origin: { from: "rule", agent: undefined } } as const;
    const grants = [grant("*.example.com"), grant("github.com", rule)];
    expect(policyTable(policy({ grants })).split("\n")).toEqual([
      "HOST           UNTIL                 ALLOWED BY",
      "*.example.com                        devkit.toml:4",
      "github.com     2027-01-15T08:00:00Z  devkit allow",
    ]);
  });

  test("that allows nothing, or everything, is said in words", () => {
    expect(policyTable(policy({}))).toBe("nothing");
    expect(policyTable(policy({ open: true, grants: [grant("github.com")] }))).toContain("profile open");
  });

  test("is data with null for ever", () => {
    expect(grantData(grant("*.example.com"))).toEqual({
      host: "*.example.com",
      until: null,
      by: "devkit.toml:4",
    });
    expect(grantData(grant("github.com", { until: 1_800_000_000 })).until).toBe("2027-01-15T08:00:00Z");
  });
});

const entry: AuditEntry = {
  ...{ atMs: 1_800_000_000_999, agent: "agent-2", kind: "proxy", verdict: "denied" },
  ...{ target: "github.com:443", count: 3 },
};
const summary = (change: Partial<AuditSummary>): AuditSummary => ({
  ...{ agent: "agent-2", kind: "proxy", verdict: "denied", target: "github.com:443", count: 3 },
  ...{ firstMs: 1_800_000_000_000, lastMs: 1_800_000_000_000 },
  ...change,
});

describe("the command that would allow what was denied", () => {
  test.each([
    ["github.com:443", "github.com"],
    ["GitHub.COM:443", "github.com"],
    ["_dmarc.a-b.example.com:443", "_dmarc.a-b.example.com"],
  ])("for %s names %s", (target, host) => {
    expect(allowCommand({ ...entry, target })).toBe(`devkit allow ${host} --agent agent-2`);
  });

  test.each([
    "github.com:80",
    "10.0.0.1:443",
    "[::1]:443",
    "localhost:443",
    "github.com",
    "a.example.com:443;reboot",
    "$(reboot).example.com:443",
    "-x.example.com --agent agent-1:443",
    "*.example.com:443",
    "http://github.com/",
  ])("is none for %s", (target) => {
    expect(allowCommand({ ...entry, target })).toBeUndefined();
  });

  test("is none for names that were asked of the name server, nor for what was not denied", () => {
    expect(allowCommand({ ...entry, kind: "dns" })).toBeUndefined();
    for (const verdict of ["allowed", "failed"] as const)
      expect(allowCommand({ ...entry, verdict })).toBeUndefined();
  });
});

describe("the audit", () => {
  test("is a table, what happened last at the end, with what would allow it", () => {
    const summaries = [
      summary({ lastMs: 1_800_000_060_000 }),
      summary({ kind: "dns", target: "example.com", agent: "agent-1", count: 1 }),
    ];
    expect(auditTable(summaries).split("\n")).toEqual([
      "AGENT    LAST                  TARGET             VERDICT  COUNT  TO ALLOW IT",
      "agent-1  2027-01-15T08:00:00Z  example.com (dns)  denied   1",
      "agent-2  2027-01-15T08:01:00Z  github.com:443     denied   3      devkit allow github.com --agent agent-2",
    ]);
    expect(summaries[0]?.agent).toBe("agent-2");
  });

  test("of nothing says so", () => {
    expect(auditTable([])).toBe("Nothing was asked for.");
  });

  test("is a line for each entry while it is followed", () => {
    expect(auditLine(entry)).toBe("2027-01-15T08:00:00Z  agent-2  github.com:443  denied  x3");
    expect(auditLine({ ...entry, kind: "dns" })).toContain("github.com:443 (dns)");
  });
});
