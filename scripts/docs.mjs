// Writes docs/commands.md, docs/errors.md, docs/configuration.md and docs/devcontainer.md from the tables in the code; with --check, fails when
// they differ from what is committed.
import { build } from "esbuild";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { devcontainerPage } from "./lib/devcontainer-page.mjs";

const root = path.dirname(import.meta.dirname);
const isCheck = process.argv.includes("--check");
const { COMMANDS, GLOBAL_OPTIONS, ERROR_CODES, configTemplate, DEFAULT_SETTINGS, PROPERTIES } =
  await loadTables();
const pages = {
  "docs/commands.md": commandsPage(),
  "docs/errors.md": errorsPage(),
  "docs/configuration.md": configurationPage(),
  "docs/devcontainer.md": devcontainerPage(PROPERTIES, table),
};

let stale = 0;
for (const [file, text] of Object.entries(pages)) {
  const target = path.join(root, file);
  const before = await readFile(target, "utf8").catch(() => "");
  if (before === text) continue;
  stale += 1;
  if (isCheck) {
    console.error(`${file} is out of date: run npm run docs`);
  } else {
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
    console.log(`wrote ${file}`);
  }
}
process.exitCode = isCheck && stale > 0 ? 1 : 0;

async function loadTables() {
  const directory = await mkdtemp(path.join(tmpdir(), "devkit-docs-"));
  const outfile = path.join(directory, "tables.mjs");
  const contents = [
    "cli/table",
    "cli/globals",
    "base/error-codes",
    "config/template",
    "config/devcontainer/properties",
    "domain/settings/settings",
  ].map((file) => `export * from "./src/${file}.ts";`);
  try {
    await build({
      stdin: { contents: contents.join("\n"), resolveDir: root, loader: "ts" },
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      logLevel: "error",
      banner: {
        js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
      },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function commandsPage() {
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
  return [
    "# Commands",
    "",
    "Generated from the command table by `npm run docs`; do not edit.",
    "",
    "`<agent>` is an index (`2`) or a name (`agent-2`) everywhere. Options before the first argument belong to devkit; for `exec`",
    "and `exec-cd` everything after `<agent>` belongs to the inner command and arrives unchanged.",
    "",
    table(
      ["Command", "What it does"],
      shown.map(({ path: name, summary }) => [`[\`${name}\`](#${name.replaceAll(" ", "-")})`, summary]),
    ),
    "",
    "## Options of every command",
    "",
    table(
      ["Option", "Meaning"],
      GLOBAL_OPTIONS.map(({ flags, description }) => [`\`${flags}\``, description]),
    ),
    "",
    "## JSON",
    "",
    "With `--json` every command prints exactly one document on stdout, whether it succeeds or fails:",
    "",
    "```json",
    '{"ok":true,"command":"agent list","version":1,"data":{},"warnings":[]}',
    '{"ok":false,"command":"agent up","version":1,"error":{"code":"E_USAGE","message":"","hint":null,"exitCode":2,"details":{}},"warnings":[]}',
    "```",
    "",
    "`data` is described at each command below; the codes are in [errors.md](errors.md). A stream (`agent logs --follow`) is one JSON",
    "value a line instead.",
    "",
    ...shown.flatMap(commandSection),
  ].join("\n");
}

function commandSection(command) {
  const usage = ["devkit", command.path, "[options]", ...command.arguments.map(({ syntax }) => syntax)].join(
    " ",
  );
  const details = [
    ...command.arguments.map(({ syntax, description }) => [`\`${syntax}\``, description]),
    ...Object.values(command.options).map(({ flags, description }) => [`\`${flags}\``, description]),
  ];
  return [
    `## ${command.path}`,
    "",
    `\`${usage}\``,
    "",
    endSentence(command.description ?? command.summary),
    "",
    ...(details.length === 0 ? [] : [table(["Argument or option", "Meaning"], details), ""]),
    "```console",
    ...command.examples.map((example) => `$ ${example}`),
    "```",
    "",
    `JSON \`data\`: \`${command.json}\``,
    "",
  ];
}

function errorsPage() {
  const exits = [
    ["0 / 1", "done / tried and failed"],
    ["2", "not tried: usage or configuration"],
    ["3", "the engine or a tool is missing"],
    ["4", "the named thing does not exist"],
    ["5", "refused to protect work; `--force` exists where that makes sense"],
    ["6", "some agents succeeded, some failed"],
    ["70", "a defect in devkit"],
    [
      "125",
      "`exec` failed before the inner command ran; else the inner command's own code, 128+n when signal n ended it",
    ],
    ["130 / 143", "interrupted by SIGINT / ended by SIGTERM"],
  ];
  return [
    "# Errors and exit codes",
    "",
    "Generated from the error table by `npm run docs`; do not edit.",
    "",
    table(["Exit code", "Meaning"], exits),
    "",
    "Codes are stable. An error that ends `exec` before the inner command ran keeps a more telling exit code of its own (2, 3 or 4).",
    "",
    table(
      ["Code", "Exit code", "Meaning"],
      Object.entries(ERROR_CODES).map(([code, { exitCode, meaning }]) => [
        `\`${code}\``,
        String(exitCode),
        meaning,
      ]),
    ),
    "",
  ].join("\n");
}

function configurationPage() {
  return [
    "# Configuration",
    "",
    "Generated by `npm run docs`; do not edit.",
    "",
    "`devkit.toml` in the repository's root is optional. An unknown key or a wrong value is an error with its place. `devkit config check`",
    "reads it, `devkit config show --origin` says where each setting in force comes from.",
    "",
    "```toml",
    configTemplate(DEFAULT_SETTINGS).trimEnd(),
    "```",
    "",
    "## Where worktrees go",
    "",
    'With `layout = "dev-root"` the worktrees stand beside the primary, each below a directory of its own:',
    "",
    "```",
    "dev/app            the primary, nobody's worktree",
    "dev/agent1/app     agent 1",
    "dev/agent2/app     agent 2",
    "```",
    "",
    "A worktree stays where it was made: changing the layout moves, loses and doubles none, it only says where new ones go. What stands",
    "in such a place already and is not devkit's is never touched. Where the primary is a submodule, its dev root is the outer",
    "repository, so `nested` is the better choice there.",
    "",
    "Agents always work on branches below `agent/<name>/`, which is all that sync brings home. `branch_prefix` names the branches of",
    "`worktrees init`; when an agent moves into such a worktree it goes on from the same commit on a branch of its own.",
    "",
    "## What agents may reach",
    "",
    "Nothing, until `[egress] allow` names it: names, never addresses, and always port 443. `github.com` is that name and no other,",
    "`*.example.com` every name below `example.com` and not `example.com` itself. Entries of `devkit.toml` and of all overlays add up.",
    "",
    "A preset stands for several names. `preset:github`, `preset:codex` and `preset:claude` are fixed lists. Those of package managers",
    "hold no names: they stand for what this user's own tools are configured with, so a company's mirror works unchanged.",
    "",
    table(
      ["Preset", "Who is asked", "If it is not installed on the host"],
      [
        [
          "`npm`",
          "`npm config list` in the project: the registry and those of scopes",
          "a warning, no names",
        ],
        [
          "`pip`",
          "pip: its index, `extra-index-url`, and the index itself for the host that files are on",
          "a warning, no names",
        ],
        [
          "`cargo`",
          "cargo: its registry, `[registries]` and `[source]` of the user's own `config.toml`, and the registry's index for the host of packages",
          "a warning, no names",
        ],
        ["`go`", "`go env GOPROXY GOSUMDB`", "a warning, no names"],
        [
          "`maven`",
          "mirrors and repositories of `~/.m2/settings.xml`, and Maven, offline, for the one it goes to first",
          "only `settings.xml`",
        ],
        [
          "`coursier`",
          "`COURSIER_REPOSITORIES`, coursier's `mirror.properties`, `~/.sbt/repositories`",
          "no tool is needed; its own default cannot be asked for",
        ],
        ["`apt`", "the sources of the agents' image, which must be https", ""],
      ],
    ),
    "",
    "A tool has ten seconds. What it is configured with and agents cannot reach (http, another port, an address) is named in a warning;",
    'so is what could not be found out. Then write the names themselves: `allow = ["registry.example.com"]`. A tool that is not on the',
    "host but in the agents' image uses its own defaults there, which devkit does not know: `egress log --denied` shows which names it",
    "asked for. Of the project's own files only `.npmrc` is read; the other tools run in an empty directory, because a project's files can",
    "make them run programs.",
    "",
    "A name that leads to a private address is refused, whoever allowed it, or an agent could reach your network through a name of its own.",
    'Where that is what you want, for a mirror in the company, say so: `private = ["npm.example.com"]`. This machine\'s own addresses,',
    "loopback and link-local ones (a cloud's metadata) stay refused.",
    "",
    "`pool` must not overlap networks that this machine has routes to; parts of it that do are left out.",
    "",
    "## Overlays",
    "",
    "An overlay is a named layer of settings: a folder with an `overlay.toml`, a `compose.override.yml` or both, chosen with `-p NAME` for one",
    "command or with `[project] overlays` for good. [overlays.md](overlays.md) has the format. `-p` is not remembered: the next `agent up`",
    "without it puts the containers back, so use `[project] overlays` for what should stay.",
    "",
    "Order, later wins: defaults, `devkit.toml`, its overlays, the repository's own for single agents, those of `-p`. Tables (`env`, `args`) are",
    "merged by name; lists of which it says so above add up, so no layer takes away what another one asks for",
    "(`devkit config show --origin` says which).",
    "",
    "Relative paths start from the directory of the file that says them, `~/` is your home. `${NAME}` and `${NAME:-default}` stand for variables of",
    "your environment in `[image]` and in `env`, `env_file`, `mounts`, `workdir` and `command`; see [overlays.md](overlays.md#variables).",
    "",
  ].join("\n");
}

function table(header, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

function endSentence(text) {
  return text.endsWith(".") ? text : `${text}.`;
}
