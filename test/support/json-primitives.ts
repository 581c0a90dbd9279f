import * as v from "valibot";

/** Values that many documents have. */
export const text = v.pipe(v.string(), v.minLength(1));
export const path = v.pipe(v.string(), v.startsWith("/"));
export const oid = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const agentRef = {
  index: v.pipe(count, v.minValue(1)),
  name: v.pipe(v.string(), v.regex(/^agent-\d+$/)),
};
export const some = <T extends v.GenericSchema>(item: T) => v.pipe(v.array(item), v.minLength(1));
