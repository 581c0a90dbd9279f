import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createFileLocks, type LockOptions } from "../../../../src/adapters/fs/locks.js";
import { ownIdentity } from "../../../../src/adapters/process/process-identity.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { errorOf, tempDir, thrownBy } from "../../support/temp.js";

let directory: string;
let warnings: string[];

beforeEach(async () => {
  directory = path.join(await tempDir(), "not", "yet", "there");
  warnings = [];
});

const locks = (options: Partial<LockOptions> = {}) =>
  createFileLocks({
    directory,
    progress: { warn: (text) => warnings.push(text) },
    signal: new AbortController().signal,
    patienceMs: 10_000,
    ...options,
  });

/** Writes a lock as some process left it. */
async function leave(name: string, change: object | string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const holder = { ...(await ownIdentity()), released: false };
  const text = typeof change === "string" ? change : JSON.stringify({ ...holder, ...change });
  await writeFile(path.join(directory, name), text);
}

/** Work that is told when to end. */
function createWork() {
  let end: () => void = () => undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const work = () => {
    begin();
    return new Promise<void>((resolve) => (end = resolve));
  };
  return {
    work,
    begun,
    end: () => {
      end();
    },
  };
}

describe("holding a lock", () => {
  test("answers what the work answers", async () => {
    expect(await locks().hold("agents", () => Promise.resolve(7))).toBe(7);
  });

  test("lets the next one in when the work is done, without a word", async () => {
    const order: string[] = [];
    const first = createWork();
    const one = locks()
      .hold("agents", first.work)
      .then(() => order.push("first"));
    await first.begun;
    first.end();
    await one;
    await locks().hold("agents", () => Promise.resolve(order.push("second")));
    expect(order).toEqual(["first", "second"]);
    expect(warnings).toEqual([]);
  });

  test("keeps out a second one, and says once what it waits for", async () => {
    const order: string[] = [];
    const first = createWork();
    const one = locks()
      .hold("agents", first.work)
      .then(() => order.push("first"));
    await first.begun;
    const two = locks().hold("agents", () => Promise.resolve(order.push("second")));
    while (warnings.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    first.end();
    await Promise.all([one, two]);
    expect(order).toEqual(["first", "second"]);
    expect(warnings).toEqual([`waiting for another devkit (pid ${String(process.pid)}) to finish`]);
  });

  test("makes those of one process take turns, in the order they came, without a word", async () => {
    const own = locks();
    const order: string[] = [];
    const first = createWork();
    const one = own.hold("egress", first.work).then(() => order.push("first"));
    await first.begun;
    const later = ["second", "third"].map((name) =>
      own.hold("egress", () => {
        order.push(name);
        return Promise.resolve();
      }),
    );
    // By then one that waited for the file would have said so.
    expect(await own.hold("agents", () => Promise.resolve("free"))).toBe("free");
    expect(await own.hold("agents", () => Promise.resolve("free"))).toBe("free");
    expect(order).toEqual([]);
    first.end();
    await Promise.all([one, ...later]);
    expect(order.toSorted()).toEqual(["first", "second", "third"]);
    expect(order.indexOf("second")).toBeLessThan(order.indexOf("third"));
    expect(warnings).toEqual([]);
  });

  test("gives the turn to the next one of the process when the work fails", async () => {
    const own = locks();
    const broken = new Error("broken");
    const failing = thrownBy(own.hold("egress", () => Promise.reject(broken)));
    const next = own.hold("egress", () => Promise.resolve("next"));
    expect([await failing, await next]).toEqual([broken, "next"]);
  });

  test("is let go when the work fails", async () => {
    const broken = new Error("broken");
    expect(await thrownBy(locks().hold("agents", () => Promise.reject(broken)))).toBe(broken);
    expect(await locks().hold("agents", () => Promise.resolve("next"))).toBe("next");
  });

  test("of one name has nothing to do with another's, not even with a longer one", async () => {
    const held = createWork();
    const one = locks().hold("sync-agent-1", held.work);
    await held.begun;
    expect(await locks().hold("sync-agent-10", () => Promise.resolve("free"))).toBe("free");
    expect(await locks().hold("sync-agent", () => Promise.resolve("free"))).toBe("free");
    expect(warnings).toEqual([]);
    held.end();
    await one;
  });

  test("leaves one file that says it is free", async () => {
    for (let turn = 0; turn < 3; turn += 1) await locks().hold("agents", () => Promise.resolve());
    const [file = "", ...more] = await readdir(directory);
    expect(more).toEqual([]);
    expect(JSON.parse(await readFile(path.join(directory, file), "utf8"))).toMatchObject({
      pid: process.pid,
      released: true,
    });
  });
});

describe("a lock somebody left", () => {
  test.each<[string, object | string]>([
    ["released", { released: true }],
    ["of a process that ended", { pid: 2 ** 22 + 1 }],
    ["of an earlier process with the same number", { started: "1" }],
    ["of before the machine was started anew", { boot: "00000000-0000-0000-0000-000000000000" }],
    ["empty", ""],
    ["cut off", '{"host":"x"'],
  ])("%s is taken over", async (_, holder) => {
    await leave("agents.7", holder);
    expect(await locks().hold("agents", () => readdir(directory))).toEqual(["agents.8"]);
    expect(warnings).toEqual([]);
  });

  test("and several that nobody removed: the highest number counts, by number", async () => {
    await leave("agents.9", { released: true });
    await leave("agents.10", { pid: 2 ** 22 + 1 });
    expect(await locks().hold("agents", () => readdir(directory))).toEqual(["agents.11"]);
  });

  test("on another machine cannot be judged from here, so it counts as held", async () => {
    await leave("agents.1", { host: `not-${os.hostname()}` });
    const error = await errorOf(locks({ patienceMs: 40 }).hold("agents", () => Promise.resolve()));
    expect(error).toMatchObject({ code: "E_LOCK_TIMEOUT", exitCode: 1 });
    expect(error.hint).toContain(path.join(directory, "agents"));
    expect(await readdir(directory)).toEqual(["agents.1"]);
    expect(warnings).toHaveLength(1);
  });

  test("is listed as stale only when its holder is dead", async () => {
    await leave("agents.1", { pid: 2 ** 22 + 1 });
    await leave("sync-agent-2.4", { pid: 2 ** 22 + 1 });
    await leave("sync-agent-3.1", { released: true });
    await leave("sync-agent-4.1", {});
    await leave("sync-agent-5.1", { host: "elsewhere" });
    await leave(".agents.2.abc.tmp", "");
    await leave("README", "");
    expect((await locks().stale()).sort()).toEqual(["agents", "sync-agent-2"]);
  });

  test("there is none where there is no directory", async () => {
    expect(await locks().stale()).toEqual([]);
  });
});

describe("waiting for a lock", () => {
  test("ends when the command is interrupted, with its reason, and leaves the holder alone", async () => {
    const held = createWork();
    const one = locks().hold("agents", held.work);
    await held.begun;
    const controller = new AbortController();
    const reason = new DevkitError("E_INTERRUPTED", "interrupted");
    const two = thrownBy(locks({ signal: controller.signal }).hold("agents", () => Promise.resolve()));
    while (warnings.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    const thrown = await two;
    expect(await readdir(directory)).toHaveLength(1);
    held.end();
    await one;
    expect(thrown).toBe(reason);
  });

  test("is not begun where no directory can be made", async () => {
    const file = path.join(await tempDir(), "file");
    await writeFile(file, "");
    const error = await errorOf(
      locks({ directory: path.join(file, "locks") }).hold("agents", () => Promise.resolve()),
    );
    expect(error.code).toBe("E_FILE");
    expect(error.message).toContain(path.join(file, "locks"));
  });
});
