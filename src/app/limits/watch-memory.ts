import { formatSize } from "../../base/sizes.js";
import { recordedLimits } from "../../domain/limits/recorded-limits.js";
import type { Engine, LabelledContainer } from "../ports-engine.js";

/** 128 + SIGKILL, which is how the kernel ends what is over the limit; others can do that too. */
const KILLED = 137;

export interface MemoryWatch {
  /** Why a command ended with this code, if it is for want of memory. */
  explain(exitCode: number): Promise<string | undefined>;
}

/** From now on: whether the kernel ends processes of an agent because it is over its memory limit. */
export function watchMemory(
  engine: Engine,
  { id, config }: Pick<LabelledContainer, "id" | "config">,
): MemoryWatch {
  // Asked for beside the command, which must not wait for it.
  const before = engine.countOomKills(id).catch(() => undefined);
  return {
    async explain(exitCode) {
      if (exitCode !== KILLED) return undefined;
      const [first, now] = await Promise.all([before, engine.countOomKills(id).catch(() => undefined)]);
      if (first === undefined || now === undefined || now <= first) return undefined;
      const memory = recordedLimits(config)?.memory;
      return `killed: the agent is out of memory${memory === undefined ? "" : ` (limit ${formatSize(memory)})`}`;
    },
  };
}
