import * as v from "valibot";

/** One run of a command, and the exact shape of the document it must print. Objects have these keys and no others. */
export interface Pinned {
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Shape of `data`; of a failed run, of `error`. */
  readonly shape: v.GenericSchema;
}

export interface CommandPins {
  /** Undefined: the command has no document to answer with. */
  readonly success: readonly Pinned[];
  readonly failure: readonly Pinned[];
}

export const text = v.pipe(v.string(), v.minLength(1));
export const path = v.pipe(v.string(), v.startsWith("/"));
export const oid = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const agentRef = {
  index: v.pipe(count, v.minValue(1)),
  name: v.pipe(v.string(), v.regex(/^agent-\d+$/)),
};
export const some = <T extends v.GenericSchema>(item: T) => v.pipe(v.array(item), v.minLength(1));

export const failed = (code: string, exitCode: number, details: v.ObjectEntries = {}) =>
  v.strictObject({
    code: v.literal(code),
    message: v.pipe(text, v.regex(/^[^\n]*$/, "is more than one line")),
    hint: text,
    exitCode: v.literal(exitCode),
    details: v.strictObject(details),
  });
const unknownAgent = failed("E_AGENT_UNKNOWN", 4, { asked: v.literal("9"), agents: some(agentRef.name) });
export const usage: Omit<Pinned, "args"> = { exitCode: 2, shape: failed("E_USAGE", 2) };
export const nine = (args: string[]): Pinned => ({ args: [...args, "9"], exitCode: 4, shape: unknownAgent });
export const ok = (args: string[], shape: v.GenericSchema): Pinned => ({ args, exitCode: 0, shape });

/** Where no engine answers. */
export const noEngine = (...args: string[]): Pinned => ({
  args,
  env: { DOCKER_HOST: "unix:///nowhere" },
  exitCode: 3,
  shape: failed("E_ENGINE_UNAVAILABLE", 3, {
    systemCode: v.literal("ENOENT"),
    url: v.literal("unix:///nowhere"),
    from: v.literal("DOCKER_HOST"),
    socket: v.literal("/nowhere"),
  }),
});
