import { parseArgs } from "node:util";
import { KINDS, type Kind, type PlanOptions } from "./plan.js";

export const HELP = `npm run faults -- [options]

  --seed N      which faults at which moments; printed, so that a run can be repeated
  --count N     kills at random moments, 100 by default; of each other kind a fifth of that
  --only KIND   one kind, or several with commas: ${KINDS.join(", ")}
  --fault N     only the N-th of the plan
`;

/** @throws Error with what is wrong, for people */
export function parseOptions(args: readonly string[]): PlanOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      count: { type: "string" },
      only: { type: "string", multiple: true },
      fault: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return "help";
  return {
    seed: toWhole("seed", values.seed) ?? Math.floor(Math.random() * 2 ** 31),
    count: toWhole("count", values.count) ?? 100,
    only: (values.only ?? []).flatMap((one) => one.split(",")).map(toKind),
    fault: toWhole("fault", values.fault),
  };
}

function toWhole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name} takes a number, not ${text}`);
  return Number(text);
}

function toKind(text: string): Kind {
  const kind = KINDS.find((one) => one === text);
  if (kind === undefined) throw new Error(`there is no kind ${text}: ${KINDS.join(", ")}`);
  return kind;
}
