import { isDevkitError } from "../../src/base/errors.js";

/** The code of the DevkitError a promise ends with; anything else as it is; undefined when it does not fail. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return isDevkitError(error) ? error.code : error;
}
