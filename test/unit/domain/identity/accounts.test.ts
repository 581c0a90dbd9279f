import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  generatedGitConfig,
  GITCONFIG_SEED,
  groupFile,
  passwdFile,
} from "../../../../src/domain/identity/accounts.js";
import { tempDir } from "../../support/temp.js";

const rows = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));

describe("the generated accounts", () => {
  test("the agent has the host's ids, its HOME and a shell", () => {
    const [agent] = rows(passwdFile({ uid: 1234, gid: 567 }));
    expect(agent).toEqual(["agent", "x", "1234", "567", "devkit agent", "/home/agent", "/bin/bash"]);
    expect(rows(groupFile({ uid: 1234, gid: 567 }))[0]).toEqual(["agent", "x", "567", ""]);
  });

  test("when devkit runs as root, uid 0 is found as the agent, so that ssh uses the agent's HOME", () => {
    const found = rows(passwdFile({ uid: 0, gid: 0 })).find(([, , uid]) => uid === "0");
    expect(found?.[5]).toBe("/home/agent");
  });

  test("every row has all its fields", () => {
    expect(rows(passwdFile({ uid: 1, gid: 1 })).map((row) => row.length)).toEqual([7, 7, 7]);
    expect(rows(groupFile({ uid: 1, gid: 1 })).map((row) => row.length)).toEqual([4, 4, 4]);
  });
});

describe("the agent's git settings", () => {
  const settingOf = async (home: string, key: string) => {
    await writeFile(path.join(home, ".gitconfig"), GITCONFIG_SEED);
    return execFileSync("git", ["config", "--global", "--includes", key], {
      encoding: "utf8",
      env: { HOME: home, PATH: process.env["PATH"] },
    }).trim();
  };

  test("the seed includes what is generated: the user's identity and no maintenance", async () => {
    const home = await tempDir();
    const identity = [
      { key: "user.name", value: 'Tess "T" Ter' },
      { key: "user.email", value: "tess@example.com" },
    ];
    await writeFile(path.join(home, ".gitconfig.devkit"), generatedGitConfig(identity));
    expect(await settingOf(home, "user.name")).toBe('Tess "T" Ter');
    expect(await settingOf(home, "gc.auto")).toBe("0");
    expect(await settingOf(home, "maintenance.auto")).toBe("false");
  });

  test("nobody can turn maintenance back on through the identity", async () => {
    const home = await tempDir();
    const identity = [{ key: "gc.auto", value: "6700" }];
    await writeFile(path.join(home, ".gitconfig.devkit"), generatedGitConfig(identity));
    expect(await settingOf(home, "gc.auto")).toBe("0");
  });
});
