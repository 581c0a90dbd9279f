import { DevkitError } from "../../base/errors.js";

/** Why npm did not fetch `wanted`, in npm's own words; `otherwise` completes "install npm, or …". */
export function npmFailure(
  wanted: string,
  result: { missing: boolean; stderr: string },
  otherwise: string,
): DevkitError {
  if (result.missing) {
    return new DevkitError("E_TOOL_MISSING", `npm is not installed, and the image needs ${wanted}`, {
      hint: `install npm, or ${otherwise}`,
    });
  }
  const line = result.stderr.split("\n").find((text) => text.includes("npm error")) ?? "no reason given";
  return new DevkitError("E_IMAGE_BUILD", `npm cannot fetch ${wanted}: ${line.replace(/^npm error /, "")}`, {
    hint: `try it by hand: npm view ${wanted.split(", ")[0] ?? wanted}; or ${otherwise}`,
    details: { excerpt: result.stderr.slice(-2000) },
  });
}
