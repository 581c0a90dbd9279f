import { expect, test } from "vitest";
import { looksLikeCredential } from "../../../../src/domain/custody/credential-files.js";

test.each([
  [".env", "", "an environment file"],
  ["app/.env.local", "", "an environment file"],
  ["deploy/ID_ED25519", "", "a private key"],
  ["tls/server.pem", "", "a key or its store"],
  ["store.p12", "", "a key or its store"],
  ["credentials.json", "{}", "credentials"],
  [".npmrc", "//example.com/:_authToken=abc", "an access token"],
  [".pypirc", "[x]\npassword = y", "an access token"],
  [".netrc", "machine example.com login x password y", "an access token"],
  ["notes.txt", "-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"],
  ["aws.txt", `key = AKIA${"A1".repeat(8)}`, "an AWS key"],
  ["gcp.json", '{ "type": "service_account" }', "a service account"],
  ["hub.txt", `ghp_${"a".repeat(36)}`, "an access token"],
])("%s looks like one", (path, beginning, expected) => {
  expect(looksLikeCredential(path, beginning)).toBe(expected);
});

test.each([
  [".env.example", "TOKEN="],
  [".npmrc", "save-exact=true"],
  ["environment.ts", "export const env = 1;"],
  ["cert.txt", "-----BEGIN CERTIFICATE-----"],
  ["node_modules/tls-tests/key.pem", "-----BEGIN PRIVATE KEY-----"],
  ["build/app.js", "const skin = 'sk-in';"],
])("%s does not", (path, beginning) => {
  expect(looksLikeCredential(path, beginning)).toBeUndefined();
});
