import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { findSshKeys } from "../../../../src/domain/identity/ssh-keys.js";
import { tempDir } from "../../support/temp.js";

const make = (dir: string, name: string, ...flags: string[]) =>
  execFileSync("ssh-keygen", ["-q", "-f", path.join(dir, name), ...flags]);
const read = (dir: string) =>
  readdirSync(dir).map((name) => ({
    name,
    mode: statSync(path.join(dir, name)).mode & 0o777,
    text: readFileSync(path.join(dir, name), "utf8"),
  }));
/** What ssh-keygen says of a public key: fingerprint and comment. */
const asked = (dir: string, name: string) =>
  /^\d+ (\S+) (.*) \(\S+\)$/.exec(
    execFileSync("ssh-keygen", ["-lf", path.join(dir, `${name}.pub`)])
      .toString()
      .trim(),
  );

describe("ssh keys", () => {
  test.each([
    ["ed25519", "ssh-ed25519", ["-t", "ed25519", "-N", "", "-C", "me@here"], false],
    ["ecdsa", "ecdsa-sha2-nistp256", ["-t", "ecdsa", "-N", "", "-C", "two words"], false],
    ["encrypted", "ssh-ed25519", ["-t", "ed25519", "-N", "secret", "-C", "x"], true],
    ["old", "ssh-rsa", ["-t", "rsa", "-b", "1024", "-m", "PEM", "-N", "", "-C", "x"], false],
    ["oldEncrypted", "ssh-rsa", ["-t", "rsa", "-b", "1024", "-m", "PEM", "-N", "secret", "-C", "x"], true],
  ])("%s: as ssh-keygen names them", async (name, type, flags, isEncrypted) => {
    const dir = await tempDir();
    make(dir, name, ...flags);
    const [, fingerprint, comment] = asked(dir, name) ?? [];
    const common = { type, fingerprint, comment };
    expect(findSshKeys(read(dir))).toEqual([
      { file: name, mode: 0o600, ...common, isPrivate: true, isEncrypted },
    ]);
    const halves = read(dir);
    expect(findSshKeys(halves.filter((one) => one.name === `${name}.pub`))).toEqual([
      { file: `${name}.pub`, mode: 0o644, ...common, isPrivate: false, isEncrypted: undefined },
    ]);
  });

  test("a public key of another key beside a private one says nothing about it", async () => {
    const dir = await tempDir();
    make(dir, "a", "-t", "ed25519", "-N", "", "-C", "first");
    make(dir, "b", "-t", "ed25519", "-N", "", "-C", "second");
    const files = read(dir);
    const other = files.find((one) => one.name === "b.pub")?.text ?? "";
    const [found] = findSshKeys(
      files
        .filter((one) => one.name.startsWith("a"))
        .map((one) => (one.name === "a.pub" ? { ...one, text: other } : one)),
    );
    expect(found).toMatchObject({ fingerprint: asked(dir, "a")?.[1], comment: undefined });
  });

  test("what a key says of its type is safe to print", () => {
    const string = (bytes: string) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, Buffer.from(bytes)]);
    };
    const one = Buffer.from([0, 0, 0, 1]);
    const blob = string("\u001b]0;x\u0007");
    const body = ["none", "none", ""].map(string);
    const all = Buffer.concat([Buffer.from("openssh-key-v1\0"), ...body, one, string(blob.toString())]);
    const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${all.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
    expect(findSshKeys([{ name: "k", mode: 0o600, text }])).toEqual([]);
  });

  test.each([
    ["", "x"],
    ["ssh-ed25519 AAAA", "x.pub"],
    ["ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQAB rsa really", "x.pub"],
    ["-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "x"],
    [
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from("openssh-key-v1\0\u00ff\u00ff\u00ff\u00ffnone").toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`,
      "x",
    ],
  ])("%j is none", (text, name) => {
    expect(findSshKeys([{ name, mode: 0o600, text }])).toEqual([]);
  });
});
