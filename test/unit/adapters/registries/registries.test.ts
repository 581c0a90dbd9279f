import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createRegistries } from "../../../../src/adapters/registries/registries.js";
import type { AskedPreset } from "../../../../src/domain/egress/presets.js";
import { tempDir, thrownBy } from "../../support/temp.js";

let dir: string;
let sources: string | undefined;
let env: Record<string, string>;

beforeEach(async () => {
  dir = await tempDir();
  sources = undefined;
  env = {};
  for (const name of ["bin", "home", "root"]) await mkdir(path.join(dir, name));
});

/** A tool of our own: none of the real ones is run, and no registry asked. */
async function fakeTool(name: string, script: string): Promise<void> {
  const file = path.join(dir, "bin", name);
  await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(file, 0o755);
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
  await writeFile(path.join(dir, file), text);
}

const ask = (preset: AskedPreset, signal = new AbortController().signal) =>
  createRegistries({
    root: path.join(dir, "root"),
    home: path.join(dir, "home"),
    env: { PATH: path.join(dir, "bin"), ...env },
    aptSources: () => Promise.resolve(sources),
  }).ask(preset, signal);

const answer = (hosts: string[], notes: string[] = []) => ({ hosts, unusable: [], notes });

describe("npm", () => {
  test("names its registry and those of scopes, asked in the project", async () => {
    const settings = {
      registry: "https://npm.example.com/npm/",
      "@team:registry": "https://team.example.com/npm/",
      "@old:registry": "http://robot:geheim@old.example.com:8081/npm/",
      "//npm.example.com/:_authToken": "(protected)",
      "replace-registry-host": "https://no.example.com",
      "metrics-registry": "https://no.example.com",
    };
    await fakeTool(
      "npm",
      `echo "$PWD: $*" >"$0.log"; cat <<'END'\n${JSON.stringify(settings)}\nEND\necho warning >&2`,
    );
    expect(await ask("npm")).toEqual({
      hosts: ["npm.example.com", "team.example.com"],
      unusable: [{ url: "http://old.example.com:8081/npm/", why: "is http, and agents reach only https" }],
      notes: [],
    });
    const log = await readFile(path.join(dir, "bin", "npm.log"), "utf8");
    expect(log).toBe(`${path.join(dir, "root")}: config list --json\n`);
  });

  test.each([
    [
      undefined,
      "npm is not installed here, so preset:npm cannot ask it; write the names of its hosts into [egress] allow",
    ],
    [
      "exit 7",
      "npm did not say where it downloads from (exit code 7); write the names of its hosts into [egress] allow",
    ],
    [
      `echo '{"error":{}}'; exit 1`,
      "npm did not say where it downloads from (exit code 1); write the names of its hosts into [egress] allow",
    ],
    [
      "echo nonsense",
      "npm did not say where it downloads from (exit code 0); write the names of its hosts into [egress] allow",
    ],
  ])("that does %j is a note", async (script, note) => {
    if (script !== undefined) await fakeTool("npm", script);
    expect(await ask("npm")).toEqual(answer([], [note]));
  });

  test("stops with the command", async () => {
    await fakeTool("npm", "exec sleep 30");
    const controller = new AbortController();
    const asked = thrownBy(ask("npm", controller.signal));
    controller.abort(new Error("enough"));
    expect(await asked).toMatchObject({ message: "enough" });
  });
});

describe("pip", () => {
  const help = `cat <<'END'\nUsage\n  -i, --index-url <url>  Base URL of the Python Package Index (default https://****@py.example.com/simple). This…\n  --extra-index-url <url>  More (default https://no.example.com).\nEND`;
  const config = `cat <<'END'\n:env:.index-url='https://py.example.com/simple'\nglobal.extra-index-url='\\nhttps://robot:geheim@more.example.com/simple\\nhttp://old.example.com/simple'\nglobal.find-links='/opt/wheels'\nglobal.proxy='https://no.example.com:8080'\nEND`;
  const report = `echo '{"install":[{"download_info":{"url":"https://files.example.com/a/pip-1.whl"}}]}'`;
  const pip = (probe: string) =>
    `test "$COLUMNS" = 4000 || exit 9\ncase "$*" in "install --help") ${help};;\n"config list") ${config};;\ninstall\\ pip\\ *--only-binary*) ${probe};;\nesac`.replaceAll(
      "END;;",
      "END\n;;",
    );

  test("names its indexes, and the host that files are on", async () => {
    await fakeTool("pip", pip(report));
    expect(await ask("pip")).toEqual({
      hosts: ["files.example.com", "more.example.com", "py.example.com"],
      unusable: [{ url: "http://old.example.com/simple", why: "is http, and agents reach only https" }],
      notes: [],
    });
  });

  test.each([
    "exit 1",
    "echo nonsense",
    `echo '{"install":[{"download_info":{"url":"file:///opt/wheels/pip.whl"}}]}'`,
  ])("whose index does not say where files are (%s) keeps the indexes, with a note", async (probe) => {
    await fakeTool("pip3", pip(probe));
    const { hosts, notes } = await ask("pip");
    expect(hosts).toEqual(["more.example.com", "py.example.com"]);
    expect(notes).toEqual([
      "pip could not ask its index which host the files are on; if that is another one, write its name into [egress] allow",
    ]);
  });

  test("that is missing is a note", async () => {
    expect((await ask("pip")).notes[0]).toMatch(/^pip is not installed here, so preset:pip cannot ask it;/);
  });
});

