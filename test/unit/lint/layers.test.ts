import { readdir } from "node:fs/promises";
import path from "node:path";
import { ESLint, type Linter } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../../..");

/** The project's own rules; only those that need the file on disk for its types are off. */
const eslint = new ESLint({
  cwd: ROOT,
  overrideConfigFile: path.join(ROOT, "eslint.config.js"),
  overrideConfig: [
    {
      ...(tseslint.configs.disableTypeChecked as Linter.Config),
      files: ["**/*.ts"],
      languageOptions: { parserOptions: { projectService: false, project: null } },
    },
  ],
});

/** What the lint says about imports of a file that would stand there. */
async function importProblems(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: path.join(ROOT, filePath) });
  const messages = result?.messages ?? [];
  const broken = messages.filter(({ fatal }) => fatal);
  if (broken.length > 0) throw new Error(broken.map(({ message }) => message).join("; "));
  return messages
    .filter(({ ruleId }) => ruleId === "no-restricted-imports" || ruleId === "no-restricted-syntax")
    .map(({ message }) => message);
}

const dynamicImport = (from: string) => `export const load = () => import("${from}");\n`;
const staticImport = (from: string) => `import { x } from "${from}";\nexport const y = x;\n`;
const typeImport = (from: string) => `import type { X } from "${from}";\nexport type Y = X;\n`;
const reexport = (from: string) => `export { x } from "${from}";\n`;

/** Where, what: each is one violation of docs/adr/0001 or of a package's ownership. */
const VIOLATIONS: [string, string][] = [
  ["src/base/planted.ts", "../domain/agents/agent.js"],
  ["src/base/planted.ts", "../config/load.js"],
  ["src/base/planted.ts", "../output/reporter.js"],
  ["src/base/planted.ts", "execa"],
  ["src/domain/agents/planted.ts", "../../adapters/git/run-git.js"],
  ["src/domain/agents/planted.ts", "../../app/ports.js"],
  ["src/domain/agents/planted.ts", "../../config/load.js"],
  ["src/domain/agents/planted.ts", "../../output/reporter.js"],
  ["src/domain/agents/planted.ts", "../../cli/command.js"],
  ["src/domain/agents/planted.ts", "node:fs"],
  ["src/domain/agents/planted.ts", "node:fs/promises"],
  ["src/domain/agents/planted.ts", "node:child_process"],
  ["src/domain/agents/planted.ts", "node:os"],
  ["src/domain/agents/planted.ts", "valibot"],
  ["src/config/planted.ts", "../app/ports.js"],
  ["src/config/planted.ts", "../adapters/fs/host.js"],
  ["src/config/planted.ts", "../cli/command.js"],
  ["src/config/planted.ts", "execa"],
  ["src/app/agents/planted.ts", "../../adapters/docker/engine.js"],
  ["src/app/agents/planted.ts", "../../config/parse.js"],
  ["src/app/agents/planted.ts", "../../output/reporter.js"],
  ["src/app/agents/planted.ts", "../../cli/command.js"],
  ["src/app/agents/planted.ts", "execa"],
  ["src/app/agents/planted.ts", "dockerode"],
  ["src/app/agents/planted.ts", "commander"],
  ["src/adapters/fs/planted.ts", "../../app/agents/up.js"],
  ["src/adapters/fs/planted.ts", "../../config/load.js"],
  ["src/adapters/fs/planted.ts", "../../output/reporter.js"],
  ["src/adapters/fs/planted.ts", "../../cli/command.js"],
  ["src/adapters/fs/planted.ts", "simple-git"],
  ["src/adapters/git/planted.ts", "dockerode"],
  ["src/adapters/git/planted.ts", "execa"],
  ["src/adapters/git/planted.ts", "../../app/agents/up.js"],
  ["src/adapters/docker/planted.ts", "simple-git"],
  ["src/adapters/docker/planted.ts", "../../cli/command.js"],
  ["src/adapters/process/planted.ts", "tar-fs"],
  ["src/output/planted.ts", "../app/agents/list.js"],
  ["src/output/views/planted.ts", "../../app/ports.js"],
  ["src/output/planted.ts", "../adapters/fs/host.js"],
  ["src/output/planted.ts", "../config/load.js"],
  ["src/output/planted.ts", "commander"],
  ["src/cli/planted.ts", "../adapters/git/worktrees.js"],
  ["src/cli/commands/agents/planted.ts", "../../../adapters/git/worktrees.js"],
  ["src/cli/commands/agents/planted.ts", "ora"],
  ["src/cli/commands/agents/planted.ts", "dockerode"],
  ["src/cli/deps.ts", "dockerode"],
];

