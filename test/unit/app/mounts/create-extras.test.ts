import { chmod, mkdir, rename, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMountHost } from "../../../../src/adapters/fs/mount-host.js";
import { createExtras, type AgentExtras } from "../../../../src/app/mounts/create-extras.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentPaths, type Project } from "../../../../src/domain/identity/project.js";
import { DEFAULT_SETTINGS, type ContainerSettings } from "../../../../src/domain/settings/settings.js";
import { createWorld } from "../../fakes/world.js";
import { tempProject } from "../../support/agent-dirs.js";
import { errorOf } from "../../support/temp.js";

const AGENT = agentAt(1);
let project: Project;
let dir: string;
let servers: Server[];

beforeEach(async () => {
  project = await tempProject();
  dir = path.dirname(project.root);
  servers = [];
  const { worktree, home } = paths();
  for (const one of ["data/inner", "home/.ssh", "notes"])
    await mkdir(path.join(dir, one), { recursive: true });
  for (const one of [worktree, home]) await mkdir(one, { recursive: true });
  await writeFile(path.join(worktree, ".git"), "gitdir: x\n");
});

afterEach(() => {
  for (const server of servers) server.close();
});

const paths = (index = 1) => agentPaths(project, agentAt(index));
const at = (...parts: string[]) => path.join(dir, ...parts);

interface Asked extends Partial<ContainerSettings> {
  readonly env0?: Record<string, string>;
  readonly agents?: number;
  readonly others?: Readonly<Record<number, readonly string[]>>;
}

async function extrasOf({ env0 = {}, agents = 1, others = {}, ...container }: Asked): Promise<AgentExtras> {
  const world = createWorld();
  const settings = { ...DEFAULT_SETTINGS, container: { ...DEFAULT_SETTINGS.container, ...container } };
  const needs = {
    project,
    engine: world.engine,
    host: { ...world.host, env: { HOME: at("home"), ...env0 } },
    mountHost: createMountHost(),
    settingsOf: ({ index }: { index: number }) => ({
      ...settings,
      container: { ...settings.container, mounts: others[index] ?? settings.container.mounts },
    }),
    overlaysOf: () => ["small"],
    placeOf: (_agent: unknown, text: string) => Promise.resolve(`devkit.toml:${String(text.length)}:1`),
  };
  return createExtras(
    needs,
    Array.from({ length: agents }, (_, index) => agentAt(index + 1)),
  );
}

