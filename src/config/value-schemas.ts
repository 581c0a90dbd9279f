import * as v from "valibot";
import { parseSize } from "../base/sizes.js";
import { envNameProblem } from "./env-names.js";
import { isTable } from "./parse.js";
import { showValue } from "./show-value.js";

/** Messages complete "container.memory …". */
function mustBe(what: string) {
  return (issue: { readonly input: unknown }) => `must be ${what}, not ${showValue(issue.input)}`;
}

/** Text without control characters. */
export function line(what: string) {
  return v.pipe(v.string(mustBe(what)), v.regex(/^\P{Cc}+$/u, mustBe(what)));
}

export function matching(pattern: RegExp, what: string) {
  return v.pipe(v.string(mustBe(what)), v.regex(pattern, mustBe(what)));
}

/** Text that a check of the domain accepts. */
export function accepted(check: (text: string) => boolean, what: string) {
  return v.pipe(v.string(mustBe(what)), v.check(check, mustBe(what)));
}

export function listOf<T extends v.GenericSchema>(item: T, what: string) {
  return v.array(item, mustBe(what));
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return v.picklist(values, mustBe(values.map((value) => `"${value}"`).join(" or ")));
}

export function wholeNumber(min: number, max: number) {
  const message = mustBe(`a whole number from ${String(min)} to ${String(max)}`);
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

export function numberFrom(min: number) {
  const message = mustBe(`a number of at least ${String(min)}`);
  return v.pipe(v.number(message), v.finite(message), v.minValue(min, message));
}

/** Bytes, written as a size or as a number. `min` as a person writes it. */
export function size(min: string) {
  const least = parseSize(min) ?? 0;
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, number>(({ dataset: { value: input }, addIssue, NEVER }) => {
      const bytes = typeof input === "string" ? parseSize(input) : input;
      if (typeof bytes !== "number" || !Number.isSafeInteger(bytes)) {
        addIssue({ message: mustBe('a size such as "4g" or "512m", or a whole number of bytes')({ input }) });
      } else if (bytes < least) {
        addIssue({ message: mustBe(`at least "${min}"`)({ input }) });
      } else return bytes;
      return NEVER;
    }),
  );
}

/** Not `v.record`, which drops names like `constructor` without a word. */
export function environment() {
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isTable, mustBe('a table such as { TZ = "UTC" }')),
    v.rawTransform<Readonly<Record<string, unknown>>, Readonly<Record<string, string>>>(
      ({ dataset: { value: input }, addIssue }) => {
        const variables: [string, string][] = [];
        for (const [key, value] of Object.entries(input)) {
          const refuse = (message: string, origin: "key" | "value") => {
            addIssue({ message, path: [{ type: "object", origin, input, key, value }] });
          };
          const problem = envNameProblem(key);
          if (problem !== undefined) refuse(problem, "key");
          if (typeof value !== "string") refuse(mustBe("a string in quotes")({ input: value }), "value");
          else if (value.includes("\0")) refuse("must not contain a NUL character", "value");
          else variables.push([key, value]);
        }
        return Object.fromEntries(variables);
      },
    ),
  );
}
