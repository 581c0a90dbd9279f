import { createHash, createPrivateKey, type JsonWebKey } from "node:crypto";
import { createWireReader, wireNumber, wireString } from "./wire.js";

/** A private key that works without a passphrase. */
export interface SshKey {
  readonly type: string;
  /** What ssh calls a key of this type: `id_ed25519` and the like. */
  readonly fileName: string;
  /** The private key as its file has it. */
  readonly text: string;
  /** Base64. */
  readonly publicKey: string;
  readonly comment: string;
}

/** `public`: the other half; `unsupported`: one that is no use without something else, or that ssh gave up. */
export type KeyProblem = "none" | "public" | "encrypted" | "unsupported";

export type ParsedKey =
  | { readonly key: SshKey; readonly problem?: undefined }
  | { readonly key?: undefined; readonly problem: KeyProblem };

const FILE_NAMES: Readonly<Record<string, string>> = {
  "ssh-ed25519": "id_ed25519",
  "ecdsa-sha2-nistp256": "id_ecdsa",
  "ecdsa-sha2-nistp384": "id_ecdsa",
  "ecdsa-sha2-nistp521": "id_ecdsa",
  "ssh-rsa": "id_rsa",
};
const CURVES: Readonly<Record<string, string>> = {
  "P-256": "nistp256",
  "P-384": "nistp384",
  "P-521": "nistp521",
};
/** How many strings of its own a private key of a type has, before its comment. */
const PARTS: Readonly<Record<string, number>> = { id_ed25519: 2, id_ecdsa: 3, id_rsa: 6 };
const MAGIC = "openssh-key-v1\0";
const ARMOR = /^-----BEGIN ([A-Z ]*PRIVATE KEY)-----\n([\s\S]*?)\n-----END \1-----\s*$/;

/** Reads a private key as ssh does, whatever kind of line ends it has. */
export function parsePrivateKey(raw: string): ParsedKey {
  const text = `${raw.replaceAll("\r", "").trim()}\n`;
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA|^-----BEGIN [A-Z0-9 ]*PUBLIC KEY-----/.test(text))
    return { problem: "public" };
  const [, kind, body = ""] = ARMOR.exec(text) ?? [];
  if (kind === undefined) return { problem: "none" };
  if (kind.includes("ENCRYPTED") || body.includes("Proc-Type: 4,ENCRYPTED")) return { problem: "encrypted" };
  try {
    return kind === "OPENSSH PRIVATE KEY" ? readOpenSsh(text, body) : readPem(text);
  } catch {
    return { problem: "none" };
  }
}

/** The line of a `.pub` file. */
export function publicLine({ type, publicKey, comment }: SshKey): string {
  return `${type} ${publicKey}${comment === "" ? "" : ` ${comment}`}\n`;
}

/** As `ssh-keygen -l` shows it. */
export function fingerprintOf(publicKey: string): string {
  const hash = createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("base64");
  return `SHA256:${hash.replace(/=+$/, "")}`;
}

function readOpenSsh(text: string, body: string): ParsedKey {
  const data = Buffer.from(body, "base64");
  if (data.toString("latin1", 0, MAGIC.length) !== MAGIC) return { problem: "none" };
  const reader = createWireReader(data.subarray(MAGIC.length));
  const cipher = reader.string().toString();
  reader.string();
  reader.string();
  if (reader.uint32() !== 1) return { problem: "none" };
  const blob = reader.string();
  const type = createWireReader(blob).string().toString();
  const fileName = FILE_NAMES[type];
  if (fileName === undefined) return { problem: "unsupported" };
  const secret = createWireReader(reader.string());
  if (cipher !== "none") return { problem: "encrypted" };
  if (secret.uint32() !== secret.uint32() || secret.string().toString() !== type) return { problem: "none" };
  for (let part = 0; part < (PARTS[fileName] ?? 0); part++) secret.string();
  const comment = secret.string().toString();
  return found(text, type, blob, comment);
}

/** What older versions of ssh and other programs write. */
function readPem(text: string): ParsedKey {
  const jwk = createPrivateKey(text).export({ format: "jwk" });
  const number = (name: "n" | "e" | "x" | "y") => Buffer.from(jwk[name] ?? "", "base64url");
  if (jwk.kty === "RSA") {
    const parts = [wireString("ssh-rsa"), wireNumber(number("e")), wireNumber(number("n"))];
    return found(text, "ssh-rsa", Buffer.concat(parts), "");
  }
  const curve = curveOf(jwk);
  if (curve === undefined) return { problem: "unsupported" };
  const type = `ecdsa-sha2-${curve}`;
  const point = Buffer.concat([Buffer.from([4]), number("x"), number("y")]);
  return found(text, type, Buffer.concat([type, curve, point].map(wireString)), "");
}

function curveOf({ kty, crv = "" }: JsonWebKey): string | undefined {
  return kty === "EC" ? CURVES[crv] : undefined;
}

function found(text: string, type: string, blob: Buffer, comment: string): ParsedKey {
  const fileName = FILE_NAMES[type] ?? "";
  // What stands behind the key goes into a line of a file.
  const safe = comment.replaceAll(/[^ -~]/g, "").trim();
  return { key: { type, fileName, text, publicKey: blob.toString("base64"), comment: safe } };
}
