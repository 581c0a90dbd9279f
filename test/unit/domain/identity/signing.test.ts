import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { addSigner, signerLine } from "../../../../src/domain/identity/signing.js";
import { generateKey } from "../../../../src/domain/ssh/generate-key.js";
import { tempDir } from "../../support/temp.js";

const KEY = { type: "ssh-ed25519", publicKey: "AAAA" };

describe("whose signatures count", () => {
  test("the committer's, by the agent's key", () => {
    const line = signerLine("agent-2", "tess+2@example.com", KEY);
    expect(line).toBe(`tess+2@example.com namespaces="git" ssh-ed25519 AAAA`);
  });

  test.each(["*@example.com", "a,b@example.com", "!tess@example.com", 'te"ss@example.com', ""])(
    "%j is a pattern, or ends the field: the agent's name stands for it",
    (email) => {
      expect(signerLine("agent-2", email, KEY)).toBe(`agent-2 namespaces="git" ssh-ed25519 AAAA`);
    },
  );

  test("a line is added once, and what was there stays", () => {
    expect(addSigner(undefined, "one")).toBe("one\n");
    expect(addSigner("one", "two")).toBe("one\ntwo\n");
    expect(addSigner("one\ntwo\n", "one")).toBeUndefined();
  });

  test("ssh-keygen takes the file: what the key signed is this person's", async () => {
    const dir = await tempDir();
    const key = generateKey("a comment");
    const file = path.join(dir, "key");
    writeFileSync(file, key.text, { mode: 0o600 });
    const run = (...args: string[]) =>
      execFileSync("ssh-keygen", args, {
        encoding: "utf8",
        input: "text",
        stdio: ["pipe", "pipe", "ignore"],
      });
    writeFileSync(path.join(dir, "sig"), run("-Y", "sign", "-n", "git", "-f", file));
    const signers = path.join(dir, "signers");
    writeFileSync(signers, addSigner("# mine\n", signerLine("agent-1", "t@example.com", key)) ?? "");
    const said = run(
      "-Y",
      "verify",
      "-f",
      signers,
      "-I",
      "t@example.com",
      "-n",
      "git",
      "-s",
      path.join(dir, "sig"),
    );
    expect(said).toContain('Good "git" signature for t@example.com');
  });
});
