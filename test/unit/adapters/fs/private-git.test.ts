import { once } from "node:events";
import { access, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createAgentState } from "../../../../src/adapters/fs/agent-state.js";
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
  lent: { objectFormat: "sha1", objectsDir: "/nowhere", refs: new Map(), shallow: undefined, config: [] },
};

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

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
    expect(await readdir(paths.state)).toEqual(["git"]);
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

describe("a file for what an agent sends", () => {
  test("holds it while it is used, closed to others, and is gone afterwards", async () => {
    let used = "";
    const answer = await state.withIncoming(paths, async (file, sink) => {
      used = file;
      sink.end("bundle");
      await once(sink, "finish");
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      return readFile(file, "utf8");
    });
    expect(answer).toBe("bundle");
    expect(await isThere(used)).toBe(false);
  });

  test("is gone too when its use fails", async () => {
    const use = () => Promise.reject(new Error("broken"));
    await expect(state.withIncoming(paths, use)).rejects.toThrow("broken");
    expect(await readdir(paths.state)).toEqual([]);
  });

  test("replaces those that killed runs left", async () => {
    await writeFile(path.join(paths.state, ".incoming-old"), "");
    await state.withIncoming(paths, () => Promise.resolve());
    expect(await readdir(paths.state)).toEqual([]);
  });

  test("that cannot be written ends its use with an error that says so", async () => {
    const error = await errorOf(
      state.withIncoming(paths, async (_file, sink) => {
        sink.emit("error", Object.assign(new Error("write ENOSPC"), { code: "ENOSPC" }));
        await new Promise(() => undefined);
      }),
    );
    expect(error).toMatchObject({ code: "E_DISK_FULL" });
  });
});
