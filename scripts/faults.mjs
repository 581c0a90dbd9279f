// Runs the fault suite (docs/faults.md): bundles it, and gives it namespaces of its own where this user may make some.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.dirname(import.meta.dirname);
// Within the clone, where its packages are found.
const bundle = mkdtempSync(path.join(root, ".dist-faults-"));
const place = mkdtempSync(path.join(tmpdir(), `devkit-faults-${process.pid}-`));
const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const DISK = "768m";

try {
  const program = path.join(bundle, "faults.mjs");
  const entry = path.join(root, "test/faults/main.ts");
  await build({
    ...{ entryPoints: [entry], outfile: program, bundle: true, platform: "node", format: "esm" },
    ...{ packages: "external", target: "node20", logLevel: "warning" },
  });
  const words = [process.execPath, program, place, ...process.argv.slice(2)];
  const isRoot = process.getuid?.() === 0;
  const world = ["unshare", ...NAMESPACES, "sh", path.join(root, "test/faults/world.sh"), place, DISK];
  const [command, ...args] = isRoot ? [...world, ...words] : words;
  const env = { ...process.env, DEVKIT_TEST_PROGRAM: path.join(root, "dist/main.js") };
  const { status } = spawnSync(command, args, { stdio: "inherit", env });
  process.exitCode = status ?? 1;
} finally {
  for (const directory of [bundle, place]) rmSync(directory, { recursive: true, force: true });
}
