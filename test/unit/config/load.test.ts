import path from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../src/domain/settings/settings.js";
import { SHARED_BY_DEFAULT } from "../../../src/domain/caches/cache-names.js";
import { createProject, errorOf, HOME } from "./temp-project.js";

const MIB = 1024 ** 2;

describe("loadConfig", () => {
  it("gives the defaults when there is no file", async () => {
    const project = await createProject();
    const loaded = await project.load();
    expect(loaded.settings).toEqual(DEFAULT_SETTINGS);
    expect(loaded.files).toEqual([]);
    expect([...loaded.origins.values()]).toEqual(Array(loaded.origins.size).fill({ source: "default" }));
    expect(loaded.origins.get("container.memory")).toEqual({ source: "default" });
  });

  it.each(["", "# nothing\n", "[container]\n", "\n\n[project]\n[image]\n"])(
    "takes %j as all defaults",
    async (text) => {
      const project = await createProject();
      const file = await project.write("devkit.toml", text);
      const loaded = await project.load();
      expect(loaded.settings).toEqual(DEFAULT_SETTINGS);
      expect(loaded.files).toEqual([file]);
    },
  );

  it("reads every setting", async () => {
    const project = await createProject();
    await project.write("shipped/small/overlay.toml", "");
    await project.write(
      "devkit.toml",
      `[project]
overlays = ["small"]
base = "origin/main@{1 day ago}"
count = 3
profiles = ["hardened", "dns"]
[worktrees]
layout = "dev-root"
branch_prefix = "team/bot-"
[image]
base = "localhost:5000/team/base:1.2@sha256:abc"
dockerfile = "docker/Dockerfile"
context = "~/context"
args = { VARIANT = "slim", constructor = "kept" }
target = "dev"
packages = ["g++", "libstdc++6", "python3.11", "0ad", "g++"]
features = { "ghcr.io/team/tool:1" = '{"version":"2"}' }
npm = ["@scope/tool@1.2.3-rc.1", "cowsay@1.6.0"]
use = "mine:latest"
[container]
memory = "1.5g"
cpus = 0.5
pids = 1_000
tmp = 67108864
env = { TZ = "UTC", PATH = "/opt/bin:/usr/bin", EMPTY = "", _x1 = "two\\nlines 😀", constructor = "kept" }
env_file = [".env", "/etc/env", "~/.env"]
mounts = ["../data:/data/:ro", "modules:/workspace/node_modules", "~/m2:/m2:rw"]
workspace_at = "/workspaces/app"
workdir = "/workspace/app"
command = ["sh", "-c", "sleep 1", ""]
user = "agent"
[egress]
allow = ["GitHub.com", "*.example.com:443", "preset:NPM", "github.com"]
private = ["Npm.Example.com", "example.org", "npm.example.com"]
pool = "192.168.128.0/20"
base = "mirror.example.com/debian:12"
[custody]
gitlinks = "allow"
[workspace]
copy = [".env*", "!.env.example", "/node_modules/"]
[budget]
memory = "16g"
cpus = 8
pids = 4096
[caches]
use = ["maven", "npm"]
trust = "readonly"
[hooks]
on_create = ["npm ci", "echo $HOME \${X:-y}"]
on_start = ["a"]
warm = ["b"]
maintain = ["c"]
host = ["d"]
[ports]
base = 30000
block = 4
publish = [3000, "5173"]
[agent]
identity = "{agent} <{email}>"
sign = true
pass_env = ["TOKEN"]
notify = "bell"
command = "codex"
args = ["exec", "{task}"]
use_tmux = false
auto_assign = false
[ssh]
hosts = { "git.example.com" = "ssh.example.com" }
known_hosts = ["ssh.example.com ssh-ed25519 AAAA"]
[codex]
pool = "~/logins"
config = "codex.toml"
[claude]
pool = "/logins"
config = "~/.claude/settings.json"
[tasks]
prefix = "WEB"
lease = "30m"
[tasks.topics]
api = "what clients see"
[[check]]
id = "docs"
scope = "src/**"
message = "Say why"
severity = "warn"
`,
    );
    const { root } = project;
    const { settings } = await project.load();
    expect(settings).toEqual({
      project: {
        overlays: ["small"],
        base: "origin/main@{1 day ago}",
        profiles: ["hardened", "dns"],
        count: 3,
      },
      worktrees: { layout: "dev-root", branch_prefix: "team/bot-" },
      image: {
        base: "localhost:5000/team/base:1.2@sha256:abc",
        dockerfile: `${root}/docker/Dockerfile`,
        context: `${HOME}/context`,
        args: { VARIANT: "slim", constructor: "kept" },
        target: "dev",
        packages: ["g++", "libstdc++6", "python3.11", "0ad"],
        features: { "ghcr.io/team/tool:1": '{"version":"2"}' },
        npm: ["@scope/tool@1.2.3-rc.1", "cowsay@1.6.0"],
        use: "mine:latest",
      },
      container: {
        memory: 1536 * MIB,
        cpus: 0.5,
        pids: 1000,
        tmp: 64 * MIB,
        env: { TZ: "UTC", PATH: "/opt/bin:/usr/bin", EMPTY: "", _x1: "two\nlines 😀", constructor: "kept" },
        env_file: [`${root}/.env`, "/etc/env", `${HOME}/.env`],
        mounts: [`${path.dirname(root)}/data:/data:ro`, "modules:/workspace/node_modules", `${HOME}/m2:/m2`],
        ...{ workspace_at: "/workspaces/app", workdir: "/workspace/app", user: "agent" },
        command: ["sh", "-c", "sleep 1", ""],
      },
      egress: {
        allow: ["github.com", "*.example.com", "preset:npm"],
        private: ["npm.example.com", "example.org"],
        pool: "192.168.128.0/20",
        base: "mirror.example.com/debian:12",
      },
      custody: { gitlinks: "allow" },
      workspace: { copy: [".env*", "!.env.example", "/node_modules/"] },
      budget: { memory: 16 * 1024 * MIB, cpus: 8, pids: 4096 },
      caches: { use: [...SHARED_BY_DEFAULT, "maven"], trust: "readonly" },
      hooks: {
        on_create: ["npm ci", "echo $HOME ${X:-y}"],
        ...{ on_start: ["a"], warm: ["b"], maintain: ["c"], host: ["d"] },
      },
      ports: { base: 30_000, block: 4, publish: ["3000", "5173"] },
      agent: {
        ...{ identity: "{agent} <{email}>", sign: true, pass_env: ["TOKEN"], notify: "bell" },
        ...{ command: "codex", args: ["exec", "{task}"], use_tmux: false, auto_assign: false },
      },
      ssh: {
        hosts: { "git.example.com": "ssh.example.com" },
        known_hosts: ["ssh.example.com ssh-ed25519 AAAA"],
      },
      codex: { pool: `${HOME}/logins`, config: `${root}/codex.toml` },
      claude: { pool: "/logins", config: `${HOME}/.claude/settings.json` },
      tasks: { prefix: "WEB", lease: "30m", topics: { api: "what clients see" } },
      check: { list: ['docs warn "src/**" Say why'] },
    });
  });

  it("does not change the defaults", async () => {
    const before = structuredClone(DEFAULT_SETTINGS);
    const project = await createProject();
    await project.write(
      "devkit.toml",
      `[image]\npackages = ["jq"]\n[container.env]\nA = "1"\n__proto__ = "own"\n`,
    );
    const { settings } = await project.load();
    expect(Object.entries(settings.container.env)).toEqual([
      ["A", "1"],
      ["__proto__", "own"],
    ]);
    expect(DEFAULT_SETTINGS).toEqual(before);
    expect(Object.getPrototypeOf(settings.container.env)).toBe(Object.prototype);
  });

  it("understands a byte order mark and Windows line ends", async () => {
    const project = await createProject();
    await project.write(
      "devkit.toml",
      "\uFEFF# note é\r\n[container]\r\npids = 99 # few\r\nenv.A = '''x\r\ny'''\r\n",
    );
    const { settings } = await project.load();
    expect(settings.container.pids).toBe(99);
    expect(settings.container.env).toEqual({ A: "x\ny" });
  });

  it("reads another file instead when asked to", async () => {
    const project = await createProject();
    await project.write("devkit.toml", "[container]\npids = 99\n");
    const other = await project.write("ci/other.toml", "[container]\ncpus = 1\n");
    const { settings, files } = await project.load([], { configFile: other });
    expect(settings.container).toEqual({ ...DEFAULT_SETTINGS.container, cpus: 1 });
    expect(files).toEqual([other]);
  });

  it("refuses a file asked for that does not exist", async () => {
    const project = await createProject();
    const error = await errorOf(project.load([], { configFile: "/nowhere/x.toml" }));
    expect(error).toMatchObject({
      code: "E_CONFIG",
      exitCode: 2,
      message: "/nowhere/x.toml: there is no such file",
    });
    expect(error.hint).toContain("--config");
    expect(error.hint).toContain(`${project.root}/devkit.toml`);
  });
});

