import { expect, test } from "vitest";
import { widestMode } from "../../../../src/domain/identity/home-modes.js";
import { SIGNERS_FILE } from "../../../../src/domain/identity/signing.js";

// What devkit writes itself is nothing to warn of.
const PUBLIC = ["id_ed25519.pub", "known_hosts.devkit", "config", SIGNERS_FILE.slice(".ssh/".length)];

test.each(PUBLIC)("everybody may read ~/.ssh/%s", (name) => {
  expect(widestMode(".ssh", name)).toBe(0o644);
});

test.each(["id_ed25519", "allowed_signers.key", "config.old"])("nobody else may read ~/.ssh/%s", (name) => {
  expect(widestMode(".ssh", name)).toBe(0o600);
});
