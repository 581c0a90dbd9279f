import { mkdir, symlink } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMountStand, type AskedExtras, type MountStand } from "../../support/mount-stand.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { errorOf } from "../../support/temp.js";

let stand: MountStand;

beforeEach(async () => {
  stand = await createMountStand();
});

const at = (...parts: string[]) => stand.at(...parts);
const paths = (index?: number) => stand.paths(index);
const extrasOf = (asked: AskedExtras) => stand.extrasOf(asked);
const mounts = (...texts: string[]) => extrasOf({ mounts: texts });
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const refusalOf = async (...texts: string[]) => {
  const error = await errorOf(mounts(...texts));
  expect(error).toMatchObject({ code: "E_MOUNT", exitCode: 2 });
  expect(error.message).toContain(`the mount "${texts.at(-1) ?? ""}" is refused: `);
  return { reason: error.message.replace(/^.*? is refused: /, ""), hint: error.hint ?? "" };
};

async function listen(file: string): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((done) => server.listen(file, done));
}

describe("a source is refused", () => {
  test("that is not there", async () => {
    expect(await refusalOf(`${at("nope")}:/x`)).toEqual({
      reason: `there is no ${at("nope")}`,
      hint: `make it first: mkdir -p ${at("nope")}`,
    });
  });

  test("that is a link, or goes through one; with the path it leads to", async () => {
    await symlink(at("data"), at("link"));
    const direct = await refusalOf(`${at("link")}:/x`);
    expect(direct.reason).toBe(`${at("link")} is a symlink, which can be turned elsewhere`);
    expect(direct.hint).toBe(`resolve it: use ${at("data")}:/x`);
    const through = await refusalOf(`${at("link/inner")}:/x:ro`);
    expect(through.reason).toContain(`${at("link")} is a symlink`);
    expect(through.hint).toBe(`resolve it: use ${at("data/inner")}:/x:ro`);
  });

  test.each([
    ["/", /the whole host/],
    ["/proc", /kernel/],
    ["/proc/self", /kernel/],
    ["/sys", /kernel/],
    ["/dev", /kernel/],
    ["/dev/shm", /kernel/],
    ["/run", /the engine's socket in it/],
    ["/var/run", /the engine's socket in it/],
    ["/var", /the engine/],
    ["/var/lib/docker", /engine keeps its containers/],
    ["/var/lib/docker/volumes", /engine keeps its containers/],
    ["/var/run/docker.sock", /who has the engine's socket has the host/],
    ["/run/docker.sock", /who has the engine's socket/],
    ["/run/containerd/containerd.sock", /who has the engine's socket/],
    ["/run/podman", /the engine's socket in it: \/run\/podman\/podman.sock/],
  ])("%s, read-only too", async (source, reason) => {
    expect((await refusalOf(`${source}:/x`)).reason).toMatch(reason);
    expect((await refusalOf(`${source}:/x:ro`)).reason).toMatch(reason);
  });

  test("that is the socket of the engine in use, or has it in it", async () => {
    const socket = at("data/inner/engine");
    for (const source of ["data/inner/engine", "data/inner", "data"]) {
      const error = await errorOf(extrasOf({ socket, mounts: [`${at(source)}:/x:ro`] }));
      expect(error.message).toMatch(/engine's socket/);
    }
  });

  test("that is any socket, or has one of an engine in it at any depth", async () => {
    await listen(at("data/agent.sock"));
    expect((await refusalOf(`${at("data/agent.sock")}:/x`)).reason).toMatch(/it is a socket/);
    expect((await refusalOf(`${at("data")}:/x:ro`)).reason).toContain(at("data/agent.sock"));
    await listen(at("notes/inner-docker"));
    await mkdir(at("deep/a/b"), { recursive: true });
    await listen(at("deep/a/b/podman.sock"));
    expect((await refusalOf(`${at("deep")}:/x:ro`)).reason).toContain(at("deep/a/b/podman.sock"));
  });

  test("that is a pipe", async () => {
    await execa("mkfifo", [at("pipe")]);
    expect((await refusalOf(`${at("pipe")}:/x`)).reason).toBe("it is neither a file nor a directory");
  });

  test("that holds the agents' secrets, lies among them, or has them in it", async () => {
    const state = path.dirname(stand.project.stateDir);
    for (const source of [state, at()]) {
      expect((await refusalOf(`${source}:/x:ro`)).reason).toMatch(/the secrets of all agents are in it/);
    }
    for (const source of [paths().home, paths().state, stand.project.stateDir])
      expect((await refusalOf(`${source}:/x:ro`)).reason).toMatch(/devkit's own/);
    await mkdir(path.join(state, "other-12345678/agents"), { recursive: true });
    expect((await refusalOf(`${state}/other-12345678/agents:/x:ro`)).reason).toMatch(/devkit's own/);
  });

  test("that an agent can put a link in the place of", async () => {
    expect((await refusalOf(`${stand.project.devkitDir}:/x:ro`)).reason).toMatch(/devkit's own/);
    expect((await refusalOf(`${paths().worktree}:/x:ro`)).reason).toMatch(/devkit's own|could put a link/);
    const away = at("agent1/demo");
    await mkdir(path.join(away, "src"), { recursive: true });
    stand.project.places.found.set("agent-1", away);
    for (const source of [away, `${away}/src`])
      expect((await refusalOf(`${source}:/x:ro`)).reason).toMatch(/an agent can write in .*agent1\/demo/);
  });

  test("that lies in what another mount lets an agent write, also one of another agent", async () => {
    const reason = `agent-1 can write in ${at("data")}: it could put a link there to anything`;
    expect((await refusalOf(`${at("data")}:/d`, `${at("data/inner")}:/x:ro`)).reason).toBe(reason);
    const others = { 1: [`${at("data")}:/d`], 2: [`${at("data/inner")}:/x:ro`] };
    expect((await errorOf(extrasOf({ agents: 2, others }))).message).toContain(reason);
    await expect(
      extrasOf({ agents: 2, others: { 1: [`${at("data")}:/d`], 2: [`${at("data")}:/x`] } }),
    ).resolves.toBeDefined();
  });

  test("that is among devkit's downloads, where every agent can put a link", async () => {
    await mkdir(at("home/.cache/devkit/caches/shared/npm"), { recursive: true });
    for (const source of ["", "/caches/shared", "/caches/shared/npm"])
      expect((await refusalOf(`${at(`home/.cache/devkit${source}`)}:/x:ro`)).reason).toMatch(/devkit's own/);
  });

  test("writable: the primary's git dir, what has it in it, and every other repository", async () => {
    for (const source of [
      stand.project.root,
      stand.project.commonDir,
      `${stand.project.commonDir}/hooks`,
      `${stand.project.root}/src`,
    ]) {
      await mkdir(source, { recursive: true });
      expect((await refusalOf(`${source}:/x`)).reason).toMatch(
        /the host's git would read what an agent wrote/,
      );
    }
    await execa("git", ["init", "-q", at("data/inner/deep")]);
    await execa("git", ["init", "-q", "--bare", at("notes/bare")]);
    for (const source of ["data", "data/inner/deep", "notes", "notes/bare", "notes/bare/refs"])
      expect((await refusalOf(`${at(source)}:/x`)).reason).toMatch(/repository/);
    await expect(mounts(`${at("data")}:/x:ro`, `${stand.project.root}/src:/y:ro`)).resolves.toBeDefined();
  });

  test("writable: what the host's own programs read what to do from", async () => {
    await mkdir(at("home/.config/devkit/overlays"), { recursive: true });
    await mkdir(at("home/work/.cargo"), { recursive: true });
    for (const name of [".cargo/bin", ".vscode/extensions", ".cache/pip"])
      await mkdir(at("home", name), { recursive: true });
    for (const source of [
      "home",
      "home/.ssh",
      "home/.config",
      "home/.config/devkit/overlays",
      "home/.cargo/bin",
      "home/.vscode",
      "home/.cache",
    ])
      expect((await refusalOf(`${at(source)}:/x`)).reason).toMatch(
        /programs of the host read what to do from/,
      );
    expect((await refusalOf("/etc:/x")).reason).toMatch(/programs of the host/);
    await expect(mounts(`${at("home/work")}:/x`, `/etc/ssl:/y:ro`)).resolves.toBeDefined();
  });
});

describe("a target is refused", () => {
  test.each([
    "/",
    "/proc",
    "/proc/x",
    "/sys",
    "/dev",
    "/dev/shm",
    "/etc",
    "/etc/passwd",
    "/etc/x",
    "/devkit",
    "/devkit/git",
    "/devkit/git/hooks",
    "/tmp",
    "/run",
    "/bin",
    "/lib64/x",
    "/home",
    "/home/agent",
    "/home/agent/.ssh",
    "/home/agent/.gitconfig",
    "/workspace/.git",
    "/workspace/.git/hooks",
    "/workspace",
  ])("%s", async (target) => {
    await refusalOf(`modules:${target}`);
    await refusalOf(`${at("data")}:${target}:ro`);
  });

  test("where the worktree is on the host, and where others of that path are", async () => {
    const { worktree } = paths();
    for (const target of [worktree, `${worktree}/x`, `${worktree}/.git`, path.dirname(worktree), at()])
      await refusalOf(`modules:${target}`);
  });

  test("that another mount has, but not as an agent's own worktree", async () => {
    expect((await refusalOf("a:/x", "b:/x")).reason).toBe("another mount is at /x");
    expect((await refusalOf("a:/x", "b:/x/../x/")).reason).toBe("another mount is at /x");
    const extras = await mounts(`${paths().worktree}:/workspace`, "a:/workspace/target");
    expect(extras.of(agentAt(1)).mounts.map(({ containerPath }) => containerPath)).not.toContain(
      "/workspace",
    );
    expect((await refusalOf(`${at("data")}:/workspace`)).reason).toMatch(/the agent's own worktree/);
  });

  test("in another mount whose source has nothing there to mount over", async () => {
    const { reason, hint } = await refusalOf(`${at("data")}:/d:ro`, "m:/d/sub");
    expect(reason).toBe(`there is no directory ${at("data/sub")} for /d/sub to be mounted over`);
    expect(hint).toBe(`make it first: mkdir -p ${at("data/sub")}`);
    await expect(mounts(`${at("data")}:/d:ro`, "m:/d/inner")).resolves.toBeDefined();
  });
});

test("a refusal has its place; the details have all of them, those of several agents once", async () => {
  const error = await errorOf(extrasOf({ agents: 3, mounts: ["/:/host", "m:/etc", "m:/fine"] }));
  expect(error.message).toBe(
    'devkit.toml:7:1: the mount "/:/host" is refused: it is the whole host (and 1 more)',
  );
  expect(error.details?.["mounts"]).toMatchObject([
    { mount: "/:/host", at: "devkit.toml:7:1" },
    { mount: "m:/etc", at: "devkit.toml:6:1" },
  ]);
  expect(error.details?.["excerpt"]).toBe(
    'devkit.toml:6:1: the mount "m:/etc" is refused: agents have /etc as devkit makes it\n' +
      "  hint: mount it somewhere else, such as /mnt/data or /workspace/data",
  );
});

describe("no image is built from", () => {
  const reasonOf = async (image: AskedExtras["image"] = {}) => {
    const error = await errorOf(extrasOf({ image }));
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    return error.message;
  };

  test("other agents' secrets, or a directory that has them in it, links followed", async () => {
    const dockerfile = `${stand.project.root}/Dockerfile`;
    await symlink(at(), at("link"));
    await symlink(path.join(paths().home), `${stand.project.root}/innocent`);
    for (const context of [at(), at("link"), "/", path.dirname(stand.project.stateDir), paths(2).home])
      expect(await reasonOf({ dockerfile, context })).toMatch(/^\[image\] context: nothing is built from/);
    const named = await reasonOf({ dockerfile: `${stand.project.root}/innocent/Dockerfile` });
    expect(named).toMatch(/^\[image\] dockerfile: .*devkit's own/);
    expect(await reasonOf({ features: { [paths().home]: "{}" } })).toMatch(/^\[image\] features: /);
    const context = stand.project.root;
    await expect(extrasOf({ image: { dockerfile, context } })).resolves.toBeDefined();
  });

  test("where an agent can write", async () => {
    const dockerfile = `${paths().worktree}/Dockerfile`;
    expect(await reasonOf({ dockerfile })).toMatch(/devkit's own|an agent can write/);
    stand.project.places.found.set("agent-1", at("data/inner"));
    const beside = { dockerfile: `${stand.project.root}/Dockerfile`, context: at("data") };
    expect(await reasonOf(beside)).toMatch(/an agent can write in .*data\/inner, which is in it/);
  });
});
