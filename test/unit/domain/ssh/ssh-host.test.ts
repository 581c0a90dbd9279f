import { expect, test } from "vitest";
import { fingerprintOf } from "../../../../src/domain/ssh/private-key.js";
import { findSshHost, listSshHosts } from "../../../../src/domain/ssh/ssh-host.js";

const NONE = { hosts: {}, known_hosts: [] };

/** As each forge publishes them on its own pages. */
const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
  "github.com": [
    "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
    "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
    "SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s",
  ],
  "gitlab.com": [
    "SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8",
    "SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw",
    "SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ",
  ],
  "bitbucket.org": [
    "SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM",
    "SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0",
    "SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E",
  ],
};

test("the keys of known forges are those that they publish", () => {
  const found = listSshHosts(NONE).map(({ name, keys }) => [name, keys.map(({ key }) => fingerprintOf(key))]);
  expect(Object.fromEntries(found)).toEqual(PUBLISHED);
});

test("known forges speak ssh on port 443 of another name", () => {
  expect(listSshHosts(NONE).map(({ name, server }) => [name, server])).toEqual([
    ["github.com", "ssh.github.com"],
    ["gitlab.com", "altssh.gitlab.com"],
    ["bitbucket.org", "altssh.bitbucket.org"],
  ]);
});

test("a company's host is where the settings say, with the keys that they name for it", () => {
  const settings = {
    hosts: { "git.example.com": "ssh.example.com" },
    known_hosts: ["ssh.example.com ssh-ed25519 AAAA", "other.example.com ssh-ed25519 BBBB"],
  };
  expect(findSshHost("git.example.com", settings)).toEqual({
    name: "git.example.com",
    server: "ssh.example.com",
    keys: [{ name: "ssh.example.com", type: "ssh-ed25519", key: "AAAA" }],
  });
  expect(findSshHost("git.example.com", { ...settings, known_hosts: [] })?.keys).toEqual([]);
  expect(findSshHost("elsewhere.example.com", settings)).toBeUndefined();
  expect(findSshHost("constructor", settings)).toBeUndefined();
});

test("keys that the settings name take the place of those that devkit has", () => {
  const settings = { hosts: {}, known_hosts: ["ssh.github.com ssh-ed25519 AAAA"] };
  expect(findSshHost("github.com", settings)?.keys.map(({ key }) => key)).toEqual(["AAAA"]);
});
