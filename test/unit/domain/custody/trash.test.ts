import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import {
  expiryOf,
  freeStamp,
  fromTrashRef,
  isExpired,
  parseTrashId,
  planRestoredRefs,
  planTrashRefs,
  toStamp,
  toTrashRef,
  trashId,
  type TrashEntry,
} from "../../../../src/domain/custody/trash.js";
import { oid } from "../../support/things.js";

const agent = agentAt(2);
const time = new Date("2026-01-02T03:04:05.678Z");
const stamp = "20260102T030405Z";
const entry: TrashEntry = {
  id: `agent-2-${stamp}`,
  agent,
  branch: "agent/agent-2/idle",
  commit: oid("a"),
  keepsFiles: true,
  work: [],
};
const prefix = `refs/devkit/trash/agent-2/${stamp}`;

describe("names", () => {
  test("hold agent and time, and give them back", () => {
    expect(trashId(agent, toStamp(time))).toBe(entry.id);
    expect(parseTrashId(entry.id)).toEqual({
      ...{ agent: { name: agent.name }, stamp },
      time: new Date("2026-01-02T03:04:05Z"),
    });
    expect(parseTrashId("docs-20260102T030405Z")?.agent).toEqual({ name: "docs" });
  });

  test.each(["agent-2", "agent-2-", "main-20260102T030405Z", "agent-2-20261302T030405Z", "..", ""])(
    "%j is none",
    (name) => {
      expect(parseTrashId(name)).toBeUndefined();
    },
  );

  test("are never used twice", () => {
    expect(freeStamp(time, () => false)).toBe(stamp);
    expect(freeStamp(time, (one) => one === stamp)).toBe("20260102T030406Z");
  });

  test("say when it is over: after 30 days", () => {
    expect(expiryOf(time).toISOString()).toBe("2026-02-01T03:04:05.678Z");
    expect(isExpired(time, new Date("2026-02-01T03:04:05.677Z"))).toBe(false);
    expect(isExpired(time, new Date("2026-02-01T03:04:05.678Z"))).toBe(true);
  });
});

describe("refs", () => {
  test.each([
    ["refs/heads/agent/agent-2/idle", `${prefix}/heads/idle`],
    ["refs/heads/agent/agent-2/deep/er", `${prefix}/heads/deep/er`],
    ["refs/devkit/base/agent-2", `${prefix}/base`],
    ["refs/devkit/detached/agent-2", `${prefix}/detached`],
  ])("%s has its place, and comes back from it", (ref, place) => {
    expect(toTrashRef(agent, stamp, ref)).toBe(place);
    expect(fromTrashRef(agent, stamp, place)).toBe(ref);
  });

  test.each(["refs/heads/main", "refs/heads/agent/agent-21/idle", "refs/devkit/base/agent-20", "HEAD"])(
    "%s is not the agent's",
    (ref) => {
      expect(toTrashRef(agent, stamp, ref)).toBeUndefined();
    },
  );

  test("of another removal are not this one's", () => {
    const other = "refs/devkit/trash/agent-2/20260102T030406Z/heads/idle";
    expect(fromTrashRef(agent, stamp, other)).toBeUndefined();
    expect(fromTrashRef(agent, stamp, `${prefix}/worktree`)).toBeUndefined();
  });

  test("move into the trash all at once, only from where they were, and those in use are copied", () => {
    const refs = new Map([
      ["refs/heads/agent/agent-2/idle", oid("a")],
      ["refs/heads/agent/agent-2/mine", oid("b")],
    ]);
    expect(planTrashRefs(entry, refs, new Set(["refs/heads/agent/agent-2/mine"]))).toEqual([
      { ref: `${prefix}/worktree`, to: oid("a") },
      { ref: `${prefix}/heads/idle`, to: oid("a") },
      { ref: "refs/heads/agent/agent-2/idle", from: oid("a"), to: undefined },
      { ref: `${prefix}/heads/mine`, to: oid("b") },
    ]);
  });

  test("come back unless they exist; those that are elsewhere by now are named", () => {
    const trash = new Map([
      [`${prefix}/heads/idle`, oid("a")],
      [`${prefix}/heads/same`, oid("b")],
      [`${prefix}/heads/taken`, oid("c")],
      [`${prefix}/worktree`, oid("a")],
    ]);
    const current = new Map([
      ["refs/heads/agent/agent-2/same", oid("b")],
      ["refs/heads/agent/agent-2/taken", oid("d")],
    ]);
    expect(planRestoredRefs(entry, trash, current)).toEqual({
      changes: [{ ref: "refs/heads/agent/agent-2/idle", to: oid("a") }],
      taken: ["refs/heads/agent/agent-2/taken"],
    });
  });
});
