import type { RunEvent } from "../../../domain/runs/run-event.js";
import { describeLack, type Lack } from "../../../domain/limits/admission.js";
import { formatTime } from "../../../output/views/runs.js";
import type { Paint } from "../../../output/paint.js";

const COLOURS = ["cyan", "yellow", "magenta", "green", "blue"] as const;

/** What a person sees of an event: `[run-3fa91c-1] line`, in a colour of its agent's own. */
export function createLinePrinter(paint: Paint): (event: RunEvent) => string[] {
  const colours = new Map<string, (typeof COLOURS)[number]>();
  const prefix = (agent: string) => {
    const colour = colours.get(agent) ?? COLOURS[colours.size % COLOURS.length] ?? "cyan";
    colours.set(agent, colour);
    return paint(colour, `[${agent}]`);
  };
  let waitedFor: Lack["of"] | undefined;
  return (event) => {
    if (event.event === "waiting") {
      // Once for each reason: of so many that follow each other there would be a line for each.
      if (event.for === waitedFor) return [];
      waitedFor = event.for;
      const lack = describeLack({ of: event.for, needed: event.needed, available: event.available });
      return [paint("dim", `— waiting for ${lack}: ${String(event.running)} of ${String(event.agents)} run`)];
    }
    if (event.event === "line") return [`${prefix(event.agent)} ${event.text}`];
    if (event.event !== "ended") return [];
    const code = event.exit_code === null ? "" : `, exit code ${String(event.exit_code)}`;
    const said = `${event.reason.replaceAll("_", " ")}${code}, ${formatTime(event.duration_ms)}`;
    return [`${prefix(event.agent)} ${paint("dim", `— ${said}`)}`];
  };
}
