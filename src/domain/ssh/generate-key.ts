import { generateKeyPairSync, randomBytes } from "node:crypto";
import { parsePrivateKey, type SshKey } from "./private-key.js";
import { wireString, wireUint32 } from "./wire.js";

const TYPE = "ssh-ed25519";
const LINE = /.{1,70}/g;
const BLOCK = 8;

/** A new ed25519 key as ssh-keygen writes it. Made in memory: it is in no file but the one it is for. */
export function generateKey(comment: string): SshKey {
  const { d = "", x = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const [seed, point] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")];
  const publicKey = Buffer.concat([wireString(TYPE), wireString(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    ...[check, check, publicKey, wireString(Buffer.concat([seed, point])), wireString(comment)],
  ]);
  const padding = Buffer.from(Array.from({ length: -secret.length & (BLOCK - 1) }, (_, index) => index + 1));
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(wireString),
    wireUint32(1),
    wireString(publicKey),
    wireString(Buffer.concat([secret, padding])),
  ]).toString("base64");
  const lines = (body.match(LINE) ?? []).join("\n");
  const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
  const { key } = parsePrivateKey(text);
  if (key === undefined) throw new Error("a key that was just made cannot be read");
  return key;
}
