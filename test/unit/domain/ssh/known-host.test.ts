import { describe, expect, it } from "vitest";
import { parseKnownHost } from "../../../../src/domain/ssh/known-host.js";

describe("a host's key", () => {
  it("is read", () => {
    expect(parseKnownHost("ssh.example.com ssh-ed25519 AAAA")).toEqual({
      name: "ssh.example.com",
      type: "ssh-ed25519",
      key: "AAAA",
    });
  });

  it.each([
    "",
    "ssh.example.com",
    "ssh.example.com ssh-dss AAAA",
    "[ssh.example.com]:443 ssh-ed25519 AAAA",
    "@cert-authority *.example.com ssh-ed25519 AAAA",
    "ssh.example.com ssh-ed25519 AAAA\nother ssh-ed25519 BBBB",
    "*.example.com ssh-ed25519 AAAA",
    "ssh.example.com ssh-ed25519 AAAA comment",
  ])("is refused: %j", (text) => {
    expect(parseKnownHost(text)).toBeUndefined();
  });
});
