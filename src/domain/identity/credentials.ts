/** Scheme (possibly with a remote helper's prefix), user information up to the last `@` of the authority, the rest. */
const WITH_USER = /^((?:[a-z][a-z0-9+.:-]*:)?\/\/|)([^/?#]*)@(.*)$/is;

/** A URL without user name and password; a proxy may be written without a scheme. */
export function withoutCredentials(url: string): string {
  return url.replace(WITH_USER, "$1$3");
}

/** A git remote's URL without its password or token; over ssh the user name is no secret and is needed. */
export function withoutSecrets(remote: string): string {
  if (!remote.includes("://")) return remote;
  return remote.replace(WITH_USER, (_, scheme: string, user: string, rest: string) =>
    /^(git\+)?ssh/i.test(scheme) ? `${scheme}${user.split(":", 1)[0] ?? ""}@${rest}` : `${scheme}${rest}`,
  );
}
