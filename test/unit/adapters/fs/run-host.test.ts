import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { finished } from "node:stream/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createEphemeralStore } from "../../../../src/adapters/fs/ephemeral-store.js";
import { createFileLocks } from "../../../../src/adapters/fs/locks.js";
import { runHost } from "../../../../src/adapters/fs/run-host.js";
import { projectOf } from "../../../../src/domain/identity/project.js";
import { createFakeProgress } from "../../fakes/progress.js";
import { tempDir } from "../../support/temp.js";

let dir: string;

beforeEach(async () => {
  dir = await tempDir();
});

describe("a proof", () => {
  test("is there with all that is in it, and not before", async () => {
    const out = path.join(dir, "deep/proof");
    const proof = await runHost.beginProof(out, []);
    await proof.write("a/b.txt", "text");
    const stream = await proof.open("a/log.txt");
    stream.end("log");
    await finished(stream);
    expect(existsSync(out)).toBe(false);
    await proof.publish();
    expect(await readFile(path.join(out, "a/b.txt"), "utf8")).toBe("text");
    expect(await readdir(path.dirname(out))).toEqual(["proof"]);
  });

  test("leaves nothing behind as long as nothing is in it: nobody knows of it yet", async () => {
    await runHost.beginProof(path.join(dir, "proof"), []);
    expect(await readdir(dir)).toEqual([]);
  });

  test("takes an empty directory's place, and nothing else's, also when that came meanwhile", async () => {
    const out = path.join(dir, "proof");
    await mkdir(out);
    const proof = await runHost.beginProof(out, []);
    await writeFile(path.join(out, "mine"), "");
    await expect(proof.publish()).rejects.toMatchObject({ code: "E_WORK_IN_THE_WAY", exitCode: 5 });
    await expect(runHost.beginProof(out, [])).rejects.toMatchObject({ code: "E_WORK_IN_THE_WAY" });
    await expect(runHost.beginProof(path.join(out, "mine"), [])).rejects.toMatchObject({
      code: "E_WORK_IN_THE_WAY",
    });
    await proof.abandon();
    expect(await readdir(dir)).toEqual(["proof"]);
  });
});

test("a proof is never where an agent could lead it astray, by whatever link", async () => {
  const [agents, link] = [path.join(dir, "agents"), path.join(dir, "link")];
  await mkdir(agents);
  await symlink(agents, link);
  for (const out of [path.join(agents, "proof"), path.join(link, "deep/proof"), link])
    await expect(runHost.beginProof(out, [agents]), out).rejects.toMatchObject({ code: "E_USAGE" });
  expect(await readdir(agents)).toEqual([]);
  const beside = await runHost.beginProof(path.join(dir, "agents-proof"), [agents]);
  await beside.abandon();
});

describe("notes of agents for a while", () => {
  const note = (name: string, staging?: string) => ({
    ...{ agent: { index: 1, name }, run: "a", base: "c", expiresAt: new Date().toISOString(), staging },
  });
  const store = () =>
    createEphemeralStore(projectOf({ root: dir, commonDir: path.join(dir, ".git"), stateHome: dir }));

  test("say whether a process looks after them, and are gone once that is over", async () => {
    const own = store();
    await own.note(note("one"), { owned: true });
    await own.note(note("two"), { owned: false });
    expect((await own.list()).map((one) => [one.note.agent.name, one.owner])).toEqual([
      ["one", "alive"],
      ["two", "none"],
    ]);
    await own.note(note("one"), { owned: false });
    await own.forget({ index: 1, name: "two" });
    await own.forget({ index: 1, name: "two" });
    expect((await own.list()).map(({ owner }) => owner)).toEqual(["none"]);
  });

  test("of a killed process lead to the proof that it had begun, and to nothing of anybody else's", async () => {
    const { staging } = await runHost.beginProof(path.join(dir, "proof"), []);
    await mkdir(path.join(dir, "mine"));
    await store().removeStaging(path.join(dir, "mine"));
    await store().removeStaging(staging);
    expect((await readdir(dir)).filter((name) => name !== "devkit")).toEqual(["mine"]);
  });
});

test("the files of a lock that nobody has go, those of one that is held stay", async () => {
  const locks = createFileLocks({
    ...{ directory: dir, progress: createFakeProgress(), signal: new AbortController().signal },
  });
  await locks.hold("one", () => Promise.resolve());
  await locks.hold("two", async () => {
    await locks.forget("two");
    await locks.forget("one");
    expect(await readdir(dir)).toEqual(["two.1"]);
  });
  await locks.forget("two");
  expect(await readdir(dir)).toEqual([]);
});
