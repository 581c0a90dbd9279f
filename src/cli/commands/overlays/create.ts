import { DevkitError } from "../../../base/errors.js";
import { parseAgentOption } from "../../agent-option.js";
import { defineCommand, text } from "../../command.js";

const HINT = "for example: devkit overlay create tools, or: devkit overlay create --agent 2";

export const overlayCreate = defineCommand({
  path: "overlay create",
  summary: "Write an overlay to fill in",
  description:
    "Writes .devkit-overlays/<name>/overlay.toml in the repository, with what can stand there commented out. --agent N writes agentN/overlay.toml, " +
    "which is for agent N alone and in force without being named. A file that is there is never overwritten.",
  arguments: [{ syntax: "[name]", description: "lower case, digits, - and _" }],
  options: { agent: text("--agent <agent>", "for this agent alone") },
  examples: ["devkit overlay create tools", "devkit overlay create --agent 2"],
  json: "{ name, file, agent: number|null }",
  async run({ args, options, deps, reporter }) {
    const [{ createOverlay }, { agentOfOverlay }, { OVERLAY_NAME, findOverlay }, { ownOverlaysDir }] =
      await Promise.all([
        import("../../../app/overlays/create-overlay.js"),
        import("../../../config/agent-overlay.js"),
        import("../../../config/find.js"),
        import("../../../config/overlay-dirs.js"),
      ]);
    const { project, state } = await deps.projectDeps();
    const asked =
      options.agent === undefined ? undefined : parseAgentOption(options.agent, project.roster, HINT);
    const name = requireName(args[0], asked?.index, OVERLAY_NAME);
    const agent = agentOfOverlay(name);
    const file = await createOverlay({ state }, { name, agent, directory: ownOverlaysDir(project.root) });
    const { overlayDirs } = await deps.configRequest();
    const hidden = await findOverlay(name, overlayDirs.slice(1), project.root);
    if (hidden !== undefined)
      reporter.warn(`it takes the place of ${hidden.dir}, also where an overlay extends "${name}"`);
    const next =
      agent === undefined
        ? `Use it: devkit -p ${name} agent up 3`
        : `It is in force for agent ${String(agent)}.`;
    return { data: { name, file, agent: agent ?? null }, human: () => `Wrote ${file}. ${next}` };
  },
});

function requireName(name: string | undefined, agent: number | undefined, pattern: RegExp): string {
  if ((name === undefined) === (agent === undefined)) {
    throw new DevkitError("E_USAGE", "an overlay has either a name or an agent it is for", { hint: HINT });
  }
  if (name === undefined) return `agent${String(agent)}`;
  if (pattern.test(name)) return name;
  const message = `${JSON.stringify(name)} is not an overlay's name: lower case, digits, - and _, never a path`;
  throw new DevkitError("E_USAGE", message, { hint: HINT });
}
