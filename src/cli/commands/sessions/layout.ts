import type { CheckedLayout } from "../../../config/layout/read-layout.js";
import { countOf } from "../../../base/plural.js";
import { agentAt, byIndex, type AgentRef } from "../../../domain/agents/agent.js";
import { LAYOUT_SESSION, layoutOverlays, type Layout } from "../../../domain/sessions/layout.js";
import type { Project } from "../../../domain/identity/project.js";
import { DevkitError } from "../../../base/errors.js";
import { defineCommand, flag, text } from "../../command.js";
import type { Deps } from "../../deps.js";
import { bringUpMissing } from "./bring-up-missing.js";
import { decideAttach, openSessionWindows } from "./open-windows.js";

const FILE = { syntax: "<file>", description: "a YAML file (docs/tmux.md)" };
const EXAMPLE_FILE = "layout.yaml";

export const layoutApply = defineCommand({
  path: "layout apply",
  summary: "Make the windows that a file describes, and the agents they are for",
  description:
    "Brings up the layout's agents that do not run, each with its overlays, and makes the windows that are missing. " +
    "An agent that runs is left as it is, and no window is removed",
  arguments: [FILE],
  options: { attach: flag("--attach", "show the session at the end") },
  examples: [`devkit layout apply ${EXAMPLE_FILE} --attach`],
  json: "{ session, windows: [{ index, name, title, opened }], attached, started: [agent] }",
  async run(context) {
    const { args, options, deps, reporter } = context;
    const { layout, warnings } = await check(deps, args[0] ?? "");
    for (const warning of warnings) reporter.warn(warning);
    const attach = await decideAttach(context, options.attach);
    const { findRunningAgents } = await import("../../../app/sessions/find-running-agents.js");
    const project = await deps.projectDeps();
    const running = await findRunningAgents(project);
    const wanted = agentsOf(layout, project.project).map((agent) => ({
      agent,
      overlays: layoutOverlays(layout, agent),
    }));
    const missing = wanted.filter(({ agent }) => !running.some((one) => one.agent.name === agent.name));
    for (const { agent, overlays } of running) {
      const lacking = layoutOverlays(layout, agent).filter((name) => !overlays.includes(name));
      if (lacking.length > 0 && wanted.some((one) => one.agent.name === agent.name))
        reporter.warn(`${agent.name} runs without the overlay ${lacking.join(", ")}, and is left as it is`);
    }
    await bringUpMissing(context, missing);
    if (missing.length > 0) await findRunningAgents(project);
    return openSessionWindows(context, {
      session: layout.session,
      windows: layout.windows,
      attach,
      data: { started: missing.map(({ agent }) => agent.name) },
    });
  },
});

export const layoutGenerate = defineCommand({
  path: "layout generate",
  summary: "Write a layout of the agents that run",
  arguments: [],
  options: {
    output: text("--output <file>", "a new file to write it to, instead of printing it"),
  },
  examples: ["devkit layout generate", `devkit layout generate --output ${EXAMPLE_FILE}`],
  json: "{ file: string|null, text, agents: [{ index, name, overlays: [name] }] }",
  async run({ options, deps }) {
    const [{ findRunningAgents }, { selectToShow }, { formatLayout }, path] = await Promise.all([
      import("../../../app/sessions/find-running-agents.js"),
      import("../../../app/sessions/select-to-show.js"),
      import("../../../config/layout/format-layout.js"),
      import("node:path"),
    ]);
    const project = await deps.projectDeps();
    const running = await findRunningAgents(project);
    const { shown } = selectToShow(running, undefined, project.project.roster);
    const written = formatLayout(layoutOf(shown));
    const file = options.output === undefined ? undefined : path.resolve(options.output);
    if (file !== undefined && !(await project.state.writeIfMissing(file, written))) {
      throw new DevkitError("E_WORK_IN_THE_WAY", `${file} is there already`, {
        hint: "write it somewhere else, or print it: devkit layout generate",
      });
    }
    const agents = shown.map(({ agent, overlays }) => ({ ...agent, overlays }));
    return {
      data: { file: file ?? null, text: written, agents },
      human: () =>
        file === undefined ? written : `Wrote ${file}. Next: devkit layout apply ${file} --attach`,
    };
  },
});

export const layoutValidate = defineCommand({
  path: "layout validate",
  summary: "Look for mistakes in a layout",
  arguments: [FILE],
  options: {},
  examples: [`devkit layout validate ${EXAMPLE_FILE}`],
  json: "{ session, count: number|null, agents: [{ index, name, overlays: [name] }], windows: number }; what is only odd is in warnings",
  async run({ args, deps, reporter }) {
    const [file = ""] = args;
    const { layout, warnings } = await check(deps, file);
    for (const warning of warnings) reporter.warn(warning);
    const agents = agentsOf(layout, await deps.project());
    const all = `${countOf(layout.windows.length, "window")} for ${countOf(agents.length, "agent")}`;
    return {
      data: {
        session: layout.session,
        count: layout.count ?? null,
        agents: agents.map((agent) => ({ ...agent, overlays: layoutOverlays(layout, agent) })),
        windows: layout.windows.length,
      },
      human: () => `${file} is fine: session ${layout.session}, ${all}.`,
    };
  },
});

async function check(deps: Deps, file: string): Promise<CheckedLayout> {
  const [{ readLayout }, { findOverlays }, { devcontainerNames }] = await Promise.all([
    import("../../../config/layout/read-layout.js"),
    import("../../../config/find.js"),
    import("../../../config/devcontainer/find-devcontainer.js"),
  ]);
  const [{ root, roster }, { overlayDirs }] = await Promise.all([deps.project(), deps.configRequest()]);
  const found = await findOverlays(overlayDirs);
  const overlays = [...found.map(({ name }) => name), ...(await devcontainerNames(root))];
  return readLayout(file, { root, roster, overlays });
}

/** Everyone with a window, and agents 1 to `count`. */
function agentsOf({ count = 0, windows }: Layout, { roster }: Project): AgentRef[] {
  const counted = Array.from({ length: count }, (_, position) => agentAt(position + 1, roster));
  const all = [...counted, ...windows.map(({ agent }) => agent)];
  return [...new Map(all.map((agent) => [agent.name, agent])).values()].sort(byIndex);
}

/** What would bring these agents up as they are, each with a window. */
function layoutOf(
  shown: readonly { readonly agent: AgentRef; readonly overlays: readonly string[] }[],
): Layout {
  const names = [...new Set(shown.flatMap(({ overlays }) => overlays))];
  return {
    session: LAYOUT_SESSION,
    count: undefined,
    overlays: names.map((name) => {
      const agents = shown.filter(({ overlays }) => overlays.includes(name)).map(({ agent }) => agent);
      return { name, agents: agents.length === shown.length ? undefined : agents };
    }),
    windows: shown.map(({ agent }) => ({
      ...{ agent, path: undefined, name: undefined, command: undefined, overlay: undefined },
    })),
  };
}
