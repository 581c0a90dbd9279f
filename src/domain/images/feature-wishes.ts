/** The label in which an image keeps what its features ask for. */
export const METADATA_LABEL = "devcontainer.metadata";

/** What a feature may ask for at run time, which building it does not bring. */
const WISHES = [
  "mounts",
  "privileged",
  "capAdd",
  "securityOpt",
  "entrypoint",
  "onCreateCommand",
  "updateContentCommand",
  "postCreateCommand",
  "postStartCommand",
  "postAttachCommand",
] as const;

/** One sentence for each feature in an image that asks for more than its files and variables. */
export function featureWishes(label: string | undefined): string[] {
  return entriesOf(label).flatMap((entry) => {
    const { id } = entry;
    const wishes = WISHES.filter((name) => isWish(entry[name]));
    if (typeof id !== "string" || wishes.length === 0) return [];
    return [`the feature ${id} also asks for ${wishes.join(", ")}, which agents do not get from it`];
  });
}

function isWish(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== "";
}

function entriesOf(label: string | undefined): Readonly<Record<string, unknown>>[] {
  try {
    const value: unknown = JSON.parse(label ?? "[]");
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.filter((one): one is Record<string, unknown> => typeof one === "object" && one !== null);
  } catch {
    return [];
  }
}
