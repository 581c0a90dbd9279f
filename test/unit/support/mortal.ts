import { Readable } from "node:stream";
import type { LentModule } from "../../../src/app/ports-modules.js";
import type { ProjectDeps } from "../../../src/app/ports.js";

/** Calls that change something outside this process. */
const CHANGING: Readonly<Record<string, readonly string[]>> = {
  engine: [
    ...["stopContainer", "startContainer", "removeContainer", "exec", "runOnce"],
    ...["removeNetwork", "signalContainer"],
  ],
  egress: ["writeConfig", "removeOwn", "forgetAgent"],
  worktrees: ["add", "adopt", "repair", "checkout", "reindex", "unregister"],
  history: ["setRef", "lend", "take", "moveRefs", "moveHead"],
  refs: ["change"],
  state: ["setLastSynced", "setSyncPending"],
  homeSwaps: ["make", "carryLogins", "begin", "putAway", "putInPlace", "end"],
  trash: ["begin", "setStage", "moveState", "moveFiles", "removeFiles", "remove"],
};

/** A bundle that nobody takes any more; what it ends with concerns nobody either. */
function sourceOf(argument: unknown): Readable | undefined {
  const source: unknown =
    typeof argument === "object" && argument !== null && "source" in argument ? argument.source : undefined;
  return source instanceof Readable ? source : undefined;
}

/** The same outside, for a process that is killed right after its `last` change: nothing it calls later happens. */
export function mortal<T extends ProjectDeps>(
  deps: T,
  last: number,
  more: Readonly<Record<string, readonly string[]>> = {},
): { deps: T; changes: () => number } {
  let changes = 0;
  const wrap = <T extends object>(port: T, changing: readonly string[]): T =>
    new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        // What this machine's addresses are is answered at once.
        if (typeof value !== "function" || name === "addresses") return value;
        return async (...args: unknown[]) => {
          if (changes >= last) {
            for (const source of args.map(sourceOf)) source?.on("error", () => undefined);
            throw new Error("killed");
          }
          const result = (await Reflect.apply(value, target, args)) as unknown;
          if (name === "modules") return (result as LentModule[]).map(wrapModule);
          if (!changing.includes(String(name))) return result;
          changes += 1;
          if (changes >= last) throw new Error("killed");
          return result;
        };
      },
    });
  const wrapModule = (module: LentModule): LentModule => ({
    ...module,
    refs: wrap(module.refs, CHANGING["refs"] ?? []),
    history: wrap(module.history, CHANGING["history"] ?? []),
  });
  const ports = new Set([...Object.keys(CHANGING), ...Object.keys(more)]);
  const wrapped = [...ports].map((port) => [
    port,
    wrap(deps[port as keyof T] as object, [...(CHANGING[port] ?? []), ...(more[port] ?? [])]),
  ]);
  return { deps: { ...deps, ...(Object.fromEntries(wrapped) as object) }, changes: () => changes };
}