describe("layers", () => {
  it("go from the defaults over the file and its overlays to those asked for, the later winning", async () => {
    const project = await createProject();
    await project.write(
      "devkit.toml",
      `[project]
overlays = ["one", "two"]
[image]
base = "from-file"
packages = ["make", "jq"]
[container]
memory = "1g"
cpus = 1
pids = 100
env = { FILE = "file", SHARED = "file" }
`,
    );
    await project.write(
      ".devkit-overlays/one/overlay.toml",
      `[image]\npackages = ["jq", "gdb"]\nuse = "one"\n[container]\nmemory = "2g"\ncpus = 2\nenv = { SHARED = "one", ONE = "1" }\n`,
    );
    await project.write("shipped/two/overlay.toml", `[image]\nuse = "two"\n[container]\ncpus = 3\n`);
    await project.write(
      "shipped/asked/overlay.toml",
      `[image]\npackages = ["make", "vim"]\n[container]\ncpus = 4\n[container.env]\nSHARED = "asked"\n`,
    );
    const { settings, files } = await project.load(["asked"]);
    expect(settings.project.overlays).toEqual(["one", "two"]);
    expect(settings.image).toEqual({
      ...DEFAULT_SETTINGS.image,
      base: "from-file",
      packages: ["make", "jq", "gdb", "vim"],
      use: "two",
    });
    expect(settings.container).toEqual({
      ...DEFAULT_SETTINGS.container,
      memory: 2048 * MIB,
      cpus: 4,
      pids: 100,
      env: { FILE: "file", SHARED: "asked", ONE: "1" },
    });
    expect(files.map((file) => file.slice(project.root.length))).toEqual([
      "/devkit.toml",
      "/.devkit-overlays/one/overlay.toml",
      "/shipped/two/overlay.toml",
      "/shipped/asked/overlay.toml",
    ]);
  });

  it("add to the names that agents may reach and that may be private, and replace the pool", async () => {
    const project = await createProject();
    await project.write(
      "devkit.toml",
      `[egress]\nallow = ["b.example.com"]\nprivate = ["b.example.com"]\npool = "10.1.0.0/16"\n`,
    );
    await project.write(
      "shipped/one/overlay.toml",
      `[egress]\nallow = ["a.example.com", "B.example.com:443"]\nprivate = ["b.example.com", "A.example.com"]\npool = "10.2.0.0/16"\n`,
    );
    await project.write("shipped/two/overlay.toml", `[egress]\nallow = []\nprivate = []\n`);
    expect((await project.load(["one", "two"])).settings.egress).toEqual({
      allow: ["b.example.com", "a.example.com"],
      private: ["b.example.com", "a.example.com"],
      pool: "10.2.0.0/16",
      base: "debian:bookworm-slim",
    });
  });

  it("lets an overlay asked for win again over one that came after it", async () => {
    const project = await createProject();
    await project.write("devkit.toml", `[project]\noverlays = ["one", "two"]\n`);
    await project.write("shipped/one/overlay.toml", "[container]\npids = 101\n");
    await project.write("shipped/two/overlay.toml", "[container]\npids = 102\n");
    expect((await project.load()).settings.container.pids).toBe(102);
    const { settings, files } = await project.load(["one"]);
    expect(settings.container.pids).toBe(101);
    expect(files).toHaveLength(3);
  });
});
