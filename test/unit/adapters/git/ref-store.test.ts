import { beforeEach, describe, expect, test } from "vitest";
import { createRefStore } from "../../../../src/adapters/git/ref-store.js";
import type { RefStore } from "../../../../src/app/ports-trash.js";
import { createRepo, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

let repo: Repo;
let refs: RefStore;
let first: string;
let second: string;

beforeEach(async () => {
  repo = await createRepo();
  refs = createRefStore(repo);
  first = await repo.git("rev-parse", "HEAD");
  await repo.git("switch", "-q", "-c", "agent/agent-1/idle");
  second = await repo.commit("second");
  await repo.git("switch", "-q", "main");
});

describe("changing refs", () => {
  test("moves several at once", async () => {
    const ref = "refs/heads/agent/agent-1/idle";
    await refs.change([
      { ref: "refs/devkit/trash/x", to: second },
      { ref, from: second, to: undefined },
    ]);
    expect(await refs.list("refs/devkit", ref)).toEqual(new Map([["refs/devkit/trash/x", second]]));
  });

  test("does nothing at all when one has moved meanwhile", async () => {
    const before = await repo.git("for-each-ref");
    const failed = refs.change([
      { ref: "refs/devkit/trash/x", to: second },
      { ref: "refs/heads/agent/agent-1/idle", from: first, to: undefined },
    ]);
    expect(await errorOf(failed)).toMatchObject({ code: "E_GIT" });
    expect(await repo.git("for-each-ref")).toBe(before);
  });

  test("with nothing to change is fine", async () => {
    await refs.change([]);
    expect(await refs.list("refs/none")).toEqual(new Map());
  });
});

describe("commits that are nowhere else", () => {
  const own = () => refs.countOwn([second], { except: "refs/heads/agent/agent-1/", commits: [] });

  test("are those its own branches alone have", async () => {
    expect(await own()).toBe(1);
    expect(await refs.countOwn([], { except: undefined, commits: [] })).toBe(0);
    expect(await refs.countOwn([second], { except: undefined, commits: [] })).toBe(0);
  });

  test("are none once they are known to be kept", async () => {
    expect(await refs.countOwn([second], { except: "refs/heads/agent/agent-1/", commits: [second] })).toBe(0);
  });

  test.each([
    "refs/heads/feature",
    "refs/heads/agent/agent-10/idle",
    "refs/remotes/origin/x",
    "refs/tags/v1",
  ])("are none once %s has them", async (ref) => {
    await repo.git("update-ref", ref, second);
    expect(await own()).toBe(0);
  });

  test("are not saved by refs that nobody looks at", async () => {
    await repo.git("update-ref", "refs/devkit/base/agent-1", second);
    expect(await own()).toBe(1);
  });
});
