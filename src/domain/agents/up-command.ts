import { byIndex, type AgentRef } from "./agent.js";

/** What brings these agents up and no others, to be typed: `devkit agent up 3` for the first three, else by name. */
export function upCommand(agents: readonly AgentRef[], overlays: readonly string[] = []): string {
  const sorted = [...agents].sort(byIndex);
  const areFirst = sorted.every(
    ({ index, name }, position) => index === position + 1 && name === `agent-${String(index)}`,
  );
  const which = areFirst ? String(sorted.length) : sorted.map(({ name }) => name).join(" ");
  return ["devkit", ...overlays.flatMap((name) => ["-p", name]), "agent up", which].join(" ");
}
