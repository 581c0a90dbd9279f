/** Whom `[agent] identity` can name. */
export interface Committer {
  readonly name: string;
  readonly email: string;
}

const TEMPLATE = /^([^<>\p{Cc}]*[^<>\p{Cc}\s]) *<([^<>\p{Cc}\s]+)>$/u;
const PLACEHOLDER = /\{(\w*)\}/g;
const NAMES: readonly string[] = ["name", "email", "agent", "index"];

export function isIdentityTemplate(text: string): boolean {
  return (
    TEMPLATE.test(text) && [...text.matchAll(PLACEHOLDER)].every(([, name = ""]) => NAMES.includes(name))
  );
}

/** What it takes from the user. */
export function committerFields(template: string): (keyof Committer)[] {
  return (["name", "email"] as const).filter((field) => template.includes(`{${field}}`));
}

/** Fills a template that is one; a character that git has no room for in a name is left out. */
export function fillIdentity(
  template: string,
  values: Committer & { readonly agent: string; readonly index: number },
): Committer {
  const [, name = "", email = ""] = TEMPLATE.exec(template) ?? [];
  const by: Readonly<Record<string, string>> = { ...values, index: String(values.index) };
  const fill = (text: string) =>
    text.replaceAll(PLACEHOLDER, (_, key: string) => (by[key] ?? "").replaceAll(/[<>\p{Cc}]/gu, ""));
  return { name: fill(name), email: fill(email) };
}
