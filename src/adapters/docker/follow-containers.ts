import Docker from "dockerode";
import { setTimeout as sleep } from "node:timers/promises";
import { LABELS } from "../../domain/identity/names.js";

/** After the engine has gone, or does not answer. */
const RETRY_MS = 2000;

/** Also the end of a command in it: an agent's program may be one. */
const EVENTS = ["start", "die", "oom", "pause", "unpause", "destroy", "exec_die"];

/** Tells when something happens to a project's agents' containers, until the signal; and when the engine is there again. */
export async function followContainers(
  projectId: string,
  tell: () => void,
  signal: AbortSignal,
): Promise<void> {
  const docker = new Docker();
  const label = [`${LABELS.project}=${projectId}`, `${LABELS.role}=agent`];
  const filters = { type: ["container" as const], event: EVENTS, label };
  while (!signal.aborted) {
    try {
      const stream = await docker.getEvents({ filters, abortSignal: signal });
      tell();
      for await (const chunk of stream) {
        if (String(chunk).trim() !== "") tell();
      }
    } catch {
      // It is told by whoever asks the engine something.
    }
    await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