describe("cargo", () => {
  const script = (config: string, lockfile: string) =>
    `test "$RUSTC_BOOTSTRAP" = 1 || exit 9\ncase "$*" in *"config get"*) ${config};; generate-lockfile) ${lockfile};; esac`;
  const index = (host: string, dl: string) =>
    `mkdir -p "$CARGO_HOME/registry/index/${host}-0123456789abcdef"; echo '{"dl":"${dl}"}' >"$CARGO_HOME/registry/index/${host}-0123456789abcdef/config.json"`;

  test("names the index it goes to and the host of its packages, by the user's settings and not their downloads", async () => {
    await write("home/.cargo/config.toml", "# the user's own\n");
    const lockfile = `grep -q "user's own" "$CARGO_HOME/config.toml" || exit 9; ${index("index.example.com", "https://packages.example.com/{crate}/{version}")}`;
    await fakeTool("cargo", script("echo '{}'", lockfile));
    expect(await ask("cargo")).toEqual(answer(["index.example.com", "packages.example.com"]));
  });

  test("names those that are configured besides", async () => {
    const config = {
      registries: {
        team: { index: "sparse+https://team.example.com/index/" },
        git: { index: "ssh://git@git.example.com/x" },
      },
      source: {
        "crates-io": { "replace-with": "mirror" },
        mirror: { registry: "https://robot:geheim@mirror.example.com/git" },
      },
    };
    await fakeTool(
      "cargo",
      script(`echo '${JSON.stringify(config)}'`, index("index.example.com", "https://index.example.com/dl")),
    );
    expect(await ask("cargo")).toEqual({
      hosts: ["index.example.com", "mirror.example.com", "team.example.com"],
      unusable: [{ url: "ssh://git.example.com/x", why: "is ssh, and agents reach only https" }],
      notes: [],
    });
  });

  test("that gets no answer names what it tried, and what it had fetched before", async () => {
    const lockfile =
      "echo 'failed to download from `https://index.example.com/config.json`, see https://manual.example.com' >&2; exit 101";
    await fakeTool("cargo", script("exit 1", lockfile));
    const { hosts, notes } = await ask("cargo");
    expect(hosts).toEqual(["index.example.com"]);
    expect(notes).toEqual([
      "cargo could not ask its registry which host the packages are on; if that is another one, write its name into [egress] allow",
    ]);
    const before = "home/.cargo/registry/index";
    await write(
      `${before}/index.example.com-0123456789abcdef/config.json`,
      '{"dl":"https://packages.example.com"}',
    );
    await write(
      `${before}/other.example.com-0123456789abcdef/config.json`,
      '{"dl":"https://no.example.com"}',
    );
    expect(await ask("cargo")).toEqual(answer(["index.example.com", "packages.example.com"]));
  });

  test("that says nothing or is missing is a note", async () => {
    expect((await ask("cargo")).notes[0]).toMatch(/^cargo is not installed here/);
    await fakeTool("cargo", "exit 101");
    expect((await ask("cargo")).notes[0]).toMatch(
      /^cargo did not say where it downloads from \(exit code 101\)/,
    );
  });
});

describe("go", () => {
  test.each<[string, string, string[]]>([
    ["https://proxy.example.com,direct", "sum.example.com", ["proxy.example.com", "sum.example.com"]],
    ["https://a.example.com|https://b.example.com,off", "off", ["a.example.com", "b.example.com"]],
    [
      "https://a.example.com",
      "sum.example.com+1234 https://s.example.com/db",
      ["a.example.com", "s.example.com"],
    ],
    ["https://a.example.com", "sum.example.com+1234", ["a.example.com", "sum.example.com"]],
  ])("GOPROXY %s, GOSUMDB %s", async (proxy, sums, hosts) => {
    await fakeTool("go", `test "$*" = "env GOPROXY GOSUMDB" && printf '%s\\n' '${proxy}' '${sums}'`);
    expect(await ask("go")).toEqual(answer(hosts));
  });

  test("without a proxy is a note", async () => {
    await fakeTool("go", "printf 'direct\\nsum.example.com\\n'");
    const { hosts, notes } = await ask("go");
    expect(hosts).toEqual(["sum.example.com"]);
    expect(notes[0]).toMatch(/^go has no module proxy \(GOPROXY\)/);
  });
});