describe("the lint sees a violation planted in", () => {
  test.each(VIOLATIONS)("%s: %s", async (file, from) => {
    expect(await importProblems(file, staticImport(from))).toHaveLength(1);
  });

  test.each([
    ["an import of types", typeImport],
    ["a re-export", reexport],
  ])("a layer by %s", async (_, write) => {
    for (const [file, from] of [
      ["src/domain/agents/planted.ts", "../../adapters/git/run-git.js"],
      ["src/app/agents/planted.ts", "../../adapters/docker/engine.js"],
      ["src/cli/commands/agents/planted.ts", "../../../adapters/git/worktrees.js"],
      ["src/app/agents/planted.ts", "execa"],
    ] as const) {
      expect([file, from, (await importProblems(file, write(from))).length]).toEqual([file, from, 1]);
    }
  });

  test.each([
    ["src/app/agents/planted.ts", "node:fs/promises"],
    ["src/app/agents/planted.ts", "node:child_process"],
    ["src/app/agents/planted.ts", "execa/lib/x.js"],
    ["src/base/planted.ts", "commander/esm.mjs"],
  ])("%s: %s, a way around the ports or the owners", async (file, from) => {
    expect(await importProblems(file, staticImport(from))).toHaveLength(1);
  });
});

describe("the lint lets pass", () => {
  test.each([
    ["src/base/planted.ts", "node:events"],
    ["src/base/planted.ts", "./errors.js"],
    ["src/domain/agents/planted.ts", "../../base/errors.js"],
    ["src/domain/agents/planted.ts", "../custody/mounts.js"],
    ["src/domain/agents/planted.ts", "node:crypto"],
    ["src/domain/agents/planted.ts", "node:path"],
    ["src/config/planted.ts", "valibot"],
    ["src/config/planted.ts", "../domain/settings/settings.js"],
    ["src/app/agents/planted.ts", "../ports.js"],
    ["src/app/agents/planted.ts", "../../domain/agents/plan.js"],
    ["src/adapters/docker/planted.ts", "dockerode"],
    ["src/adapters/git/planted.ts", "simple-git"],
    ["src/adapters/process/planted.ts", "execa"],
    ["src/adapters/git/planted.ts", "../../app/ports.js"],
    ["src/adapters/git/planted.ts", "../fs/atomic-file.js"],
    ["src/output/planted.ts", "ora"],
    ["src/cli/planted.ts", "commander"],
    ["src/cli/commands/agents/planted.ts", "../../../app/agents/up.js"],
    ["src/cli/deps.ts", "../adapters/git/worktrees.js"],
  ])("%s: %s", async (file, from) => {
    for (const write of [staticImport, typeImport, reexport, dynamicImport]) {
      expect(await importProblems(file, write(from))).toEqual([]);
    }
  });

  // Whether they keep to it is `npm run check:lint`'s to say, which goes through all of them with every rule.
  test("no file of a layer by looking away", async () => {
    const entries = await readdir(path.join(ROOT, "src"), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map(({ parentPath, name }) => path.relative(ROOT, path.join(parentPath, name)))
      .filter((file) => !["src/launch.ts", "src/main.ts"].includes(file));
    expect(files.length).toBeGreaterThan(80);
    for (const file of files) {
      expect([file, await eslint.isPathIgnored(file)]).toEqual([file, false]);
      const { rules } = (await eslint.calculateConfigForFile(file)) as Linter.Config;
      const severity = [rules?.["no-restricted-imports"]].flat()[0];
      expect([file, severity]).toEqual([file, 2]);
    }
  });
});
