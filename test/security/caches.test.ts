import { writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

/** Garbage over every file, a link in the place of every directory, and something of its own. */
const ATTACK = `
  chmod -R u+rwX /devkit/caches 2>/dev/null || true
  find /devkit/caches -type f -exec sh -c 'for f; do echo garbage >"$f"; done' _ {} + 2>/dev/null || true
  for tool in /devkit/caches/*/*; do
    echo garbage >"$tool/planted" 2>/dev/null || true
    mv "$tool" "$tool.moved" 2>/dev/null && ln -s /etc "$tool" || true
  done
  for n in base current ../base ../layered; do ls "/devkit/caches/shared/$n" 2>/dev/null || true; done
  mount -o remount,rw /devkit/caches/layered 2>/dev/null || true
`;

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  box.env["XDG_CACHE_HOME"] = path.join(box.dir, "cache");
  await configure("readonly");
  await up();
  await inside(
    1,
    "echo good >~/.npm/_cacache/entry; echo good >~/.cargo/registry/cache/x.crate; echo good >~/.m2/repository/a.jar",
  );
  expect(await box.devkit("agent", "down")).toMatchObject({ exitCode: 0 });
  expect(await box.devkit("cache", "adopt", "1", "--apply")).toMatchObject({ exitCode: 0 });
  await up();
});

afterAll(() => box.remove());

const configure = (trust: string) =>
  writeFile(path.join(box.repo, "devkit.toml"), `[caches]\nuse = ["maven"]\ntrust = "${trust}"\n`);

async function up(): Promise<void> {
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
}

async function inside(index: number, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await box.devkit("exec", String(index), "--", "sh", "-c", script);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return stdout;
}

const LOOK =
  "cd ~; cat .npm/_cacache/entry .cargo/registry/cache/x.crate .m2/repository/a.jar; find /devkit/caches | sort";
/** Everything of the caches on the host that is not one agent's. */
const host = async () => {
  const root = path.join(box.dir, "cache/devkit/caches");
  return (
    await execa("bash", [
      "-c",
      `cd '${root}' && find . -printf '%p %y %m %l %T@\\n' | sort && find . -type f -exec md5sum {} +`,
    ])
  ).stdout;
};

describe("a hostile agent", () => {
  test("with trust = readonly changes nothing that another agent or the host reads", async () => {
    const [before, seen] = [await host(), await inside(2, LOOK)];
    expect(seen).toMatch(/^good\ngood\ngood\n/);
    await inside(1, ATTACK);
    expect(await inside(1, "find -L /devkit/caches -name planted | head -1")).not.toBe("");
    expect(await host()).toBe(before);
    expect(await inside(2, LOOK)).toBe(seen);
  });

  test("cannot have devkit follow its links, nor get a base by itself", async () => {
    const before = await host();
    await box.devkit("agent", "down", "1");
    expect((await box.json("cache", "list")).ok).toBe(true);
    expect((await box.json("cache", "prune", "--all")).ok).toBe(true);
    await up();
    expect(await host()).toBe(before);
    expect(await inside(2, LOOK)).toMatch(/^good\ngood\ngood\n/);
  });

  test("with trust = shared poisons what others share, and nothing that is layered: the control", async () => {
    await configure("shared");
    await up();
    await inside(2, "echo good >~/.npm/_cacache/entry; echo good >~/.cargo/registry/cache/x.crate");
    await inside(1, ATTACK);
    const seen = await inside(2, "cat /devkit/caches/shared/npm.moved/_cacache/entry ~/.m2/repository/a.jar");
    expect(seen).toBe("garbage\ngood");
  });

  test("is undone by emptying the shared caches and bringing agents up", async () => {
    const pruned = await box.json("cache", "prune", "--all", "--apply");
    expect(pruned.ok).toBe(true);
    await up();
    expect(await host()).not.toContain("moved");
    await inside(2, "echo again >~/.npm/_cacache/entry && ls ~/.cargo/registry/cache/");
  });
});
