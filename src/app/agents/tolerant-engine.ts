import { isDevkitError } from "../../base/errors.js";
import type { Engine } from "../ports-engine.js";

const ABSENT: ReadonlySet<string> = new Set([
  "E_ENGINE_UNAVAILABLE",
  "E_ENGINE_PERMISSION",
  "E_ENGINE_ADDRESS",
]);

/**
 * The engine, but where `isFine` an engine that does not answer has nothing of a project: a machine without one can have
 * worktrees, and agents on the machine itself.
 */
export function tolerantEngine(engine: Engine, isFine: () => Promise<boolean>): Engine {
  const ofProject = <T>(projectId: string | undefined, question: Promise<T[]>) =>
    question.catch(async (error: unknown): Promise<T[]> => {
      const isAbsent = isDevkitError(error) && ABSENT.has(error.code);
      if (isAbsent && projectId !== undefined && (await isFine())) return [];
      throw error;
    });
  return {
    ...engine,
    listContainers: (role, id) => ofProject(id, engine.listContainers(role, id)),
    listNetworks: (id) => ofProject(id, engine.listNetworks(id)),
    listLeftHelpers: (id) => ofProject(id, engine.listLeftHelpers(id)),
    listLooseVolumes: (id) => ofProject(id, engine.listLooseVolumes(id)),
  };
}
