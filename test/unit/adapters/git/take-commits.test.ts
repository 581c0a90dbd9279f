import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { takeCommits } from "../../../../src/adapters/git/take-commits.js";
import type { TakenCommits } from "../../../../src/app/ports-history.js";
import { execa } from "execa";
import { PassThrough } from "node:stream";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { errorOf, tempDir } from "../../support/temp.js";

const SMALL = 1000;
const LARGE = 600_000;

interface Pair {
  readonly host: Repo;
  readonly agent: string;
  readonly bundle: string;
  git(...args: string[]): Promise<string>;
}

/** A host's repository and an agent's that went on from there. */
async function createPair(init: readonly string[] = []): Promise<Pair> {
  const host = await createRepo({ init });
  const dir = await tempDir();
  const agent = path.join(dir, "agent");
  await gitIn(dir, "clone", "-q", host.root, agent);
  return { host, agent, bundle: path.join(dir, "bundle"), git: (...args) => gitIn(agent, ...args) };
}

/** A commit with so many bytes that cannot be made smaller. */
async function commit({ agent, git }: Pair, bytes: number): Promise<string> {
  await writeFile(path.join(agent, "data"), randomBytes(bytes));
  await git("add", ".");
  await git("commit", "-q", "-m", "data");
  return git("rev-parse", "HEAD");
}

const send = (pair: Pair) => pair.git("bundle", "create", "-q", pair.bundle, "main", "--not", "origin/main");

const take = (pair: Pair, allows = false): Promise<TakenCommits> =>
  takeCommits(pair.host.commonDir, {
    owner: "agent-1",
    source: createReadStream(pair.bundle),
    refs: new Set(["refs/heads/main"]),
    patienceMs: 5000,
    allowsGitlinks: () => Promise.resolve(allows),
  });

/** Everything in the object directory. */
const objects = async ({ host }: Pair) =>
  (await readdir(path.join(host.commonDir, "objects"), { recursive: true })).sort();

const has = (pair: Pair, id: string) =>
  pair.host.git("cat-file", "-e", `${id}^{tree}`).then(
    () => true,
    () => false,
  );

describe.each([
  ["SHA-1", []],
  ["SHA-256", ["--object-format=sha256"]],
])("a bundle of %s", (_, init) => {
  let pair: Pair;

  beforeEach(async () => {
    pair = await createPair(init);
  });

  test.each([
    ["small", SMALL],
    ["large", LARGE],
  ])("that is %s brings its objects, and moves no ref", async (_size, bytes) => {
    const work = await commit(pair, bytes);
    const refs = await pair.host.git("for-each-ref");
    await send(pair);
    await take(pair);
    expect(await has(pair, work)).toBe(true);
    expect(await pair.host.git("for-each-ref")).toBe(refs);
    expect(await pair.host.git("show", `${work}:data`).catch(() => "")).not.toBe("");
  });

  test.each([
    ["small", SMALL],
    ["large", LARGE],
  ])("that is %s and builds on objects of the host's completes them from there", async (_size, bytes) => {
    await pair.host.write("big", randomBytes(200_000).toString("base64"));
    await pair.host.commit("big");
    await pair.git("pull", "-q", "--ff-only");
    await writeFile(path.join(pair.agent, "big"), "a little more", { flag: "a" });
    const work = await commit(pair, bytes);
    await send(pair);
    expect((await stat(pair.bundle)).size).toBeLessThan(bytes + 50_000);
    await take(pair);
    expect(await pair.host.git("cat-file", "-s", `${work}:big`)).toBe(String(266_668 + 13));
  });

  test("taken twice is no failure", async () => {
    const work = await commit(pair, SMALL);
    await send(pair);
    await take(pair);
    await take(pair);
    expect(await has(pair, work)).toBe(true);
  });
});

describe.each([
  ["small", SMALL],
  ["large", LARGE],
])("a %s bundle that is no good leaves no commit of it", (_, bytes) => {
  let pair: Pair;
  let work: string;

  beforeEach(async () => {
    pair = await createPair();
    work = await commit(pair, bytes);
    await send(pair);
  });

  const expectRefused = async () => {
    const before = await objects(pair);
    expect((await errorOf(take(pair))).code).toBe("E_PACK_REFUSED");
    expect(await has(pair, work)).toBe(false);
    expect(await objects(pair)).toEqual(before);
  };

  test("cut off", async () => {
    const whole = await readFile(pair.bundle);
    await writeFile(pair.bundle, whole.subarray(0, whole.length - 25));
    await expectRefused();
  });

  test("with a bit turned", async () => {
    const whole = await readFile(pair.bundle);
    whole[whole.length - 200] = (whole[whole.length - 200] ?? 0) ^ 1;
    await writeFile(pair.bundle, whole);
    await expectRefused();
  });

  test("that builds on a commit the host has not", async () => {
    await pair.git("tag", "unsent");
    await pair.git("commit", "-q", "--allow-empty", "-m", "on top");
    await pair.git("bundle", "create", "-q", pair.bundle, "main", "--not", "unsent");
    work = await pair.git("rev-parse", "HEAD");
    await expectRefused();
  });

  test("with a file in it that git would run something from", async () => {
    const file = path.join(pair.agent, "modules");
    await writeFile(file, '[submodule "x"]\n\tpath = x\n\turl = -u./evil\n');
    const blob = await pair.git("hash-object", "-w", "modules");
    await pair.git("update-index", "--add", "--cacheinfo", `100644,${blob},.gitmodules`);
    await pair.git("commit", "-q", "-m", "evil");
    work = await pair.git("rev-parse", "HEAD");
    await send(pair);
    await expectRefused();
  });
});

