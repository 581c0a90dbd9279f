import { DevkitError } from "../../base/errors.js";
import { LOGIN_LIMIT } from "../../domain/logins/login-json.js";
import { readBounded, type NamedInput } from "./read-bounded.js";
import { reasonOf } from "./reason-of.js";

/** The text of a login that the user names. @throws DevkitError E_LOGIN */
export async function readImport(input: Omit<NamedInput, "limit">): Promise<string> {
  const { file, signal } = input;
  const what = file === "-" ? "standard input" : file;
  const refuse = (problem: string, cause?: unknown) =>
    new DevkitError("E_LOGIN", `${what} ${problem}`, {
      hint: "give the file in which the program keeps its login, such as ~/.codex/auth.json",
      details: { file },
      cause,
    });
  const text = await readBounded({ ...input, limit: LOGIN_LIMIT }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw refuse(`cannot be read: ${reasonOf(error)}`, error);
  });
  if (text === undefined) throw refuse("is larger than any login");
  return text;
}
