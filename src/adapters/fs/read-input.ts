import { stat } from "node:fs/promises";
import { DevkitError } from "../../base/errors.js";
import { readBounded } from "./read-bounded.js";
import { withFileErrors } from "./translate.js";

/** As much as anybody lists by hand or by a tool. */
const LIMIT = 16 * 1024 * 1024;

/** The text of a file that the user names, or of standard input for `-`. @throws DevkitError E_USAGE, E_FILE */
export async function readInput(file: string, signal: AbortSignal): Promise<string> {
  const info = file === "-" ? undefined : await stat(file).catch(() => undefined);
  if (file !== "-" && info?.isFile() !== true && info?.isFIFO() !== true) {
    const what = info === undefined ? "there is no such file" : "it is no file";
    throw new DevkitError("E_USAGE", `cannot read ${file}: ${what}`, {
      hint: "name a file, or - for standard input",
    });
  }
  const input = { file, stdin: () => process.stdin, limit: LIMIT, signal };
  const text = await withFileErrors(`cannot read ${file}`, () => readBounded(input));
  if (text !== undefined) return text;
  throw new DevkitError("E_USAGE", `${file} is larger than ${String(LIMIT)} bytes`, {
    hint: "import it in parts",
  });
}
