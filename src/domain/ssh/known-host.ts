const LINE = /^(\S+) (ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+={0,2})$/;
const NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** A host's key, as a line of known_hosts has it. */
export interface KnownHost {
  readonly name: string;
  readonly type: string;
  /** Base64. */
  readonly key: string;
}

/** Reads `name type key`. */
export function parseKnownHost(text: string): KnownHost | undefined {
  const [, name = "", type = "", key = ""] = LINE.exec(text) ?? [];
  return NAME.test(name) ? { name, type, key } : undefined;
}

export function isKnownHost(text: string): boolean {
  return parseKnownHost(text) !== undefined;
}
