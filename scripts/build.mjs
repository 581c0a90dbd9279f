// Builds dist/: one bundle in which a command evaluates only what it uses, and what V8 made of it (docs/adr/0007). Types
// are checked by `npm run check:types`, not here.
import { build } from "esbuild";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const root = path.dirname(import.meta.dirname);
const dist = path.join(root, "dist");
// Made aside and renamed: a devkit that starts meanwhile finds the old program or the new one.
const fresh = path.join(root, `.dist-${process.pid}`);
const require = createRequire(path.join(root, "package.json"));

/**
 * dockerode loads ssh2 and grpc at once, but uses them only for ssh:// engines and BuildKit sessions; they stay
 * packages of their own and are loaded at the first use.
 */
const lazy = {
  name: "lazy",
  setup(builder) {
    builder.onResolve({ filter: /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader)$/ }, ({ path: name }) => ({
      path: name,
      namespace: "lazy",
    }));
    // From where the package that needs it stands: npm may have put it beside that one only.
    builder.onLoad({ filter: /.*/, namespace: "lazy" }, ({ path: name }) => ({
      contents: `
        let loaded;
        const load = () => {
          const { createRequire } = require("node:module");
          const dockerode = hostRequire.resolve("dockerode");
          const owner = ${JSON.stringify(name)} === "ssh2" ? createRequire(dockerode).resolve("docker-modem") : dockerode;
          return createRequire(owner)(${JSON.stringify(name)});
        };
        const get = (key) => (loaded ??= load())[key];
        // Importers read "require(…).Client" while they load themselves: only calling it loads the package.
        const member = (key) =>
          new Proxy(function () {}, {
            apply: (_, self, args) => Reflect.apply(get(key), self, args),
            construct: (_, args) => new (get(key))(...args),
            get: (_, inner) => get(key)[inner],
          });
        module.exports = new Proxy({}, { get: (_, key) => member(key) });`,
    }));
  },
};

const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  // Its main file finds its parts in a way that no bundler follows.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  metafile: true,
  logLevel: "warning",
};
const cjs = { ...common, format: "cjs", define: { "import.meta.dirname": "__dirname" } };
const results = await Promise.all([
  build({
    ...cjs,
    entryPoints: { program: path.join(root, "src/main.ts") },
    outdir: fresh,
    // What is imported on demand is evaluated on demand, but stands in the same file.
    supported: { "dynamic-import": false },
    banner: {
      js: "(function (require, __filename, __dirname) { const hostRequire = require, exports = {}, module = { exports };",
    },
    footer: { js: "})" },
    plugins: [lazy],
  }),
  // It goes into an image of its own (docs/endpoint.md).
  build({
    ...common,
    format: "esm",
    entryPoints: { broker: path.join(root, "src/broker/main.ts") },
    outdir: fresh,
    outExtension: { ".js": ".mjs" },
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  }),
]);
const program = path.join(fresh, "program.js");
const hash = createHash("sha256")
  .update(await readFile(program))
  .digest("hex");
const codeName = `code-${hash.slice(0, 16)}`;
await build({
  ...cjs,
  entryPoints: { main: path.join(root, "src/launch.ts") },
  outdir: fresh,
  define: { ...cjs.define, CODE_NAME: JSON.stringify(codeName) },
});
// The package is one of ES modules otherwise; loading its first file as one costs more than bare node's own start.
await writeFile(path.join(fresh, "package.json"), '{ "type": "commonjs" }\n');
await compile(program, path.join(fresh, `${codeName}-${process.version}-${process.arch}`));
await chmod(path.join(fresh, "main.js"), 0o755);
await writeFile(
  path.join(fresh, "THIRD-PARTY.txt"),
  await licences(results.flatMap(({ metafile }) => Object.keys(metafile.inputs))),
);
const old = `${fresh}-old`;
await rename(dist, old).catch(() => undefined);
await rename(fresh, dist);
await rm(old, { recursive: true, force: true });

/** Writes what V8 compiles when devkit runs, as far as it gets without an engine. */
async function compile(file, target) {
  const scratch = await mkdtemp(path.join(tmpdir(), "devkit-build-"));
  try {
    const script = path.join(root, "scripts/lib/compile.cjs");
    await promisify(execFile)(process.execPath, [script, file, target], {
      cwd: scratch,
      env: { PATH: process.env.PATH, HOME: scratch, DOCKER_HOST: `unix://${scratch}/no-engine` },
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The licence texts of every package that is in the bundle. */
async function licences(inputs) {
  // The last one of a path: a package can have others of its own in it.
  const directories = inputs
    .map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0])
    .filter(Boolean);
  const nameOf = (directory) => directory.slice(directory.lastIndexOf("node_modules/") + 13);
  const all = [...new Set(directories)].sort((a, b) => nameOf(a).localeCompare(nameOf(b), "en"));
  const texts = await Promise.all(
    all.map(async (one) => {
      const directory = path.join(root, one);
      const { name, version, license } = require(path.join(directory, "package.json"));
      const file = (await readdir(directory)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? "" : await readFile(path.join(directory, file), "utf8");
      return `${name} ${version} (${license})\n\n${text}`;
    }),
  );
  return [...new Set(texts)].join(`\n${"-".repeat(80)}\n`);
}
