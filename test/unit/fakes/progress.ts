import type { Progress } from "../../../src/app/ports.js";

/** Remembers what was said: `agent-1: running`. */
export interface FakeProgress extends Progress {
  readonly started: string[];
  readonly done: string[];
  readonly failed: string[];
  readonly warnings: string[];
}

export function createFakeProgress(): FakeProgress {
  const said = {
    started: [] as string[],
    done: [] as string[],
    failed: [] as string[],
    warnings: [] as string[],
  };
  return {
    ...said,
    step(agent, text) {
      const label = agent === undefined ? "" : `${agent.name}: `;
      said.started.push(`${label}${text}`);
      return {
        update: () => undefined,
        done: (end) => said.done.push(`${label}${end ?? text}`),
        fail: (end) => said.failed.push(`${label}${end}`),
      };
    },
    warn: (text) => said.warnings.push(text),
  };
}
