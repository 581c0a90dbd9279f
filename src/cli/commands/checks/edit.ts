import path from "node:path";
import { DevkitError } from "../../../base/errors.js";
import { quoteText } from "../../../base/show-text.js";
import {
  DEFAULT_SEVERITY,
  deriveCheckId,
  SEVERITIES,
  type Check,
  type Severity,
} from "../../../domain/checks/check.js";
import { isCheckId } from "../../../domain/checks/local-files.js";
import { isScope } from "../../../domain/checks/scope.js";
import { MAIN } from "../../../domain/tasks/task.js";
import { defineCommand, text, type OptionSpec } from "../../command.js";
import type { Deps } from "../../deps.js";
import { CHECK_JSON } from "./list.js";

const SEVERITY: OptionSpec<Severity | undefined> = {
  flags: "-s, --severity <severity>",
  description: "block (the default) fails `check run`; warn and info only say so",
  choices: SEVERITIES,
};

export const checkAdd = defineCommand({
  path: "check add",
  summary: "Add a check to devkit.toml",
  description:
    "Adds a `[[check]]` to devkit.toml, which keeps its comments and its form: whoever commits files of its scope has to say that what it asks for is so.",
  arguments: [
    {
      syntax: "<scope>",
      description: 'files it is about, such as "src/**/*.ts"; docs/checks.md has the patterns',
    },
  ],
  options: {
    message: text("-m, --message <text>", "what to look after, in one line"),
    severity: SEVERITY,
    id: text("--id <id>", "what `verify` calls it; otherwise it is made of the scope"),
  },
  examples: [
    'devkit check add "src/**" -m "Do the pages still say what the code does?"',
    'devkit check add "*.sql" -m "Is there a way back?" -s warn --id migrations',
  ],
  json: `{ file, check: ${CHECK_JSON} }`,
  async run({ args, options, deps }) {
    const [checks, { addCheck }] = await Promise.all([
      deps.checks(),
      import("../../../config/edit-checks.js"),
    ]);
    const taken = (await checks.checksOf(MAIN)).map(({ id }) => id);
    const check = newCheck({ ...options, scope: args[0] ?? "" }, taken);
    const file = await checks.editSettings((before, name) => edited(addCheck(before, check), name));
    await refreshAgents(deps);
    return {
      data: { file, check },
      human: () => `Added: ${check.id} (${check.severity}) for ${check.scope}`,
    };
  },
});

export const checkRemove = defineCommand({
  path: "check remove",
  summary: "Remove a check from devkit.toml",
  description: "Removes a `[[check]]` from devkit.toml, which keeps its comments and its form.",
  arguments: [{ syntax: "<id>", description: "its id, as `check list` has it" }],
  options: {},
  examples: ["devkit check remove migrations"],
  json: `{ file, check: ${CHECK_JSON} }`,
  async run({ args, deps }) {
    const [checks, { removeCheck }, { requireCheck }] = await Promise.all([
      deps.checks(),
      import("../../../config/edit-checks.js"),
      import("../../../app/checks/verify-check.js"),
    ]);
    const check = requireCheck(await checks.checksOf(MAIN), args[0] ?? "");
    await requireInFile(deps, check);
    const file = await checks.editSettings((before, name) => edited(removeCheck(before, check.id), name));
    await refreshAgents(deps);
    return { data: { file, check }, human: () => `Removed: ${check.id}` };
  },
});

interface Asked {
  readonly scope: string;
  readonly message: string | undefined;
  readonly severity: Severity | undefined;
  readonly id: string | undefined;
}

/** @throws DevkitError E_CHECK_INPUT */
function newCheck(
  { scope, message = "", severity = DEFAULT_SEVERITY, id }: Asked,
  taken: readonly string[],
): Check {
  if (!isScope(scope))
    throw inputError(
      `${quoteText(scope.slice(0, 80))} is no pattern of files in the repository`,
      "such as src/**/*.ts",
    );
  if (message.trim() === "" || /\p{Cc}/u.test(message))
    throw inputError(
      `the message ${message.trim() === "" ? "is missing" : "is not one line"}`,
      "say it with -m",
    );
  if (id !== undefined && !isCheckId(id))
    throw inputError(
      `${quoteText(id.slice(0, 80))} is no id: lower case, digits, dots, dashes`,
      "such as docs",
    );
  if (id !== undefined && taken.includes(id))
    throw inputError(`there is a check ${id} already`, "give it another id");
  return { id: id ?? freeId(deriveCheckId(scope), taken), scope, message: message.trim(), severity };
}

function freeId(wanted: string, taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? wanted : `${wanted}-${String(number)}`;
    if (!taken.includes(id)) return id;
  }
}

async function edited(change: Promise<string | undefined>, file: string): Promise<string> {
  const after = await change;
  if (after !== undefined) return after;
  const name = path.basename(file);
  throw inputError(`${name} has its checks in a form that only you can change`, `edit it by hand: ${file}`);
}

/** What an overlay brings is not devkit.toml's to give up. */
async function requireInFile(deps: Deps, { id }: Check): Promise<void> {
  const [{ layers }, { checksOf }] = await Promise.all([
    deps.config(),
    import("../../../domain/checks/check.js"),
  ]);
  const has = (list: readonly string[] = []) => checksOf(list).some((check) => check.id === id);
  const own = layers.filter(({ settings }) => has(settings.check?.list));
  if (own.some(({ origin }) => origin.source === "file")) return;
  const { file = "", overlay = "" } = own.at(-1)?.origin ?? {};
  throw new DevkitError(
    "E_CHECK_UNKNOWN",
    `the check ${id} is not in devkit.toml but in the overlay ${overlay}`,
    {
      hint: `take it out there: ${file}`,
      details: { asked: id, overlay, file },
    },
  );
}

function inputError(message: string, hint: string): DevkitError {
  return new DevkitError("E_CHECK_INPUT", message, { hint });
}

/** What agents have of the settings, as they are now. */
async function refreshAgents(deps: Deps): Promise<void> {
  await (await deps.with({}).checks()).refreshAgents();
}
