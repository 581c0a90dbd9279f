import * as v from "valibot";
import { formatAllowEntry, parseAllowEntry } from "../domain/egress/allow-entry.js";
import { formatHostProblem, parseHostPattern } from "../domain/egress/host-pattern.js";
import { parsePool } from "../domain/egress/subnets.js";
import { showValue } from "./show-value.js";

const NAME = 'a name such as "github.com", "*.example.com" or "preset:npm"';

/** An entry of `egress.allow` in its one spelling. */
export function allowEntry() {
  return v.pipe(
    v.string(({ input }) => `must be ${NAME}, not ${showValue(input)}`),
    v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
      const parsed = parseAllowEntry(dataset.value);
      if (parsed.ok) return formatAllowEntry(parsed.entry);
      addIssue({ message: `must be ${NAME}: ${parsed.problem}` });
      return NEVER;
    }),
  );
}

/** A name of one host, in its one spelling. */
export function plainName() {
  const example = 'a name such as "mirror.example.com"';
  return v.pipe(
    v.string(({ input }) => `must be ${example}, not ${showValue(input)}`),
    v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
      const parsed = parseHostPattern(dataset.value);
      if (parsed.ok && !parsed.pattern.wildcard) return parsed.pattern.host;
      const problem = parsed.ok ? "wildcards are not taken here" : formatHostProblem(parsed.problem);
      addIssue({ message: `must be ${example}: ${problem}` });
      return NEVER;
    }),
  );
}

/** The network of `egress.pool`. */
export function pool() {
  const example = 'an IPv4 network such as "10.213.0.0/16"';
  return v.pipe(
    v.string(({ input }) => `must be ${example}, not ${showValue(input)}`),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const parsed = parsePool(dataset.value);
      if (!parsed.ok) addIssue({ message: `must be ${parsed.mustBe}, not ${showValue(dataset.value)}` });
    }),
  );
}
