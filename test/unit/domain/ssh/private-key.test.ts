import { execaSync } from "execa";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { generateKey } from "../../../../src/domain/ssh/generate-key.js";
import { fingerprintOf, parsePrivateKey, publicLine } from "../../../../src/domain/ssh/private-key.js";
import { tempDir } from "../../support/temp.js";

/** A key as the real program makes it: its private half, and what the program says of it. */
async function make(...args: string[]) {
  const file = path.join(await tempDir(), "key");
  execaSync("ssh-keygen", ["-q", "-f", file, "-C", "me@here", ...args]);
  return { text: readFileSync(file, "utf8"), pub: readFileSync(`${file}.pub`, "utf8") };
}

const PLAIN = ["-N", ""];

describe("a private key", () => {
  test.each([
    ["id_ed25519", ["-t", "ed25519", ...PLAIN]],
    ["id_ecdsa", ["-t", "ecdsa", "-b", "521", ...PLAIN]],
    ["id_rsa", ["-t", "rsa", "-b", "1024", ...PLAIN]],
  ])("of ssh-keygen is what it says itself: %s", async (fileName, args) => {
    const { text, pub } = await make(...args);
    const { key } = parsePrivateKey(text);
    expect(key).toMatchObject({ fileName, text });
    expect(key && publicLine(key)).toBe(pub);
  });

  test.each([
    ["RSA", ["-t", "rsa", "-b", "1024", "-m", "PEM"], "id_rsa"],
    ["RSA as PKCS 8", ["-t", "rsa", "-b", "1024", "-m", "PKCS8"], "id_rsa"],
    ["EC", ["-t", "ecdsa", "-b", "256", "-m", "PEM"], "id_ecdsa"],
  ])("of an older kind has no comment: %s", async (_, args, fileName) => {
    const { text, pub } = await make(...args, ...PLAIN);
    const { key } = parsePrivateKey(text);
    expect(key?.fileName).toBe(fileName);
    expect(key && publicLine(key)).toBe(pub.replace(" me@here", ""));
  });

  test("may have the line ends of another system, and none at the end", async () => {
    const { text, pub } = await make("-t", "ed25519", ...PLAIN);
    const { key } = parsePrivateKey(text.trimEnd().replaceAll("\n", "\r\n"));
    expect(key?.text).toBe(text);
    expect(key && publicLine(key)).toBe(pub);
  });

  test.each([
    ["OpenSSH's", ["-t", "ed25519"]],
    ["PEM", ["-t", "rsa", "-b", "1024", "-m", "PEM"]],
    ["PKCS 8", ["-t", "rsa", "-b", "1024", "-m", "PKCS8"]],
  ])("with a passphrase is told: %s", async (_, args) => {
    expect(parsePrivateKey((await make(...args, "-N", "secret")).text)).toEqual({ problem: "encrypted" });
  });

  test("is not its public half", async () => {
    expect(parsePrivateKey((await make("-t", "ed25519", ...PLAIN)).pub)).toEqual({ problem: "public" });
  });

  test("is none when anything is missing of it, or it is something else", async () => {
    const { text } = await make("-t", "ed25519", ...PLAIN);
    const body = text.split("\n").slice(1, -2).join("");
    const half = body.slice(0, body.length / 2);
    for (const broken of [
      "",
      "hello",
      text.slice(0, 80),
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${half}\n-----END OPENSSH PRIVATE KEY-----\n`,
      "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
    ])
      expect(parsePrivateKey(broken)).toEqual({ problem: "none" });
  });

  test("has the fingerprint that ssh-keygen shows", async () => {
    const file = path.join(await tempDir(), "key");
    const key = generateKey("x");
    writeFileSync(file, key.text, { mode: 0o600 });
    expect(execaSync("ssh-keygen", ["-lf", file]).stdout).toContain(` ${fingerprintOf(key.publicKey)} `);
  });
});

test("a key that devkit makes is one that ssh can use, and another one each time", async () => {
  const file = path.join(await tempDir(), "key");
  const key = generateKey("devkit agent-2");
  writeFileSync(file, key.text, { mode: 0o600 });
  expect(`${execaSync("ssh-keygen", ["-y", "-f", file]).stdout}\n`).toBe(publicLine(key));
  expect(publicLine(key)).toMatch(/^ssh-ed25519 AAAA\S+ devkit agent-2\n$/);
  expect(generateKey("devkit agent-2").publicKey).not.toBe(key.publicKey);
  writeFileSync(path.join(path.dirname(file), "data"), "signed\n");
  execaSync("ssh-keygen", [
    "-Y",
    "sign",
    "-q",
    "-n",
    "test",
    "-f",
    file,
    path.join(path.dirname(file), "data"),
  ]);
});
