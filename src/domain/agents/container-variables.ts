const VARIABLE = /\$\{containerEnv:(\w+)(?::([^{}]*))?\}/g;

/** What the engine sets where an image does not say. */
const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Variables of a container in which `${containerEnv:NAME}` and `${containerEnv:NAME:default}` stand for what the container has
 * otherwise: another of these, or one of its image. The engine itself replaces nothing.
 * @param imageEnv The image's own, `NAME=value` each.
 */
export function fillContainerEnv(
  env: Readonly<Record<string, string>>,
  imageEnv: readonly string[],
): Record<string, string> {
  const ofImage = new Map(
    [DEFAULT_PATH, ...imageEnv].map((entry) => [
      entry.split("=", 1)[0] ?? "",
      entry.slice(entry.indexOf("=") + 1),
    ]),
  );
  // A variable that names itself means what the image has; two that name each other end the same way.
  const valueOf = (name: string, asked: readonly string[]): string | undefined => {
    const own = asked.includes(name) || !Object.hasOwn(env, name) ? undefined : env[name];
    return own === undefined ? ofImage.get(name) : fill(own, [...asked, name]);
  };
  const fill = (text: string, asked: readonly string[]): string =>
    text.replaceAll(VARIABLE, (_, name: string, fallback?: string) => valueOf(name, asked) ?? fallback ?? "");
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text, [name])]));
}
