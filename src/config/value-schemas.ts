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

/** What is wrong with an entry of a table: with its name or with its value. */
export interface EntryProblem {
  readonly part: "key" | "value";
  /** Completes "container.env.X …". */
  readonly message: string;
}

/** A table of text by name. Not `v.record`, which drops names like `constructor` without a word. */
export function tableOfText(
  example: string,
  problemsOf: (key: string, value: unknown) => readonly EntryProblem[],
) {
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isTable, mustBe(`a table such as ${example}`)),
    v.rawTransform<Readonly<Record<string, unknown>>, Readonly<Record<string, string>>>(
      ({ dataset: { value: input }, addIssue }) => {
        for (const [key, value] of Object.entries(input)) {
          for (const { part, message } of problemsOf(key, value))
            addIssue({ message, path: [{ type: "object", origin: part, input, key, value }] });
        }
        return input as Readonly<Record<string, string>>;
      },
    ),
  );
}

export function environment() {
  return tableOfText('{ TZ = "UTC" }', (key, value) => {
    const problems: EntryProblem[] = [];
    const problem = envNameProblem(key);
    if (problem !== undefined) problems.push({ part: "key", message: problem });
    if (typeof value !== "string")
      problems.push({ part: "value", message: mustBe("a string in quotes")({ input: value }) });
    else if (value.includes("\0"))
      problems.push({ part: "value", message: "must not contain a NUL character" });
    return problems;
  });
}