describe("maven", () => {
  const settings = `<settings><!-- <mirror><url>https://no.example.com</url></mirror> -->
    <mirrors><mirror><id>m</id><url> https://robot:geheim@mirror.example.com/maven </url><mirrorOf>*</mirrorOf></mirror>
    <mirror><url>http://0.0.0.0/</url><blocked>true</blocked></mirror></mirrors>
    <profiles><profile><repositories><repository><url>https://repo.example.com/a?x=1&amp;y</url></repository></repositories>
    <pluginRepositories><pluginRepository><url>http://old.example.com</url></pluginRepository></pluginRepositories></profile></profiles>
    <servers><server><id>x</id><configuration><url>https://no.example.com</url></configuration></server></servers></settings>`;

  test("names its settings' mirrors and repositories", async () => {
    await write("home/.m2/settings.xml", settings);
    expect(await ask("maven")).toEqual({
      hosts: ["mirror.example.com", "repo.example.com"],
      unusable: [{ url: "http://old.example.com", why: "is http, and agents reach only https" }],
      notes: [],
    });
  });

  test("names what it would go to itself, asked offline", async () => {
    const said =
      "[ERROR] could not be resolved: Cannot access central (https://central.example.com/maven2) in offline mode [Help] http://help.example.com";
    await fakeTool("mvn", `case "$*" in *"-o "*) echo '${said}'; exit 1;; esac`);
    expect(await ask("maven")).toEqual(answer(["central.example.com"]));
  });

  test("without either is a note", async () => {
    expect((await ask("maven")).notes).toEqual([
      "mvn is not installed here, so preset:maven cannot ask it; write the names of its hosts into [egress] allow",
    ]);
  });
});

describe("coursier", () => {
  test("names the repositories of its variable, of mirrors and of sbt", async () => {
    env["COURSIER_REPOSITORIES"] =
      "ivy2Local|https://a.example.com/maven|ivy:https://b.example.com/[organisation]/x";
    await write(
      "home/.config/coursier/mirror.properties",
      "central.from=https://no.example.com/\ncentral.to=https\\://c.example.com/x\n#x.to=https://no.example.com\n",
    );
    await write(
      "home/.sbt/repositories",
      "[repositories]\n  local\n  d: https://d.example.com/ivy, [organization]/[module]\n# e: https://no.example.com\n  maven-central\n",
    );
    expect(await ask("coursier")).toEqual(
      answer(["a.example.com", "b.example.com", "c.example.com", "d.example.com"]),
    );
  });

  test.each(["", "central", "ivy2Local|central|https://a.example.com"])(
    "%j needs a default that nobody can be asked for",
    async (text) => {
      env["COURSIER_REPOSITORIES"] = text;
      expect((await ask("coursier")).notes[0]).toMatch(
        /^coursier cannot be asked where its own default repository is/,
      );
    },
  );
});

describe("apt", () => {
  test("names the image's sources, old and new", async () => {
    sources = `# deb https://no.example.com x main
deb [arch=amd64 signed-by=/x] https://a.example.com/debian bookworm main
deb-src http://b.example.com/debian bookworm main
Types: deb
URIs: https://c.example.com/debian  https://d.example.com/
Suites: bookworm
deb cdrom:[Debian]/ bookworm main
`;
    expect(await ask("apt")).toEqual({
      hosts: ["a.example.com", "c.example.com", "d.example.com"],
      unusable: [{ url: "http://b.example.com/debian", why: "is http, and agents reach only https" }],
      notes: [],
    });
  });

  test.each([undefined, "", "# nothing\n"])("without any (%j) is a note", async (text) => {
    sources = text;
    expect((await ask("apt")).notes).toEqual([
      "the agents' image has no apt sources that devkit can read; write the names of its mirrors into [egress] allow",
    ]);
  });
});

test("a tool's failure of another kind is a note, and no secret of the environment is in it", async () => {
  const registries = createRegistries({
    root: "/",
    home: dir,
    env: {},
    aptSources: () => Promise.reject(new Error("no image")),
  });
  const { notes } = await registries.ask("apt", new AbortController().signal);
  expect(notes).toEqual(["preset:apt could not be asked: no image"]);
});
