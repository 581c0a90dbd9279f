import { sourceProblem, type HostFacts } from "../../domain/mounts/source-problem.js";
import type { MountHost } from "../ports-mounts.js";

/**
 * The text of a file that settings name, or why it is not read. One that an agent could put there is not: its link would
 * lead to any file of the host.
 */
export async function readAskedFile(
  mountHost: MountHost,
  facts: () => Promise<HostFacts>,
  file: string,
): Promise<{ readonly text: string } | { readonly problem: string }> {
  const known = await facts();
  const writable = [file, await mountHost.realPath(file)]
    .map((at) => sourceProblem(at, known))
    .find((problem) => problem !== undefined);
  return writable === undefined ? mountHost.readText(file) : { problem: writable.reason };
}
