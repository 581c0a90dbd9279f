import path from "node:path";
import { DEFAULT_SETTINGS } from "../../../domain/settings/settings.js";
import { defineCommand, flag } from "../../command.js";

export const init = defineCommand({
  path: "init",
  summary: "Write a commented devkit.toml",
  description:
    "Writes devkit.toml with every setting explained and commented out, and keeps .devkit/ out of git. An existing file is left alone; devkit also works without one.",
  arguments: [],
  options: {
    hooks: flag("--hooks", "also write devkit's git hooks for your own commits (docs/checks.md)"),
  },
  examples: ["devkit init", "devkit -C ~/src/app init", "devkit init --hooks"],
  json: "{ file, created, hooks: path|null }",
  async run({ options, deps }) {
    const [{ configTemplate }, { devcontainerNames }, { initProject }] = await Promise.all([
      import("../../../config/template.js"),
      import("../../../config/devcontainer/find-devcontainer.js"),
      import("../../../app/agents/init.js"),
    ]);
    const project = await deps.projectDeps();
    const file = path.join(project.project.root, "devkit.toml");
    const created = await initProject(project, file, configTemplate(DEFAULT_SETTINGS));
    const hooks = options.hooks ? await (await deps.checks()).installHooks() : undefined;
    const [overlay] = await devcontainerNames(project.project.root);
    const also = overlay === undefined ? "" : `, or with devcontainer.json: devkit -p ${overlay} agent up 3`;
    return {
      data: { file, created, hooks: hooks ?? null },
      human: () => {
        const written = hooks === undefined ? "" : `\nWrote git hooks: ${hooks}`;
        return created
          ? `Wrote ${file}. Next: devkit agent up 3${also}${written}`
          : `${file} is there already; nothing changed.${written}`;
      },
    };
  },
});
