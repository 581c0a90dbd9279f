import type { Limits } from "../settings/settings.js";

/** The limits that a container was made with, as its label says; undefined when that is not ours. */
export function recordedLimits(config: string | undefined): Limits | undefined {
  try {
    const flat = JSON.parse(config ?? "{}") as Readonly<Record<string, unknown>>;
    const [memory = NaN, cpus = NaN, pids = NaN, tmp = NaN] = ["memory", "cpus", "pids", "tmp"].map((key) =>
      Number(flat[key]),
    );
    const isWhole = [memory, cpus, pids, tmp].every(Number.isFinite);
    return isWhole ? { memory, cpus, pids, tmp } : undefined;
  } catch {
    return undefined;
  }
}
