import { describe, expect, test } from "vitest";
import { parseAudit, parseAuditLine, summarizeAudit } from "../../../../src/domain/egress/audit.js";

const LINE = "1900000000123\tagent-1\tproxy\tdenied\tevil.test:443\t3";
const ENTRY = {
  atMs: 1_900_000_000_123,
  agent: "agent-1",
  kind: "proxy",
  verdict: "denied",
  target: "evil.test:443",
  count: 3,
};

describe("a line of the audit log", () => {
  test("is read", () => {
    expect(parseAuditLine(LINE)).toEqual(ENTRY);
    expect(parseAuditLine(LINE.replace("evil.test:443", 'GET "a b" <c>'))?.target).toBe('GET "a b" <c>');
    expect(parseAuditLine("1900000000123\tagent-12\tdns\tallowed\tx.test\t1")).toMatchObject({ kind: "dns" });
  });

  test.each([
    ["empty", ""],
    ["cut at its start", LINE.slice(3)],
    ["cut at its end", LINE.slice(0, -2)],
    ["without a time", LINE.replace("1900000000123", "now")],
    ["with a name of no agent", LINE.replace("agent-1", "../../x")],
    ["with another kind", LINE.replace("proxy", "ftp")],
    ["with another verdict", LINE.replace("denied", "constructor")],
    ["without a target", LINE.replace("evil.test:443", "")],
    ["with a tab in the target", LINE.replace("evil.test", "evil\ttest")],
    ["with a control byte", LINE.replace("evil", "\u001b[31mevil")],
    ["with a direction mark", LINE.replace("evil", "\u202eevil")],
    ["with a line separator", LINE.replace("evil", "\u2028evil")],
    ["with a carriage return", `${LINE}\r`],
    ["too long", LINE.replace("evil", "e".repeat(400))],
    ["with a count of nothing", LINE.replace(/3$/, "0")],
    ["with too large a count", LINE.replace(/3$/, "9".repeat(30))],
    ["with more behind it", `${LINE}\tx`],
  ])("is refused: %s", (_, line) => {
    expect(parseAuditLine(line)).toBeUndefined();
  });
});

describe("an audit log", () => {
  test("is read line by line, without what is no entry", () => {
    expect(parseAudit(`denied\tcut\t1\n${LINE}\n\n${LINE}\n1900000000`)).toEqual([ENTRY, ENTRY]);
  });

  test("is summarized by agent, kind, target and verdict, the latest first", () => {
    const entries = parseAudit(
      [
        "1900000001000\tagent-1\tproxy\tdenied\ta.test:443\t2",
        "1900000009000\tagent-1\tproxy\tdenied\tb.test:443\t1",
        "1900000003000\tagent-1\tproxy\tdenied\ta.test:443\t5",
        "1900000002000\tagent-1\tproxy\tdenied\ta.test:443\t1",
        "1900000004000\tagent-2\tproxy\tdenied\ta.test:443\t1",
        "1900000005000\tagent-1\tdns\tdenied\ta.test:443\t1",
        "1900000006000\tagent-1\tproxy\tallowed\ta.test:443\t1",
      ].join("\n"),
    );
    const summaries = summarizeAudit(entries);
    expect(
      summaries.map(({ agent, kind, verdict, target, count }) => [agent, kind, verdict, target, count]),
    ).toEqual([
      ["agent-1", "proxy", "denied", "b.test:443", 1],
      ["agent-1", "proxy", "allowed", "a.test:443", 1],
      ["agent-1", "dns", "denied", "a.test:443", 1],
      ["agent-2", "proxy", "denied", "a.test:443", 1],
      ["agent-1", "proxy", "denied", "a.test:443", 8],
    ]);
    expect(summaries.at(-1)).toMatchObject({ firstMs: 1_900_000_001_000, lastMs: 1_900_000_003_000 });
  });
});
