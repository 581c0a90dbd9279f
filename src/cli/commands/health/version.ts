import { defineCommand } from "../../command.js";
import { readVersion } from "../../version.js";

export const version = defineCommand({
  path: "version",
  summary: "Print the version of devkit, Node and git",
  arguments: [],
  options: {},
  examples: ["devkit version", "devkit --version"],
  json: "{ devkit, node, git }",
  async run({ deps }) {
    const data = { devkit: readVersion(), node: process.versions.node, git: await deps.gitVersion() };
    return { data, human: () => `devkit ${data.devkit}\nnode ${data.node}\ngit ${data.git}` };
  },
});
