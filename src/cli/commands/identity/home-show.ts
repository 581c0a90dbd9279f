import { homeData, homeText } from "../../../output/views/homes.js";
import { defineCommand } from "../../command.js";

export const agentHomeShow = defineCommand({
  path: "agent home show",
  summary: "Show what is in an agent's home, without anything secret of it",
  description:
    "Shows where an agent's home is, what takes room in it, what other users of this machine could read, whether Codex and Claude have a login there, its ssh keys and how many sessions it holds.",
  arguments: [{ syntax: "<agent>", description: "index or name", completes: "agents" }],
  options: {},
  examples: ["devkit agent home show 2", "devkit agent home show 2 --json | jq .data.keys"],
  json: "{ index, name, home, bytes, complete, entries: [{ name, bytes }], loose: [{ path, mode, widest }], logins: { codex: { present, mode: string|null }, claude: { present, mode: string|null } }, keys: [{ file, mode, type: string|null, fingerprint: string|null, comment: string|null, private, encrypted: boolean|null }], codexSessions: { count, complete }, claudeProjects: { count, complete } }",
  async run({ args, deps }) {
    const { describeHome } = await import("../../../app/identity/describe-home.js");
    const home = await describeHome(await deps.projectDeps(), args[0] ?? "");
    return { data: homeData(home), human: () => homeText(home) };
  },
});
