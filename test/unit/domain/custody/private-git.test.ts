import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import {
  privateGitFiles,
  startBranch,
  type LentHistory,
} from "../../../../src/domain/custody/private-git.js";
import { lentConfig } from "../../../../src/domain/custody/lent-config.js";
import { oid } from "../../support/things.js";

const LENT: LentHistory = {
  objectFormat: "sha1",
  objectsDir: "/src/demo/.git/objects",
  refs: new Map([
    ["refs/tags/v1", oid("2")],
    ["refs/remotes/origin/main", oid("1")],
  ]),
  shallow: undefined,
  info: { exclude: "", attributes: undefined, userAttributes: undefined, sparseCheckout: undefined },
  config: [{ key: "remote.origin.url", value: "git@example.com:a/b.git" }],
};

const files = (lent: Partial<LentHistory> = {}) =>
  privateGitFiles({ branch: "agent/agent-1/idle", oid: oid("3"), lent: { ...LENT, ...lent } });

describe("the files of a private git dir", () => {
  test("one branch of its own, the primary's remote branches and tags, sorted", () => {
    expect(files()["HEAD"]).toBe("ref: refs/heads/agent/agent-1/idle\n");
    expect(files()["packed-refs"]).toBe(
      `${oid("3")} refs/heads/agent/agent-1/idle\n${oid("1")} refs/remotes/origin/main\n${oid("2")} refs/tags/v1\n`,
    );
  });

  test("history is borrowed, .devkit is ignored, hooks there are none", () => {
    expect(files()["objects/info/alternates"]).toBe("/src/demo/.git/objects\n");
    expect(files()["info/exclude"]).toContain("/.devkit/");
    expect(Object.keys(files()).filter((file) => file.startsWith("hooks"))).toEqual([]);
  });

  test("SHA-256 is told in the settings, and needs the newer layout", () => {
    expect(files()["config"]).toContain('repositoryformatversion = "0"');
    expect(files()["config"]).not.toContain("objectformat");
    const config = files({ objectFormat: "sha256" })["config"];
    expect(config).toContain('repositoryformatversion = "1"');
    expect(config).toContain('objectformat = "sha256"');
  });

  test("a cut-off history is cut off there too", () => {
    expect(files()).not.toHaveProperty("shallow");
    expect(files({ shallow: `${oid("9")}\n` })["shallow"]).toBe(`${oid("9")}\n`);
  });
});

describe("settings that are lent", () => {
  const lent = (...entries: [string, string][]) =>
    lentConfig(entries.map(([key, value]) => ({ key, value }))).map(({ key, value }) => [key, value]);

  test("what decides how files look, and the remote; no program but filters", () => {
    expect(
      lent(
        ["core.filemode", "false"],
        ["core.autocrlf", "input"],
        ["core.hookspath", "/evil"],
        ["core.fsmonitor", "/evil"],
        ["core.sshcommand", "evil"],
        ["core.worktree", "/elsewhere"],
        ["core.bare", "true"],
        ["credential.helper", "store"],
        ["http.extraheader", "AUTHORIZATION: secret"],
        ["filter.lfs.process", "evil"],
        ["include.path", "/evil"],
        ["remote.other.url", "https://example.com/x"],
        ["remote.origin.url", "git@example.com:a/b.git"],
        ["remote.origin.uploadpack", "evil"],
        ["remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"],
        ["url.https://token@example.com/.insteadof", "x:"],
        ["alias.x", "!evil"],
        ["user.name", "Tess"],
      ),
    ).toEqual([
      ["core.filemode", "false"],
      ["core.autocrlf", "input"],
      // It runs in the container, and the host's git never reads these settings.
      ["filter.lfs.process", "evil"],
      ["remote.origin.url", "git@example.com:a/b.git"],
      ["remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"],
    ]);
  });

  test("of a setting given twice, the later counts", () => {
    expect(lent(["core.eol", "lf"], ["core.eol", "crlf"])).toEqual([["core.eol", "crlf"]]);
  });

  test("every refspec of the remote is kept, not only the last", () => {
    const refspecs: [string, string][] = [
      ["remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"],
      ["remote.origin.fetch", "+refs/pull/*/head:refs/remotes/origin/pr/*"],
    ];
    expect(lent(...refspecs)).toEqual(refspecs);
  });

  test("of several URLs the first stays first, because git fetches from it", () => {
    const [first] = lent(
      ["remote.origin.url", "https://example.com/first"],
      ["remote.origin.url", "https://example.com/mirror"],
    );
    expect(first).toEqual(["remote.origin.url", "https://example.com/first"]);
  });
});

describe("passwords in the remote's URL stay with the user", () => {
  const url = (value: string) => lentConfig([{ key: "remote.origin.url", value }])[0]?.value;

  test.each([
    ["https://tess:hunter2@example.com/a.git", "https://example.com/a.git"],
    ["https://ghp_token@example.com/a.git", "https://example.com/a.git"],
    ["https://:hunter2@example.com/a.git", "https://example.com/a.git"],
    ["HTTPS://tess:hunter2@example.com/a.git", "HTTPS://example.com/a.git"],
    ["https://tess:hunter2@example.com:8443/a.git", "https://example.com:8443/a.git"],
    ["ssh://git@example.com/a.git", "ssh://git@example.com/a.git"],
    ["git@example.com:a/b.git", "git@example.com:a/b.git"],
    ["https://example.com/a@b.git", "https://example.com/a@b.git"],
    ["https://example.com/a:b@c.git", "https://example.com/a:b@c.git"],
    ["/srv/git/a.git", "/srv/git/a.git"],
    ["../a.git", "../a.git"],
  ])("%s becomes %s", (from, to) => {
    expect(url(from)).toBe(to);
  });

  test.each([
    "https://tess:hunter2@example.com/a.git",
    "https://tess:top@hunter2@example.com/a.git",
    "https://tess:a:hunter2@example.com/a.git",
    "s3://tess:hunter2@bucket/a.git",
    "persistent-https://tess:hunter2@example.com/a.git",
    "codecommit::eu-west-1://tess:hunter2@repo",
    "ssh://tess:hunter2@example.com/a.git",
    "git+ssh://tess:hunter2@example.com/a.git",
  ])("no part of it is left of %s", (from) => {
    expect(url(from)).not.toContain("hunter2");
  });
});

describe("the branch a private git dir starts on", () => {
  const agent = agentAt(1);

  test("the one the host has checked out, if it is the agent's own", () => {
    expect(startBranch(agent, "agent/agent-1/tsk-7")).toBe("agent/agent-1/tsk-7");
  });

  test.each([undefined, "main", "agent/agent-10/idle", "agent/agent-1", "agent/agent-2/tsk-1"])(
    "else its idle branch: %s",
    (branch) => {
      expect(startBranch(agent, branch)).toBe("agent/agent-1/idle");
    },
  );
});
