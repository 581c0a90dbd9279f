/** Where a forge that everybody knows speaks ssh on port 443. */
const FORGES: Readonly<Record<string, string>> = {
  "github.com": "ssh.github.com",
  "gitlab.com": "altssh.gitlab.com",
  "bitbucket.org": "altssh.bitbucket.org",
};

export function isKnownForge(name: string): boolean {
  return Object.hasOwn(FORGES, name);
}