const mounts = (...texts: string[]) => extrasOf({ mounts: texts });
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

  test("that is the socket of DOCKER_HOST, or has it in it", async () => {
    const env0 = { DOCKER_HOST: `unix://${at("data/inner/engine")}` };
    for (const source of ["data/inner/engine", "data/inner", "data"]) {
      const error = await errorOf(extrasOf({ env0, mounts: [`${at(source)}:/x:ro`] }));
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
    const state = path.dirname(project.stateDir);
    for (const source of [state, dir]) {
      expect((await refusalOf(`${source}:/x:ro`)).reason).toMatch(/the secrets of all agents are in it/);
    }
    for (const source of [paths().home, paths().state, project.stateDir])
      expect((await refusalOf(`${source}:/x:ro`)).reason).toMatch(/devkit's own/);
    await mkdir(path.join(state, "other-12345678/agents"), { recursive: true });
    expect((await refusalOf(`${state}/other-12345678/agents:/x:ro`)).reason).toMatch(/devkit's own/);
  });

  test("that an agent can put a link in the place of", async () => {
    expect((await refusalOf(`${project.devkitDir}:/x:ro`)).reason).toMatch(/devkit's own/);
    expect((await refusalOf(`${paths().worktree}:/x:ro`)).reason).toMatch(/devkit's own|could put a link/);
    const away = at("agent1/demo");
    await mkdir(path.join(away, "src"), { recursive: true });
    project.places.found.set("agent-1", away);
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

  test("writable: the primary's git dir, what has it in it, and every other repository", async () => {
    for (const source of [
      project.root,
      project.commonDir,
      `${project.commonDir}/hooks`,
      `${project.root}/src`,
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
    await expect(mounts(`${at("data")}:/x:ro`, `${project.root}/src:/y:ro`)).resolves.toBeDefined();
  });

  test("writable: what the host's own programs read what to do from", async () => {
    await mkdir(at("home/.config/devkit/overlays"), { recursive: true });
    await mkdir(at("home/work"), { recursive: true });
    for (const source of ["home", "home/.ssh", "home/.config", "home/.config/devkit/overlays"])
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
    for (const target of [worktree, `${worktree}/x`, `${worktree}/.git`, path.dirname(worktree), dir])
      await refusalOf(`modules:${target}`);
  });

  test("that another mount has, but not as an agent's own worktree", async () => {
    expect((await refusalOf("a:/x", "b:/x")).reason).toBe("another mount is at /x");
    expect((await refusalOf("a:/x", "b:/x/../x/")).reason).toBe("another mount is at /x");
    const extras = await mounts(`${paths().worktree}:/workspace`, "a:/workspace/target");
    expect(extras.of(AGENT).mounts.map(({ containerPath }) => containerPath)).not.toContain("/workspace");
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
});

const flat = (extras: AgentExtras, index = 1) =>
  extras.of(agentAt(index)).mounts.map(({ hostPath, containerPath, readOnly }) => {
    const from = hostPath.replace(paths(index).state, "STATE").replace(dir, "DIR");
    return `${from}:${containerPath.replace(dir, "DIR")}${readOnly ? ":ro" : ""}`;
  });

describe("volumes", () => {
  test("are each agent's own, and in the worktree wherever that is", async () => {
    const extras = await extrasOf({ agents: 2, mounts: ["m:/workspace/node_modules", "m:/var/cache/m:ro"] });
    for (const index of [1, 2]) {
      expect(flat(extras, index)).toEqual([
        "STATE/volumes/m:/workspace/node_modules",
        "STATE/volumes/m:/var/cache/m:ro",
        `STATE/volumes/m:DIR/demo/.devkit/agents/agent-${String(index)}/node_modules`,
      ]);
    }
  });

  test("are made closed to others, with what they are mounted over", async () => {
    const extras = await mounts(
      "m:/workspace/web/node_modules",
      "h:/home/agent/.m2",
      "b:/workspace/web/node_modules/.bin",
    );
    await extras.prepare(AGENT);
    const { volumes, worktree, home } = paths();
    for (const one of [volumes, path.join(volumes, "m")]) expect((await stat(one)).mode & 0o777).toBe(0o700);
    for (const one of [`${worktree}/web/node_modules`, `${home}/.m2`, `${volumes}/m/.bin`])
      expect((await stat(one)).isDirectory()).toBe(true);
    await chmod(path.join(volumes, "m"), 0o755);
    await extras.prepare(AGENT);
  });
});

describe("right before a start", () => {
  test("a mount point that the agent has turned into a link is not followed", async () => {
    const extras = await mounts("m:/workspace/a/node_modules", `${at("data")}:/workspace/b/data`);
    const { worktree } = paths();
    await mkdir(path.join(worktree, "a"));
    for (const [from, to] of [
      ["a/node_modules", at("notes")],
      ["b", at("notes")],
    ] as const) {
      await extras.prepare(AGENT).catch(() => undefined);
      const file = path.join(worktree, from);
      await rename(file, `${file}.old`).catch(() => undefined);
      await symlink(to, file);
      const error = await errorOf(extras.prepare(AGENT));
      expect(error).toMatchObject({ code: "E_WORK_IN_THE_WAY", exitCode: 5 });
      expect(await execa("ls", ["-A", at("notes")])).toMatchObject({ stdout: "" });
      await rename(file, `${file}.link`);
    }
  });

  test("a file is made for a file, and a pipe in its place is not waited for", async () => {
    await writeFile(at("data/one"), "1");
    const extras = await mounts(`${at("data/one")}:/workspace/conf/one:ro`);
    await extras.prepare(AGENT);
    await extras.prepare(AGENT);
    const file = path.join(paths().worktree, "conf/one");
    expect((await stat(file)).size).toBe(0);
    await rename(file, `${file}.old`);
    await execa("mkfifo", [file]);
    expect((await errorOf(extras.prepare(AGENT))).code).toBe("E_WORK_IN_THE_WAY");
  });

  test("a source that has become a link since is refused", async () => {
    const extras = await mounts(`${at("data/inner")}:/x`);
    await rename(at("data/inner"), at("data/gone"));
    await symlink("/", at("data/inner"));
    expect(await errorOf(extras.prepare(AGENT))).toMatchObject({ code: "E_MOUNT" });
  });

  test("the directory where commands run is made by the user, and through no link", async () => {
    const workdir = "/workspace/app/here";
    const extras = await extrasOf({ workdir });
    await extras.prepare(AGENT);
    expect((await stat(path.join(paths().worktree, "app/here"))).isDirectory()).toBe(true);
    await rename(path.join(paths().worktree, "app"), path.join(paths().worktree, "old"));
    await symlink(at("notes"), path.join(paths().worktree, "app"));
    await extras.prepare(AGENT);
    expect(await execa("ls", ["-A", at("notes")])).toMatchObject({ stdout: "" });
  });
});

describe("where a read-only mount shows the agent's own worktree", () => {
  beforeEach(async () => {
    await mkdir(at("dev/demo/.git"), { recursive: true });
    project = {
      ...project,
      root: at("dev/demo"),
      commonDir: at("dev/demo/.git"),
      devkitDir: at("dev/demo/.devkit"),
    };
  });

  test("it is writable, and agent 1 has it in the primary's place too", async () => {
    project.places.layout = "dev-root";
    const extras = await extrasOf({
      agents: 2,
      mounts: [`${at("dev")}:/workspaces/dev:ro`, "m:/workspace/m"],
    });
    expect(flat(extras, 1)).toEqual([
      "DIR/dev:/workspaces/dev:ro",
      "STATE/volumes/m:/workspace/m",
      "DIR/dev/agent1/demo:/workspaces/dev/demo",
      "STATE/dotgit:/workspaces/dev/demo/.git:ro",
      "DIR/dev/agent1/demo:/workspaces/dev/agent1/demo",
      "STATE/dotgit:/workspaces/dev/agent1/demo/.git:ro",
      "STATE/volumes/m:DIR/dev/agent1/demo/m",
      "STATE/volumes/m:/workspaces/dev/demo/m",
      "STATE/volumes/m:/workspaces/dev/agent1/demo/m",
    ]);
    expect(flat(extras, 2).filter((one) => one.startsWith("DIR"))).toEqual([
      "DIR/dev:/workspaces/dev:ro",
      "DIR/dev/agent2/demo:/workspaces/dev/agent2/demo",
    ]);
  });

  test("below the primary, agent 1 has it in the primary's place alone", async () => {
    const extras = await extrasOf({ agents: 2, mounts: [`${at("dev")}:/w:ro`] });
    const writable = (index: number) =>
      extras
        .of(agentAt(index))
        .mounts.filter(({ readOnly }) => !readOnly)
        .map(({ containerPath }) => containerPath);
    expect(writable(1)).toEqual(["/w/demo"]);
    expect(writable(2)).toEqual(["/w/demo/.devkit/agents/agent-2"]);
  });

  test("the primary itself, mounted alone, stays what it is", async () => {
    const extras = await extrasOf({ mounts: [`${at("dev/demo")}:/primary:ro`] });
    expect(flat(extras)[0]).toBe("DIR/dev/demo:/primary:ro");
    expect(flat(extras)[1]).toBe("DIR/dev/demo/.devkit/agents/agent-1:/primary/.devkit/agents/agent-1");
  });
});

describe("env_file", () => {
  test("later files win; a bad line is named with file and line and never shown", async () => {
    await writeFile(at("a.env"), '\uFEFF# c\n\n  A=1\nB="q" # x\nTERM\nNOT_SET\n');
    await writeFile(at("b.env"), "A=2=3\r\n");
    const env0 = { TERM: "xterm" };
    const extras = await extrasOf({ env0, env_file: [at("a.env"), at("b.env")] });
    expect(extras.of(AGENT).env).toEqual({ A: "2=3", B: '"q" # x', TERM: "xterm" });
    for (const line of ["=x", "A B=hunter2", "1A=hunter2", "HOME=/hunter2", "DEVKIT_AGENT=hunter2"]) {
      await writeFile(at("b.env"), `OK=1\n${line}\n`);
      const error = await errorOf(extrasOf({ env_file: [at("b.env")] }));
      expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
      expect(error.message).toMatch(`${at("b.env")}:2: `);
      expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain("hunter2");
    }
  });

  test("that is missing, no file, or where an agent can put a link, is an error", async () => {
    await writeFile(path.join(paths().worktree, ".env"), "A=1\n");
    await symlink(path.join(paths().worktree, ".env"), at("link.env"));
    for (const [file, reason] of [
      [at("none.env"), /no such file/],
      [at("data"), /not a file/],
      [path.join(paths().worktree, ".env"), /devkit's own|an agent can write/],
      [at("link.env"), /devkit's own|an agent can write/],
    ] as const)
      expect((await errorOf(extrasOf({ env_file: [file] }))).message).toMatch(reason);
  });
});

test("an agent whose settings ask for nothing gets nothing but the names of its overlays", async () => {
  const extras = await extrasOf({});
  expect(extras.of(AGENT)).toEqual({ mounts: [], env: {}, overlays: ["small"] });
});
