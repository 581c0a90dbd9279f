import { execFileSync } from "node:child_process";
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  stagingName,
  readHostileFile,
  replaceFile,
  writeNewFile,
} from "../../../../src/adapters/fs/atomic-file.js";
import { errorOf, tempDir } from "../../support/temp.js";

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await tempDir();
  file = path.join(dir, "file");
});

describe("writing a new file", () => {
  test("writes it with its mode", async () => {
    await writeNewFile(file, "text", 0o600);
    expect(await readFile(file, "utf8")).toBe("text");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test("never overwrites one, nor follows a link that dangles", async () => {
    await writeFile(file, "mine");
    await expect(writeNewFile(file, "theirs", 0o644)).rejects.toMatchObject({ code: "EEXIST" });
    expect(await readFile(file, "utf8")).toBe("mine");
    await symlink(path.join(dir, "target"), path.join(dir, "link"));
    await expect(writeNewFile(path.join(dir, "link"), "x", 0o644)).rejects.toMatchObject({ code: "EEXIST" });
    expect(await readdir(dir)).toEqual(["file", "link"]);
  });
});

describe("replacing a file", () => {
  test("puts the whole text there and leaves nothing beside it", async () => {
    await replaceFile(file, "one");
    await replaceFile(file, "two");
    expect(await readFile(file, "utf8")).toBe("two");
    expect(await readdir(dir)).toEqual(["file"]);
  });

  test("replaces a link, and leaves what it points at alone", async () => {
    const target = path.join(dir, "target");
    await writeFile(target, "precious");
    await symlink(target, file);
    await replaceFile(file, "new");
    expect(await readFile(target, "utf8")).toBe("precious");
    expect((await lstat(file)).isFile()).toBe(true);
    expect(await readFile(file, "utf8")).toBe("new");
  });

  test("is never seen half done by a reader", async () => {
    const texts = ["a".repeat(200_000), "b".repeat(200_000)];
    await replaceFile(file, texts[0] ?? "");
    let isWriting = true;
    const writing = (async () => {
      for (let turn = 0; turn < 40; turn += 1) await replaceFile(file, texts[turn % 2] ?? "");
      isWriting = false;
    })();
    const seen = new Set<boolean>();
    while (isWriting) seen.add(texts.includes(await readFile(file, "utf8")));
    await writing;
    expect([...seen]).toEqual([true]);
  });

  test("fails whole where it cannot, and leaves nothing beside it", async () => {
    await mkdir(file);
    await writeFile(path.join(file, "inside"), "");
    const error = await errorOf(replaceFile(file, "x"));
    expect(error.code).toBe("E_FILE");
    expect(error.message).toContain(file);
    expect(await readdir(dir)).toEqual(["file"]);
    expect((await errorOf(replaceFile(path.join(dir, "none", "file"), "x"))).code).toBe("E_FILE");
  });

  test("can write it elsewhere first, where whoever may change the directory cannot reach it", async () => {
    const staging = path.join(dir, "staging");
    await mkdir(staging);
    await replaceFile(file, "text", staging);
    expect(await readFile(file, "utf8")).toBe("text");
    expect(await readdir(staging)).toEqual([]);
  });

  test("names to write it at first differ each time, are hidden and on the file's own file system", () => {
    const names = Array.from({ length: 50 }, () => stagingName(file));
    expect(new Set(names).size).toBe(50);
    for (const name of names) {
      expect(path.dirname(name)).toBe(dir);
      expect(path.basename(name)).toMatch(/^\.file\.[0-9a-f]{12}\.tmp$/);
    }
  });
});

describe("reading a file an agent could have put anything in the place of", () => {
  test("a plain file up to the limit", async () => {
    await writeFile(file, "12345");
    expect(readHostileFile(file, 5)).toBe("12345");
    expect(readHostileFile(file, 4)).toBeUndefined();
  });

  test("a huge file is not read", async () => {
    await writeFile(file, "");
    await truncate(file, 8 * 1024 ** 4);
    expect(readHostileFile(file, 1024)).toBeUndefined();
  });

  test("no file, a file as a directory, a directory as a file", async () => {
    expect(readHostileFile(file, 10)).toBeUndefined();
    await writeFile(file, "x");
    expect(readHostileFile(path.join(file, "below"), 10)).toBeUndefined();
    expect(readHostileFile(dir, 10)).toBeUndefined();
  });

  test("a link is not followed, wherever it leads", async () => {
    await writeFile(path.join(dir, "target"), "secret");
    for (const [position, target] of ["target", "/etc/passwd", "/dev/zero", "loop-3"].entries()) {
      const link = path.join(dir, `loop-${String(position)}`);
      await symlink(target, link);
      expect(readHostileFile(link, 1024 * 1024)).toBeUndefined();
      expect(await readlink(link)).toBe(target);
    }
  });

  test("a pipe without a writer does not hold it up", () => {
    execFileSync("mkfifo", [file]);
    expect(readHostileFile(file, 10)).toBeUndefined();
  });

  test("a socket", async () => {
    const server = createServer();
    // The path of a socket is short, or it cannot be bound.
    const socket = path.relative(process.cwd(), path.join(dir, "s"));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    expect(readHostileFile(path.join(dir, "s"), 10)).toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(["/dev/zero", "/dev/null", "/dev/tty"])("a device: %s", (device) => {
    expect(readHostileFile(device, 1024)).toBeUndefined();
  });

  test("a file that is longer than it says is read only up to the limit", async () => {
    expect((await stat("/proc/self/maps")).size).toBe(0);
    const text = readHostileFile("/proc/self/maps", 10);
    expect(text === undefined || text.length <= 10).toBe(true);
  });

  test("bytes that are no text do not throw", async () => {
    await writeFile(file, Buffer.from([0xff, 0xfe, 0x00]));
    expect(readHostileFile(file, 10)).toContain("\0");
  });
});
