import { createHash } from "node:crypto";

/** A file of `.ssh`; name and text are the agent's. */
export interface SshFile {
  readonly name: string;
  readonly mode: number;
  readonly text: string;
}

/** An ssh key in a home, without anything that is secret about it. */
export interface SshKey {
  /** Name in `.ssh`; the agent's text. */
  readonly file: string;
  readonly mode: number;
  /** `ssh-ed25519`; undefined where only the secret part would say. */
  readonly type: string | undefined;
  /** `SHA256:…`, as ssh-keygen writes it. */
  readonly fingerprint: string | undefined;
  /** The agent's text. */
  readonly comment: string | undefined;
  /** Whether the private half is there. */
  readonly isPrivate: boolean;
  /** Whether a passphrase protects it; undefined for a public key. */
  readonly isEncrypted: boolean | undefined;
}

type Public = Required<Pick<SshKey, "type" | "fingerprint" | "comment">>;

const PRIVATE = /^-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----\r?\n([\s\S]*?)-----END /;
const MAGIC = Buffer.from("openssh-key-v1\0");
/** Of a key; the text is the agent's. */
const TYPE = /^[\w@.-]{1,64}$/;

/** The keys among the files of `.ssh`: private ones with what their `.pub` says, then public ones without a private half. */
export function findSshKeys(files: readonly SshFile[]): SshKey[] {
  const publics = new Map(files.map((file) => [file.name, parsePublicKey(file.text)]));
  const privates = files.flatMap((file): SshKey[] => {
    const own = parsePrivateKey(file.text);
    if (own === undefined) return [];
    const beside = publics.get(`${file.name}.pub`);
    // What lies beside it can be of another key.
    const matches = own.fingerprint === undefined || own.fingerprint === beside?.fingerprint;
    const known = matches ? beside : undefined;
    return [
      {
        file: file.name,
        mode: file.mode,
        type: own.type ?? known?.type,
        fingerprint: own.fingerprint ?? known?.fingerprint,
        comment: known?.comment,
        isPrivate: true,
        isEncrypted: own.isEncrypted,
      },
    ];
  });
  const paired = new Set(privates.map(({ file }) => `${file}.pub`));
  const others = files.flatMap((file): SshKey[] => {
    const found = publics.get(file.name);
    if (found === undefined || !file.name.endsWith(".pub") || paired.has(file.name)) return [];
    return [{ file: file.name, mode: file.mode, ...found, isPrivate: false, isEncrypted: undefined }];
  });
  return [...privates, ...others];
}

function parsePublicKey(text: string): Public | undefined {
  const match = /^([\w@.-]{1,64}) ([A-Za-z0-9+/]+={0,2})(?:[ \t]+([^\r\n]*))?\r?\n?$/.exec(text);
  if (match === null) return undefined;
  const [, type = "", base64 = "", comment] = match;
  const blob = Buffer.from(base64, "base64");
  return readString(blob, 0)?.text === type
    ? { type, fingerprint: fingerprintOf(blob), comment: comment?.trim() }
    : undefined;
}

/** OpenSSH's own format has the public key in the clear, also of an encrypted one; older ones have nothing. */
function parsePrivateKey(text: string): Pick<SshKey, "type" | "fingerprint" | "isEncrypted"> | undefined {
  const match = PRIVATE.exec(text);
  if (match === null) return undefined;
  const [, kind = "", body = ""] = match;
  if (kind !== "OPENSSH ") {
    const isEncrypted = kind === "ENCRYPTED " || /^Proc-Type: .*ENCRYPTED/m.test(body);
    return { type: undefined, fingerprint: undefined, isEncrypted };
  }
  const raw = Buffer.from(body.replaceAll(/\s/g, ""), "base64");
  if (!raw.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const cipher = readString(raw, MAGIC.length);
  const kdf = cipher && readString(raw, cipher.end);
  const options = kdf && readString(raw, kdf.end);
  // Then the number of keys, which is one.
  const blob = options && readString(raw, options.end + 4);
  const type = blob && readString(blob.bytes, 0);
  if (blob === undefined || type === undefined || !TYPE.test(type.text)) return undefined;
  return { type: type.text, fingerprint: fingerprintOf(blob.bytes), isEncrypted: cipher?.text !== "none" };
}

/** A string of ssh's wire format; undefined when it is not whole. */
function readString(
  from: Buffer,
  at: number,
): { readonly bytes: Buffer; readonly text: string; readonly end: number } | undefined {
  if (at + 4 > from.length) return undefined;
  const end = at + 4 + from.readUInt32BE(at);
  if (end > from.length) return undefined;
  const bytes = from.subarray(at + 4, end);
  return { bytes, text: bytes.toString("latin1"), end };
}

function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
