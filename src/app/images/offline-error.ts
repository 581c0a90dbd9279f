import { DevkitError } from "../../base/errors.js";

export interface MissingImage {
  readonly reference: string;
  /** What needs it, for people. */
  readonly users: readonly string[];
}

/** Says what is missing, and how it is brought here. */
export function offlineError(missing: readonly MissingImage[]): DevkitError {
  const names = missing.map(({ reference, users }) =>
    users.length === 0 ? reference : `${reference} (for ${users.join(", ")})`,
  );
  const references = missing.map(({ reference }) => reference);
  const built = references.some((reference) => reference.startsWith("devkit-")) ? "devkit image build; " : "";
  return new DevkitError(
    "E_OFFLINE",
    `not here, and offline nothing is pulled or built: ${names.join(", ")}`,
    {
      hint: `where there is a network: ${built}docker save -o images.tar ${references.join(" ")}; then here: docker load -i images.tar`,
      details: { missing: references },
    },
  );
}
