import { chmod, lstat, mkdir, readdir, readlink, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPlace } from "../support/place.js";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
});

afterAll(() => box.remove());

describe("files that git does not carry", () => {
  test("are copied into new worktrees, are not seen by git, and credentials are named", async () => {
    const ignore = ".env*\nnode_modules/\nbuild/\n*.big\n.secret-link\n";
    const include = "# comment\n.env*\n!.env.example\nnode_modules/\n*.big\nnotes.txt\n";
    const place = await createPlace(box, "carried", {
      ".gitignore": ignore,
      ".worktreeinclude": include,
      "a.txt": "1",
    });
    await place.write("devkit.toml", '[workspace]\ncopy = ["/.secret-link", "/.devkit/"]\n');
    await place.git("add", ".");
    await place.git("commit", "-q", "-m", "settings");
    await place.write(".env.local", "TOKEN=1");
    await chmod(path.join(place.dir, ".env.local"), 0o640);
    await place.write(".env.example", "TOKEN=");
    await place.write("notes.txt", "untracked, but not ignored");
    await place.write("build/x", "ignored, but not listed");
    await place.write("node_modules/tool/cli.js", "#!/usr/bin/env node");
    await chmod(path.join(place.dir, "node_modules/tool/cli.js"), 0o755);
    await mkdir(path.join(place.dir, "node_modules/.bin"));
    await symlink("../tool/cli.js", path.join(place.dir, "node_modules/.bin/tool"));
    await symlink("/etc/shadow", path.join(place.dir, ".secret-link"));
    await place.write("huge.big", "");
    await truncate(path.join(place.dir, "huge.big"), 512 * 1024 * 1024);
    // Somebody's own ignore rules count inside as well.
    await writeFile(path.join(place.dir, ".git/info/exclude"), "scratch\n");
    await mkdir(path.join(box.dir, "home/.config/git"), { recursive: true });
    await writeFile(path.join(box.dir, "home/.config/git/ignore"), "*.swp\n");

    expect(await place.up()).toEqual([
      expect.stringMatching(/live credentials.*: \.env\.local \(an environment file\)$/),
    ]);
    const there = await readdir(place.worktree);
    expect(there).toEqual(expect.arrayContaining([".env.local", ".secret-link", "huge.big", "node_modules"]));
    for (const name of [".env.example", "notes.txt", "build", ".devkit"]) expect(there).not.toContain(name);
    const at = (file: string) => path.join(place.worktree, file);
    expect((await lstat(at(".env.local"))).mode & 0o777).toBe(0o640);
    expect((await lstat(at("node_modules/tool/cli.js"))).mode & 0o777).toBe(0o755);
    expect(await readlink(at("node_modules/.bin/tool"))).toBe("../tool/cli.js");
    expect(await readlink(at(".secret-link"))).toBe("/etc/shadow");
    const { size, blocks } = await lstat(at("huge.big"));
    expect(size).toBe(512 * 1024 * 1024);
    expect(blocks * 512).toBeLessThan(64 * 1024 * 1024);
    expect(await place.inside("touch scratch x.swp; git status --porcelain")).toBe("");
    expect(await place.hostStatus()).toBe("");

    // Once only: what the agent changes or deletes stays so.
    await place.inside("rm .env.local; echo mine >node_modules/tool/cli.js");
    expect(await place.up()).toEqual([]);
    expect(await readdir(place.worktree)).not.toContain(".env.local");
  });
});
