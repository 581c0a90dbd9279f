import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { DevkitError } from "../../base/errors.js";
import { withFileErrors } from "./translate.js";

/** As much as anybody lists by hand or by a tool; what has no end is not read for ever. */
const LIMIT = 16 * 1024 * 1024;

/** The text of a file that the user names, or of standard input for `-`. @throws DevkitError E_USAGE, E_FILE */
export async function readInput(file: string): Promise<string> {
  const info = file === "-" ? undefined : await stat(file).catch(() => undefined);
  if (file !== "-" && info?.isFile() !== true && info?.isFIFO() !== true) {
    const what = info === undefined ? "there is no such file" : "it is no file";
    throw new DevkitError("E_USAGE", `cannot read ${file}: ${what}`, {
      hint: "name a file, or - for standard input",
    });
  }
  return withFileErrors(`cannot read ${file}`, async () => {
    const source: AsyncIterable<Buffer> = file === "-" ? process.stdin : createReadStream(file);
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of source) {
      parts.push(part);
      size += part.length;
      if (size > LIMIT)
        throw new DevkitError("E_USAGE", `${file} is larger than ${String(LIMIT)} bytes`, {
          hint: "import it in parts",
        });
    }
    return Buffer.concat(parts).toString("utf8");
  });
}
