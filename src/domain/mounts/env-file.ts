import { DevkitError } from "../../base/errors.js";

/**
 * Reads `NAME=value` lines as the engine's own tools do: blank lines and those that start with `#` are left out, the
 * value is everything after the first `=`, quotes included, and a name alone takes the value that devkit itself has.
 * @throws DevkitError E_CONFIG with file and line, never with a value
 */
export function parseEnvFile(
  file: string,
  text: string,
  own: Readonly<Partial<Record<string, string>>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const line = raw.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const end = line.indexOf("=");
    const name = end < 0 ? line : line.slice(0, end);
    const problem = line.includes("\0") ? "it has a NUL character in it" : nameProblem(name);
    if (problem !== undefined) throw badLine(file, index + 1, problem);
    const value = end < 0 ? own[name] : line.slice(end + 1);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

function nameProblem(name: string): string | undefined {
  if (name === "") return "there is no name before the =";
  if (/\s/.test(name)) return "the name of a variable has no blanks in it";
  if (!/^[A-Za-z_][\w.-]*$/.test(name)) return "that is not the name of a variable";
  const isOwn = name === "HOME" || name === "DEV_HOME" || name.startsWith("DEVKIT_");
  return isOwn ? `${name} is set by devkit` : undefined;
}

function badLine(file: string, line: number, problem: string): DevkitError {
  return new DevkitError("E_CONFIG", `${file}:${String(line)}: ${problem}`, {
    hint: "each line of an env_file is NAME=value, a comment that starts with #, or blank",
    details: { file, line },
  });
}
