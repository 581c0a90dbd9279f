import * as v from "valibot";
import {
  DEFAULT_SEVERITY,
  deriveCheckId,
  formatCheck,
  SEVERITIES,
  type Check,
} from "../domain/checks/check.js";
import { isCheckId, isTopicId } from "../domain/checks/local-files.js";
import { isScope } from "../domain/checks/scope.js";
import type { CheckSettings } from "../domain/settings/settings.js";
import { isTable } from "./parse.js";
import { showValue } from "./show-value.js";
import { accepted, line, oneOf, tableOfText } from "./value-schemas.js";

const KEYS: readonly string[] = ["id", "scope", "message", "severity"];
const EXAMPLE = 'tables such as [[check]] with scope = "src/**" and message = "Are the pages right?"';

const keys = {
  id: accepted(isCheckId, 'a check\'s id: lower case, digits, dots, dashes, at most 64, such as "docs"'),
  scope: accepted(isScope, 'a pattern of files in the repository, such as "src/**/*.ts"'),
  message: line("one line that says what to look after"),
  severity: oneOf(SEVERITIES),
};

interface TableProblem {
  /** From the list of tables on. */
  readonly path: readonly (string | number)[];
  readonly part: "key" | "value";
  readonly message: string;
}

type Add = (...problem: [path: TableProblem["path"], part: TableProblem["part"], message: string]) => void;

/** All `[[check]]` of a file, each in its one line. */
export function checkTables() {
  return v.pipe(
    v.array(v.custom<Readonly<Record<string, unknown>>>(isTable, `must be ${EXAMPLE}`), ({ input }) => {
      return `must be ${EXAMPLE}, not ${showValue(input)}`;
    }),
    v.rawTransform<Readonly<Record<string, unknown>>[], CheckSettings>(({ dataset, addIssue, NEVER }) => {
      const { checks, problems } = readTables(dataset.value);
      for (const { path, part, message } of problems) {
        const items = path.map((key) => ({ type: "unknown", origin: part, input: key, key, value: key }));
        addIssue({ message, path: items as unknown as [v.UnknownPathItem] });
      }
      return problems.length === 0 ? { list: checks.map(formatCheck) } : NEVER;
    }),
  );
}

function readTables(tables: readonly Readonly<Record<string, unknown>>[]) {
  const problems: TableProblem[] = [];
  const add: Add = (path, part, message) => {
    problems.push({ path, part, message });
  };
  const read = tables.map((table, index) => readTable(table, index, add));
  for (const [index, check] of read.entries()) {
    if (check === undefined || read.findIndex((other) => other?.id === check.id) === index) continue;
    add([index], "key", `has the id "${check.id}" twice: give one of the two another id`);
  }
  return { checks: read.filter((check) => check !== undefined), problems };
}

/** The topics of tasks, each with a description that may be empty. */
export function topicTable() {
  return tableOfText('{ api = "What clients see" }', (key, value) => {
    if (!isTopicId(key))
      return [{ part: "key", message: "is no topic: lower case, digits, dots, dashes, at most 64" }];
    const isLine = typeof value === "string" && !/\p{Cc}/u.test(value);
    return isLine ? [] : [{ part: "value", message: `must be one line of text, not ${showValue(value)}` }];
  });
}

function readTable(table: Readonly<Record<string, unknown>>, index: number, add: Add): Check | undefined {
  for (const key of Object.keys(table)) {
    if (!KEYS.includes(key))
      add([index, key], "key", `is no key of [[check]], which has: ${KEYS.join(", ")}`);
  }
  for (const key of ["scope", "message"] as const) {
    if (table[key] === undefined) add([index], "key", `needs a ${key}`);
  }
  const read = (key: keyof typeof keys): string | undefined => {
    if (table[key] === undefined) return undefined;
    const result = v.safeParse(keys[key], table[key]);
    if (result.success) return result.output;
    add([index, key], "value", result.issues[0].message);
    return undefined;
  };
  const [id, scope, message, severity] = [read("id"), read("scope"), read("message"), read("severity")];
  if (scope === undefined || message === undefined) return undefined;
  return {
    id: id ?? deriveCheckId(scope),
    scope,
    message: message.trim(),
    severity: SEVERITIES.find((one) => one === severity) ?? DEFAULT_SEVERITY,
  };
}
