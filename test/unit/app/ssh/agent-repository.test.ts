import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { observePresent } from "../../../../src/app/agents/observe.js";
import { findRepository, gitAt, requireRemote } from "../../../../src/app/ssh/agent-repository.js";
import { setRemoteForm } from "../../../../src/app/ssh/set-remote-form.js";
import { CONTAINER } from "../../../../src/domain/identity/names.js";
import { listSshHosts } from "../../../../src/domain/ssh/ssh-host.js";
import { bringUpAgents, type Agents } from "../../support/agents.js";
import { createRepo, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

const HTTPS = "https://github.com/team/app.name";
const SSH = "git@github.com:team/app.name.git";
const HOSTS = listSshHosts({ hosts: {}, known_hosts: [] });

let repo: Repo;
let agents: Agents;

const needs = () => ({ ...agents.deps, spec: agents.spec });
const find = async (directory: string) => {
  const [observed] = await observePresent(agents.deps);
  if (observed === undefined) throw new Error("no agent");
  return { agent: observed.agent, repository: await findRepository(needs(), observed, directory) };
};
const remoteOf = async () => {
  const { agent, repository } = await find(".");
  return requireRemote(agent, repository, "ssh", HOSTS);
};
const setForm = (form: "ssh" | "https", selector = "1") =>
  setRemoteForm(needs(), { selector, directory: ".", form, hostsFor: () => HOSTS });

beforeEach(async () => {
  repo = await createRepo();
  await repo.git("remote", "add", "origin", HTTPS);
  agents = await bringUpAgents(repo, 1);
});

describe("the repository in an agent", () => {
  test("is its worktree, with branch, commit and where origin leads", async () => {
    const { repository } = await find(".");
    expect(repository).toMatchObject({
      ...{ isWorktree: true, ref: "refs/heads/agent/agent-1/idle" },
      ...{ tip: await agents.git(1, "rev-parse", "HEAD"), remote: { key: "remote.origin.url", url: HTTPS } },
    });
  });

  test("goes by the repository's name, unless a directory has it", async () => {
    const name = path.basename(repo.root);
    const worktree = agents.worktreeOf(1);
    expect((await find(name)).repository.directory).toBe(worktree);
    expect((await find(`${path.basename(worktree)}/`)).repository.directory).toBe(worktree);
    await mkdir(path.join(worktree, name));
    expect((await find(name)).repository.directory).toBe(path.join(worktree, name));
  });

  test("is missed where there is no such directory", async () => {
    expect(await errorOf(find("nowhere"))).toMatchObject({ code: "E_PATH_NOT_FOUND", exitCode: 4 });
  });

  test("may be on no branch", async () => {
    await agents.git(1, "switch", "-q", "--detach");
    expect((await find(".")).repository.ref).toBeUndefined();
  });
});

describe("what an agent names so that somebody types it", () => {
  test("is one line, and one word of a shell", async () => {
    const evil = "x$(id)/`id`;id";
    const bin = path.join(repo.root, "bin");
    await mkdir(bin);
    const fake = (what: string) =>
      writeFile(path.join(bin, "git"), `#!/bin/sh\n${what}\nexec /usr/bin/git "$@"\n`, { mode: 0o755 });
    await agents.git(1, "switch", "-q", "-c", evil);
    expect((await find(".")).repository.ref).toBe(`refs/heads/${evil}`);
    expect(gitAt({ index: 1, name: "agent-1" }, CONTAINER.workspace, "push", "origin", evil)).toBe(
      "devkit exec 1 -- git push origin 'x$(id)/`id`;id'",
    );
    const before = process.env["PATH"];
    process.env["PATH"] = `${bin}:${before ?? ""}`;
    try {
      await fake('[ "$1" = symbolic-ref ] && { printf "refs/heads/a\\nerror: b"; exit; }');
      expect((await find(".")).repository.ref).toBeUndefined();
      await fake('[ "$1" = symbolic-ref ] && { printf refs/tags/a; exit; }');
      expect((await find(".")).repository.ref).toBeUndefined();
    } finally {
      process.env["PATH"] = before;
    }
  });
});

describe("where it is pushed to", () => {
  test("the ssh form of origin", async () => {
    expect(await remoteOf()).toMatchObject({ url: SSH, before: HTTPS, host: { name: "github.com" } });
  });

  test("what the agent says of pushes alone comes first", async () => {
    await agents.git(1, "config", "remote.origin.pushurl", "https://gitlab.com/a/b");
    expect(await remoteOf()).toMatchObject({ key: "remote.origin.pushurl", url: "git@gitlab.com:a/b.git" });
  });

  test.each([
    ["/srv/git/app.git", /neither an ssh nor an https URL/, /remote set-url origin https:/],
    [
      "https://u:secret@git.example.com/a/b",
      /leads to git\.example\.com/,
      /\[ssh\] hosts = \{ "git\.example\.com"/,
    ],
  ])("not %s", async (url, message, hint) => {
    await agents.git(1, "remote", "set-url", "origin", url);
    const error = await errorOf(remoteOf());
    expect(error).toMatchObject({ code: "E_REMOTE_URL", exitCode: 2 });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(JSON.stringify([error.message, error.details])).not.toContain("secret");
  });

  test("not nowhere, and not two places", async () => {
    await agents.git(1, "remote", "set-url", "--add", "origin", "git@github.com:team/other.git");
    expect(await errorOf(remoteOf())).toMatchObject({ code: "E_REMOTE_URL" });
    await agents.git(1, "remote", "remove", "origin");
    expect(await errorOf(remoteOf())).toMatchObject({ code: "E_NO_REMOTE", exitCode: 4 });
  });
});

test("origin is written in the agent's own settings, also of one that does not run", async () => {
  const before = await repo.git("config", "--local", "--list");
  expect((await setForm("ssh")).remote).toMatchObject({ before: HTTPS, url: SSH });
  expect(await agents.git(1, "remote", "get-url", "origin")).toBe(SSH);
  await agents.stop(1);
  expect((await setForm("ssh")).remote).toMatchObject({ before: SSH, url: SSH });
  await setForm("https");
  expect(await agents.git(1, "remote", "get-url", "origin")).toBe(`${HTTPS}.git`);
  expect(await repo.git("config", "--local", "--list")).toBe(before);
});

test("an agent that is not there is told so", async () => {
  expect(await errorOf(setForm("ssh", "7"))).toMatchObject({ code: "E_AGENT_UNKNOWN", exitCode: 4 });
});
