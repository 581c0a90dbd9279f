import { availableParallelism } from "node:os";
import { DevkitError } from "../../base/errors.js";
import { formatSize } from "../../base/sizes.js";
import { isPresent, type ObservedAgent } from "../../domain/agents/observed.js";
import type { ProjectDeps } from "../ports.js";

/** More new agents than this want `--force`. */
const MAX_NEW_AGENTS = 64;
/** What an idle container costs: shim, init and keep-alive (measured). */
const IDLE_BYTES = 3 * 1024 ** 2;
const START_MS_PER_CORE = 300;

/** @param start The commit they would start at. @throws DevkitError E_TOO_MANY */
export async function refuseTooMany(
  deps: ProjectDeps,
  wanted: readonly ObservedAgent[],
  start: string,
): Promise<void> {
  const fresh = wanted.filter((one) => !isPresent(one)).length;
  if (fresh <= MAX_NEW_AGENTS) return;
  const size = await deps.history.checkoutSize(start);
  const seconds = Math.ceil((fresh * START_MS_PER_CORE) / availableParallelism() / 1000);
  throw new DevkitError(
    "E_TOO_MANY",
    `${String(fresh)} new agents would take about ${formatSize(size * fresh)} of disk for their files, ` +
      `${formatSize(IDLE_BYTES * fresh)} of memory while idle and ${String(seconds)} s to start`,
    {
      hint: "if that is what you want: add --force",
      details: { newAgents: fresh, diskBytes: size * fresh, memoryBytes: IDLE_BYTES * fresh, seconds },
    },
  );
}
