import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createAgentState } from "../../../../src/adapters/fs/agent-state.js";
import { moduleMemory } from "../../../../src/app/custody/sync-modules.js";
import type { PrivateGit } from "../../../../src/domain/custody/private-git.js";
import type { AgentPaths } from "../../../../src/domain/identity/project.js";
import { tempAgent } from "../../support/agent-dirs.js";
import { errorOf } from "../../support/temp.js";
import { oid } from "../../support/things.js";

const state = createAgentState();
let paths: AgentPaths;

const GIT: PrivateGit = {
  branch: "agent/agent-1/idle",
  oid: oid("1"),
  lent: {
    objectFormat: "sha1",
    objectsDir: "/nowhere",
    refs: new Map(),
    shallow: undefined,
    config: [],
    info: { exclude: "", attributes: undefined, userAttributes: undefined, sparseCheckout: undefined },
  },
};

beforeEach(async () => {
  paths = await tempAgent();
});

describe("making a private git dir", () => {
  test("is whole when it is there", async () => {
    await state.createPrivateGit(paths, GIT, undefined);
    expect((await state.inspect(paths)).git).toBe(true);
    expect(await state.readRefs(paths)).toEqual({
      head: { kind: "branch", ref: "refs/heads/agent/agent-1/idle" },
      heads: new Map([["refs/heads/agent/agent-1/idle", oid("1")]]),
      refused: [],
    });
  });

  test("takes the host's index with it", async () => {
    const index = path.join(paths.state, "host-index");
    await writeFile(index, "DIRC");
    await state.createPrivateGit(paths, GIT, index);
    expect(await readFile(path.join(paths.git, "index"), "utf8")).toBe("DIRC");
  });

  test("that fails leaves none, and the next run removes what is left", async () => {
    await errorOf(state.createPrivateGit(paths, GIT, path.join(paths.state, "no-index")));
    expect((await state.inspect(paths)).git).toBe(false);
    await state.createPrivateGit(paths, GIT, undefined);
    expect((await readdir(paths.state)).sort()).toEqual(["git", "sync"]);
  });

  test("never replaces one that has something in it", async () => {
    await mkdir(paths.git);
    await writeFile(path.join(paths.git, "HEAD"), "precious");
    await errorOf(state.createPrivateGit(paths, GIT, undefined));
    expect(await readFile(path.join(paths.git, "HEAD"), "utf8")).toBe("precious");
  });
});

describe("the mark of a sync that is under way", () => {
  test("is there until it is taken away", async () => {
    expect(await state.isSyncPending(paths)).toBe(false);
    await state.setSyncPending(paths, true);
    await state.setSyncPending(paths, true);
    expect(await state.isSyncPending(paths)).toBe(true);
    await state.setSyncPending(paths, false);
    await state.setSyncPending(paths, false);
    expect(await state.isSyncPending(paths)).toBe(false);
  });
});

test("of an agent that has been removed meanwhile nothing comes into being again", async () => {
  await rm(paths.state, { recursive: true });
  const module = moduleMemory(paths, "vendor/lib");
  await state.setSyncPending(paths, true);
  await state.setLastSynced(paths, new Map([["refs/heads/x", [oid("7")]]]));
  await state.setLastSynced(module, new Map([["refs/heads/x", [oid("7")]]]));
  expect(await readdir(path.dirname(paths.state))).toEqual([]);
  await mkdir(paths.state);
  await state.setLastSynced(module, new Map([["refs/heads/x", [oid("7")]]]));
  expect(await state.lastSynced(module)).toEqual(new Map([["refs/heads/x", [oid("7")]]]));
});

test("where both sides last agreed: as both start, and as it is noted", async () => {
  await state.createPrivateGit(paths, GIT, undefined);
  expect(await state.lastSynced(paths)).toEqual(new Map([[`refs/heads/${GIT.branch ?? ""}`, [GIT.oid]]]));
  const refs = new Map([
    ["refs/heads/agent/agent-1/größe", [oid("7")]],
    ["refs/heads/agent/agent-1/cut-off", [oid("1"), oid("2")]],
  ]);
  await state.setLastSynced(paths, refs);
  expect(await state.lastSynced(paths)).toEqual(refs);
});
