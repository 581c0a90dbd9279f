import { DevkitError } from "../../base/errors.js";
import type { Engine, EngineInfo } from "../ports-engine.js";

/** How long an engine that is busy may take to answer a question that it answers within milliseconds otherwise. */
export const ENGINE_MS = 10_000;

export interface TimelyEngine {
  readonly engine: Engine;
  /** Asked once, before anything else. */
  info(): Promise<EngineInfo>;
}

/**
 * The engine for whoever only looks: no question is waited for longer than that, and one that has not answered the first
 * is asked nothing more. Engines have been seen to take connections and answer nothing.
 */
export function timelyEngine(engine: Engine, patienceMs = ENGINE_MS): TimelyEngine {
  let first: Promise<EngineInfo> | undefined;
  const info = () => (first ??= within(engine.info(), patienceMs));
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    await info();
    return within(question(), patienceMs);
  };
  return {
    info,
    engine: {
      ...engine,
      info,
      listContainers: (role, projectId) => ask(() => engine.listContainers(role, projectId)),
      listNetworks: (projectId) => ask(() => engine.listNetworks(projectId)),
      listSubnets: () => ask(() => engine.listSubnets()),
      listLooseVolumes: (projectId) => ask(() => engine.listLooseVolumes(projectId)),
      listLeftHelpers: (projectId) => ask(() => engine.listLeftHelpers(projectId)),
      findImage: (reference) => ask(() => engine.findImage(reference)),
      findStart: (id) => ask(() => engine.findStart(id)),
      findUsage: (id) => ask(() => engine.findUsage(id)),
      findLoad: (id) => ask(() => engine.findLoad(id)),
    },
  };
}

/** @throws DevkitError E_ENGINE_UNAVAILABLE when there is no answer in time */
async function within<T>(question: Promise<T>, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `the container engine does not answer (waited ${String(patienceMs / 1000)} s)`;
      reject(
        new DevkitError("E_ENGINE_UNAVAILABLE", message, {
          hint: "restart it: sudo systemctl restart docker; its containers go on when live-restore is on",
        }),
      );
    }, patienceMs);
  });
  try {
    return await Promise.race([question, late]);
  } finally {
    clearTimeout(timer);
  }
}
