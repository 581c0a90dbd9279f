import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Plan } from "./plan.js";
import { ADDRESSES } from "./addresses.js";

/** Something that was delivered to one of the rig's recorders. */
export interface Arrival {
  /** internet, host, stub, engine, or what a test called a listener of its own. */
  readonly place: string;
  readonly protocol: string;
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly text: string;
}

/** What probe.pl said of each probe, by its position. */
export type Outcomes = ReadonlyMap<number, string>;

export async function readArrivals(dir: string): Promise<readonly Arrival[]> {
  const files = (await readdir(dir)).filter((file) => file.endsWith(".log"));
  const lines = await Promise.all(
    files.map(async (file) => {
      const text = (await readFile(path.join(dir, file), "utf8")).split("\n");
      return file === "engine.log"
        ? text.filter((line) => line.includes("Calling ")).map(ofEngine)
        : text.map(parse);
    }),
  );
  return lines.flat().filter((arrival) => arrival !== undefined);
}

const ofEngine = (text: string): Arrival => ({
  ...{ place: "engine", protocol: "api", from: "-", to: "-", port: "-" },
  text,
});

function parse(line: string): Arrival | undefined {
  const [place = "", protocol, from, to, text] = line.split("\t");
  if (protocol === undefined || from === undefined || to === undefined || text === undefined)
    return undefined;
  const [address = "", port = "-"] = to.split(" ");
  return { place, protocol, from, to: address, port, text };
}

export function parseOutcomes(output: string): Outcomes {
  const pairs = output.split("\n").map((line) => /^(\d+)\t(.*)$/.exec(line));
  return new Map(
    pairs.filter((pair) => pair !== null).map(([, position, text]) => [Number(position), text ?? ""]),
  );
}

/** Ids of the probes of this plan that arrived anywhere, in the order of the plan. */
export function arrivedOf(plan: Plan, arrivals: readonly Arrival[], outcomes: Outcomes): readonly string[] {
  const arrived = new Set(
    arrivals.map(({ to, text }) => {
      const owner = plan.ownerOf(to, text);
      return owner?.exceptAt === to ? undefined : owner?.id;
    }),
  );
  return plan.probes
    .filter(
      ({ id, through }, position) => arrived.has(id) || through?.test(outcomes.get(position) ?? "") === true,
    )
    .map(({ id }) => id);
}

/** What came to the internet and is no probe of these plans, nor what the policy lets a proxy do. */
export function strangersTo(plans: readonly Plan[], arrivals: readonly Arrival[]): readonly string[] {
  return arrivals
    .filter(({ place, to, port, text }) => {
      if (place !== "internet" || text.startsWith("settled-")) return false;
      if (plans.some((plan) => plan.ownerOf(to, text) !== undefined)) return false;
      const isAllowedName = port === "53" && /(allowed.test|exact.test|internal.test)\./.test(text);
      return !isAllowedName && !((to === ADDRESSES.allowed || to === ADDRESSES.refusing) && port === "443");
    })
    .map(({ protocol, from, to, port, text }) => `${protocol} ${from} > ${to}:${port} ${text}`);
}
