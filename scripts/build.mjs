// Builds dist/: one bundle split along dynamic imports, so that a command loads only what it uses. Types are checked
// by `npm run check:types`, not here.
import { build } from "esbuild";
import { chmod, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

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
          const dockerode = nodeRequire.resolve("dockerode");
          const owner = ${JSON.stringify(name)} === "ssh2" ? makeRequire(dockerode).resolve("docker-modem") : dockerode;
          return makeRequire(owner)(${JSON.stringify(name)});
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

const result = await build({
  entryPoints: [path.join(root, "src/main.ts")],
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // Its main file finds its parts in a way that no bundler follows.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module"; const nodeRequire = makeRequire(import.meta.url); const require = nodeRequire;',
  },
  plugins: [lazy],
  metafile: true,
  logLevel: "warning",
});
await chmod(path.join(fresh, "main.js"), 0o755);
await writeFile(path.join(fresh, "THIRD-PARTY.txt"), await licences(Object.keys(result.metafile.inputs)));
const old = `${fresh}-old`;
await rename(dist, old).catch(() => undefined);
await rename(fresh, dist);
await rm(old, { recursive: true, force: true });

/** The licence texts of every package that is in the bundle. */
async function licences(inputs) {
  const names = inputs
    .map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1])
    .filter(Boolean);
  const texts = await Promise.all(
    [...new Set(names)].sort().map(async (name) => {
      const directory = path.join(root, "node_modules", name);
      const { version, license } = require(path.join(directory, "package.json"));
      const file = (await readdir(directory)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? "" : await readFile(path.join(directory, file), "utf8");
      return `${name} ${version} (${license})\n\n${text}`;
    }),
  );
  return texts.join(`\n${"-".repeat(80)}\n`);
}