describe("what is no bundle at all", () => {
  test.each([
    ["nothing", ""],
    ["text", "hello\n\nworld"],
    ["a header without an end", `# v2 git bundle\n${"x".repeat(1000)}`],
    ["a header of a version there is not", "# v9 git bundle\n\nPACK"],
    ["a header and nothing more", "# v2 git bundle\n\n"],
    ["a header and rubbish", `# v2 git bundle\n\n${"PACK".repeat(100)}`],
  ])("%s is refused", async (_, text) => {
    const pair = await createPair();
    const before = await objects(pair);
    await writeFile(pair.bundle, text);
    expect((await errorOf(take(pair))).code).toBe("E_PACK_REFUSED");
    expect(await objects(pair)).toEqual(before);
  });
});

test("few objects come as loose ones: packs do not pile up with one per sync", async () => {
  const pair = await createPair();
  await commit(pair, SMALL);
  await send(pair);
  await take(pair);
  expect((await objects(pair)).filter((name) => name.endsWith(".pack"))).toEqual([]);
});

describe("a commit whose parts are not all there", () => {
  test("is refused, also when the pack itself is sound, and nothing of it stays", async () => {
    const pair = await createPair();
    const work = await commit(pair, SMALL);
    const before = await objects(pair);
    const pack = await execa("git", ["pack-objects", "--stdout", "-q"], {
      cwd: pair.agent,
      input: `${work}\n`,
      encoding: "buffer",
    });
    const header = Buffer.from(`# v2 git bundle\n${work} refs/heads/main\n\n`);
    await writeFile(pair.bundle, Buffer.concat([header, pack.stdout]));
    const error = await errorOf(take(pair));
    expect(error.code).toBe("E_PACK_REFUSED");
    expect(await objects(pair)).toEqual(before);
  });
});

describe("an embedded repository", () => {
  let pair: Pair;

  const gitlink = (file: string) =>
    pair.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},${file}`);

  beforeEach(async () => {
    pair = await createPair();
  });

  const commitAndTake = async (allows = false) => {
    await pair.git("commit", "-q", "-m", "embeds");
    await send(pair);
    return (await take(pair, allows)).refused.get("refs/heads/main");
  };

  test("that .gitmodules does not name keeps the branch away, in words", async () => {
    const before = await objects(pair);
    await gitlink("deep/tool");
    expect(await commitAndTake()).toMatch(/^commit [0-9a-f]{12} embeds the repository "deep\/tool"/);
    expect(await objects(pair)).toEqual(before);
  });

  test("below a later commit that has taken it out again, too", async () => {
    await gitlink("tool");
    await pair.git("commit", "-q", "-m", "embeds");
    await pair.git("rm", "-q", "--cached", "tool");
    expect(await commitAndTake()).toContain('"tool"');
  });

  test("in a merge that neither parent has", async () => {
    await pair.git("branch", "side");
    await commit(pair, SMALL);
    await pair.git("checkout", "-q", "side");
    await pair.git("commit", "-q", "--allow-empty", "-m", "side");
    await pair.git("checkout", "-q", "main");
    await pair.git("merge", "-q", "--no-commit", "--no-ff", "side");
    await gitlink("tool");
    expect(await commitAndTake()).toContain('"tool"');
  });

  const declare = (at: string) =>
    writeFile(
      path.join(at, ".gitmodules"),
      '[submodule "t"]\n\tpath = the tool\n\turl = https://example.com/t\n',
    );

  test("that only the agent's own .gitmodules names keeps the branch away too", async () => {
    await declare(pair.agent);
    await pair.git("add", ".gitmodules");
    await gitlink("the tool");
    expect(await commitAndTake()).toContain('"the tool"');
  });

  test("that is a submodule of the user's own commit is taken", async () => {
    await declare(pair.host.root);
    await pair.host.commit("the user's submodule");
    await gitlink("the tool");
    expect(await commitAndTake()).toBeUndefined();
  });

  test("that a merge brings in from the user's own branch is taken", async () => {
    await pair.host.git("checkout", "-q", "-b", "with-submodule");
    await pair.host.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},mod`);
    await pair.host.git("commit", "-q", "-m", "mod");
    await pair.host.git("checkout", "-q", "main");
    await commit(pair, SMALL);
    await pair.git("fetch", "-q", "origin", "with-submodule");
    await pair.git("merge", "-q", "FETCH_HEAD");
    await send(pair);
    expect((await take(pair)).refused.size).toBe(0);
  });

  test("is taken where the user's settings allow it", async () => {
    await gitlink("tool");
    expect(await commitAndTake(true)).toBeUndefined();
  });
});

test("what a killed sync of the same agent left goes; another's stays", async () => {
  const pair = await createPair();
  const left = (name: string) => path.join(pair.host.commonDir, "objects", `tmp_objdir-devkit-${name}`);
  await mkdir(left("agent-1-abc"));
  await mkdir(left("agent-10-abc"));
  await commit(pair, SMALL);
  await send(pair);
  await take(pair);
  const tmp = (await objects(pair)).filter((name) => name.startsWith("tmp_"));
  expect(tmp).toEqual(["tmp_objdir-devkit-agent-10-abc"]);
});

test("a stream that stalls is given up, and nothing of it stays", async () => {
  const pair = await createPair();
  const before = await objects(pair);
  const source = new PassThrough();
  source.write("# v2 git bundle\n");
  const taking = takeCommits(pair.host.commonDir, {
    owner: "agent-1",
    source,
    refs: new Set(),
    patienceMs: 50,
    allowsGitlinks: () => Promise.resolve(false),
  });
  expect(await errorOf(taking)).toMatchObject({ code: "E_PACK_REFUSED" });
  expect(await objects(pair)).toEqual(before);
});
