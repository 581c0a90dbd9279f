import { countOf } from "../../../base/plural.js";
import { allowedNames } from "../../../config/allowed-names.js";
import { defineCommand } from "../../command.js";

export const egressReload = defineCommand({
  path: "egress reload",
  summary: "Take over what devkit.toml allows now",
  description:
    "Reads [egress] allow and asks the package managers behind its presets again, as agent up does, and lets the running proxies take over what changed.",
  arguments: [],
  options: {},
  examples: ["devkit egress reload"],
  json: "{ names, agents }",
  async run({ deps, shutdown }) {
    const { reloadEgress } = await import("../../../app/egress/reload.js");
    const [project, config] = await Promise.all([deps.projectDeps(), deps.config()]);
    const result = await reloadEgress(project, {
      allowed: allowedNames(config),
      private: config.settings.egress.private,
      signal: shutdown.signal,
    });
    return {
      data: result,
      human: () => `${countOf(result.names, "name")} allowed for ${countOf(result.agents, "agent")}.`,
    };
  },
});
