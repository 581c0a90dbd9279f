import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPlace, placeOf, type Place } from "../support/place.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  // git refuses to clone submodules from a path without it.
  await box.git("config", "--global", "protocol.file.allow", "always");
  await box.git("commit", "-q", "--allow-empty", "-m", "second");
});

afterAll(() => box.remove());

const create = (name: string, files: Record<string, string>) => createPlace(box, name, files);

/** Clean inside and outside, commits that come home, and a repository that is whole. */
async function expectToWork(place: Place): Promise<void> {
  const before = await place.git("status", "--porcelain", "--branch");
  const script =
    "git log >/dev/null; git status --porcelain; echo new >new.txt; git add --sparse new.txt; git commit -qm inside";
  expect(await place.inside(script)).toBe("");
  expect(await place.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
  expect(await place.git("log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("inside");
  expect(await place.hostStatus()).toBe("");
  expect(await place.inside("git status --porcelain")).toBe("");
  expect(await place.git("status", "--porcelain", "--branch")).toBe(before);
  await place.git("fsck", "--no-dangling");
}

const KINDS: [string, string, (dir: string) => Promise<unknown>][] = [
  [
    "every setting that changes the index",
    "index",
    async (dir) => {
      await box.git("clone", "-q", box.repo, dir);
      for (const setting of [
        "core.splitIndex",
        "core.untrackedCache",
        "core.fsmonitor",
        "feature.manyFiles",
      ]) {
        await box.git("-C", dir, "config", setting, "true");
      }
      await box.git("-C", dir, "config", "index.version", "4");
      await box.git("-C", dir, "-c", "core.fsmonitor=false", "update-index", "--split-index");
    },
  ],
  [
    "replaced and grafted commits",
    "replaced",
    async (dir) => {
      await box.git("clone", "-q", box.repo, dir);
      await box.git("-C", dir, "replace", "--graft", "HEAD");
    },
  ],
  [
    "objects borrowed over two steps, by relative paths",
    "chained",
    async (dir) => {
      const middle = path.join(box.dir, "chain-middle");
      await box.git("clone", "-q", "--shared", box.repo, middle);
      await box.git("-C", middle, "commit", "-q", "--allow-empty", "-m", "third");
      await box.git("clone", "-q", "--shared", middle, dir);
      await writeFile(path.join(middle, ".git/objects/info/alternates"), "../../../demo/.git/objects\n");
      await writeFile(path.join(dir, ".git/objects/info/alternates"), "../../../chain-middle/.git/objects\n");
    },
  ],
];

describe("repositories", () => {
  test.each(KINDS)("with %s work", async (_, name, make) => {
    const place = placeOf(box, name);
    await make(place.dir);
    expect(await place.up()).toEqual([]);
    await expectToWork(place);
  });

  test("with names that are no UTF-8, very long, or differ in case only work", async () => {
    const place = await create("names", {
      File: "1",
      file: "2",
      [`${"d".repeat(200)}/${"f".repeat(250)}`]: "3",
    });
    await writeFile(
      Buffer.concat([Buffer.from(`${place.dir}/`), Buffer.from([0x66, 0xff, 0x0a, 0x67])]),
      "4",
    );
    await place.git("add", ".");
    await place.git("commit", "-q", "-m", "odd");
    expect(await place.up()).toEqual([]);
    await expectToWork(place);
  });

  test("that want every commit signed: agents' are not, and signed history stays whole", async () => {
    const place = await create("signed", { a: "1" });
    const key = path.join(box.dir, "signing");
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    for (const [name, value] of [
      ["gpg.format", "ssh"],
      ["user.signingKey", key],
      ["commit.gpgSign", "true"],
      ["tag.gpgSign", "true"],
    ]) {
      await place.git("config", name ?? "", value ?? "");
    }
    await place.git("commit", "-q", "--allow-empty", "-m", "signed");
    await place.git("tag", "-m", "signed", "v1");
    expect(await place.git("cat-file", "commit", "HEAD")).toContain("BEGIN SSH SIGNATURE");
    // From here on whoever signs on the host would fail.
    await place.git("config", "user.signingKey", "/nonexistent");
    await place.up();
    await expectToWork(place);
    expect(await place.inside("git fsck --strict --no-dangling; git cat-file tag v1")).toContain("SIGNATURE");
    expect(await place.git("cat-file", "commit", "agent/agent-1/idle")).not.toContain("SIGNATURE");
  });

  test("with hooks in the tree run them inside only, and the host's own nowhere", async () => {
    const ran = path.join(box.dir, "husky-ran-on-host");
    const place = await create("husky", { ".husky/pre-commit": `#!/bin/sh\ntouch /tmp/husky-ran ${ran}\n` });
    await chmod(path.join(place.dir, ".husky/pre-commit"), 0o755);
    await place.git("commit", "-qam", "executable");
    await place.git("config", "core.hooksPath", ".husky");
    await writeFile(path.join(place.dir, ".git/hooks/pre-commit"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    await place.up();
    await place.inside("echo x >x; git add x; git commit -qm x 2>/dev/null || true; ls /tmp/husky-ran");
    await place.inside("git commit -qm x --no-verify 2>/dev/null || true");
    await place.devkit("agent", "sync");
    expect(await readdir(box.dir)).not.toContain("husky-ran-on-host");
    expect(await place.git("log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("x");
  });

  test.each([
    ["cone", "a"],
    ["no-cone", "/a/*"],
  ])("sparse (%s) are as sparse in the agent", async (mode, pattern) => {
    const files = { "a/in.txt": "1", "b/out.txt": "2", "c/out.txt": "3", "top.txt": "4" };
    const place = await create(`sparse-${mode}`, files);
    await place.git("sparse-checkout", "set", `--${mode}`, pattern);
    await place.up();
    expect(await place.inside("ls -d */; git sparse-checkout list")).toBe(`a/\n${pattern}`);
    await expectToWork(place);
    expect(
      await place.inside("git sparse-checkout add b 2>&1; cat b/out.txt; git status --porcelain"),
    ).toContain("2");
    expect((await readdir(place.dir)).includes("b")).toBe(false);
  });

  test("partial: what is missing is fetched once and said, and inside fails clearly without network", async () => {
    const origin = await create("partial-origin", { "a/one": "1\n", "a/two": "2\n", "b/three": "3\n" });
    await origin.git("config", "uploadpack.allowFilter", "true");
    await origin.git("config", "uploadpack.allowAnySHA1InWant", "true");
    await origin.write("a/one", "1 more\n");
    await origin.git("commit", "-qam", "second");
    const place = placeOf(box, "partial");
    await box.git("clone", "-q", "--no-checkout", "--filter=blob:none", `file://${origin.dir}`, place.dir);
    await place.git("sparse-checkout", "set", "--no-cone", "/a/one", "/new.txt");
    await place.git("checkout", "-q", "main");
    const missing = "rev-list --objects --no-walk --missing=print HEAD".split(" ");
    const count = async () =>
      (await place.git(...missing)).split("\n").filter((line) => line.startsWith("?")).length;
    expect(await count()).toBe(2);
    // A new version at the base that the primary has not checked out: the worktree needs it.
    await origin.write("a/one", "1 and more\n");
    await origin.git("commit", "-qam", "third");
    await place.git("fetch", "-q");
    await place.write("devkit.toml", '[project]\nbase = "origin/main"\n');
    expect(await place.up()).toEqual([
      expect.stringMatching(/fetched 1 files that this partial clone had not/),
    ]);
    expect(await count()).toBe(2);
    await expectToWork(place);
    const old = await place.devkit("exec", "1", "--", "git", "cat-file", "-p", "HEAD:a/two");
    expect(old.exitCode).not.toBe(0);
    expect(old.stderr).toMatch(/promisor|could not fetch|Could not read/i);
    await place.inside("echo x >>a/one; git commit -qam changed; git fsck --no-dangling");
    expect(await place.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
    expect(await place.git("show", "agent/agent-1/idle:a/one")).toBe("1 and more\nx");
  });
});

describe("submodules", () => {
  test("are there without network, work inside, and their commits come home", async () => {
    await create("inner", { "i.txt": "inner\n" });
    const lib = await create("lib", { "l.txt": "lib\n" });
    await lib.git("submodule", "--quiet", "add", path.join(box.dir, "inner"), "deep/inner");
    await lib.git("commit", "-qm", "with inner");
    const place = await create("super", { "s.txt": "super\n" });
    await place.git("submodule", "--quiet", "add", lib.dir, "vendor/lib");
    await place.git("submodule", "--quiet", "update", "--init", "--recursive");
    await place.git("commit", "-qm", "with lib");
    const modules = path.join(place.dir, ".git/modules/vendor/lib");
    expect(await place.up()).toEqual([]);

    expect(await readFile(path.join(place.worktree, "vendor/lib/deep/inner/i.txt"), "utf8")).toBe("inner\n");
    expect(
      await place.inside(
        "git status --porcelain; git submodule status --recursive | cut -c1,43-; cd vendor/lib; git status --porcelain",
      ),
    ).toMatch(/^ ?vendor\/lib.*\n ?vendor\/lib\/deep\/inner.*$/);
    // On the host the submodule's .git leads nowhere: git takes it for one that is not checked out.
    expect(await box.git("-C", place.worktree, "status", "--porcelain")).toBe("");

    await place.inside("echo more >>vendor/lib/l.txt");
    expect((await place.devkit("agent", "status")).stdout).toMatch(/changed in submodules: "vendor\/lib"/);
    await place.inside(
      "cd vendor/lib; git commit -qam 'in lib'; cd deep/inner; git switch -qc topic; git commit -q --allow-empty -m 'in inner'; cd ../../../..; git add vendor/lib; git commit -qm 'bump'",
    );
    expect(await place.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
    const bumped = (await place.git("ls-tree", "agent/agent-1/idle", "vendor/lib")).slice(14, 54);
    const inModule = (dir: string, ...args: string[]) =>
      box.git(`--git-dir=${dir}`, `--work-tree=${box.dir}`, ...args);
    expect(await inModule(modules, "log", "-1", "--format=%s", bumped)).toBe("in lib");
    expect(
      await inModule(`${modules}/modules/deep/inner`, "log", "-1", "--format=%s", "agent/agent-1/topic"),
    ).toBe("in inner");

    // HEAD jumps back and forth; what it leaves is kept, and nothing diverges.
    await place.inside(
      "git submodule --quiet update; cd vendor/lib; git checkout -q HEAD~1; git commit -q --allow-empty -m 'aside'",
    );
    expect(await place.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
    await place.inside("cd vendor/lib; git checkout -q HEAD~1");
    expect(await place.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
    expect(await inModule(modules, "log", "--all", "--format=%s")).toMatch(/aside/);
    expect(await inModule(modules, "log", "--all", "--format=%s")).toMatch(/in lib/);
    await inModule(modules, "fsck", "--no-dangling");

    await place.inside(
      "git submodule --quiet deinit -f vendor/lib 2>/dev/null; test ! -e vendor/lib/l.txt; git submodule --quiet update --init --recursive --no-fetch; cat vendor/lib/l.txt; git mv vendor/lib moved; git rm -qf moved; git status --short",
    );
    expect((await readdir(path.join(place.dir, "vendor/lib"))).length).toBeGreaterThan(2);
    // What its own git has put there leads nowhere on the host, which is no reason to fail.
    expect(await box.git("-C", place.worktree, "status", "--porcelain")).toMatch(/gitmodules/);
  });
});

describe("Git LFS", () => {
  const hasLfs = async () => (await execa("git", ["lfs", "version"], { reject: false })).exitCode === 0;

  test("files come from the shared store, and what is not there is not downloaded", async (context) => {
    if (!(await hasLfs())) context.skip();
    const place = await create("lfs", { ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n" });
    await place.git("lfs", "install", "--local", "--skip-repo");
    await place.write("data.bin", "big data\n");
    await place.write("other.bin", "other data\n");
    await place.git("add", ".");
    await place.git("commit", "-q", "-m", "data");
    const [oid = ""] = /[0-9a-f]{64}/.exec(await place.git("show", "HEAD:other.bin")) ?? [];
    await execa("rm", [path.join(place.dir, ".git/lfs/objects", oid.slice(0, 2), oid.slice(2, 4), oid)]);
    await place.git("config", "lfs.url", "https://nowhere.invalid/lfs");
    expect(await place.up()).toEqual([]);
    expect(await readFile(path.join(place.worktree, "data.bin"), "utf8")).toBe("big data\n");
    expect(await readFile(path.join(place.worktree, "other.bin"), "utf8")).toContain(
      "git-lfs.github.com/spec",
    );
    await expectToWork(place);
    // Another checkout inside takes the file from the primary's store; a new one comes home with its commit.
    await place.inside(
      "rm data.bin; git checkout -q data.bin; grep -q 'big data' data.bin; git lfs ls-files -n | grep -q data.bin",
    );
    await place.inside("echo changed >data.bin; git commit -qam changed; git status --porcelain");
    expect(await place.devkit("agent", "sync")).toMatchObject({ exitCode: 0 });
    const pointer = await place.git("show", "agent/agent-1/idle:data.bin");
    const [made = ""] = /[0-9a-f]{64}/.exec(pointer) ?? [];
    const object = path.join(place.dir, ".git/lfs/objects", made.slice(0, 2), made.slice(2, 4), made);
    expect(await readFile(object, "utf8")).toBe("changed\n");
    expect(await place.hostStatus()).toBe("");
  });
});
