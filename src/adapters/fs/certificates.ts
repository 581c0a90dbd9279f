import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { rootCertificates } from "node:tls";

const LOCAL_DIRECTORY = "/usr/local/share/ca-certificates";
const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * The authorities this machine trusts besides the public ones: Debian's directory for local certificates, and the
 * files the usual variables name. A bundle that repeats the public ones adds only what is new in it.
 */
export async function loadExtraCertificates(
  env: Readonly<Partial<Record<string, string>>>,
): Promise<string[]> {
  const local = await readdir(LOCAL_DIRECTORY, { recursive: true }).catch(() => []);
  const files = [
    ...local.filter((name) => name.endsWith(".crt")).map((name) => path.join(LOCAL_DIRECTORY, name)),
    ...["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"].map((name) => env[name]).filter((file) => file !== undefined),
  ];
  const texts = await Promise.all([...new Set(files)].map((file) => readFile(file, "utf8").catch(() => "")));
  const known = new Set(rootCertificates.map(compact));
  const extra = new Map<string, string>();
  for (const pem of texts.flatMap((text) => text.match(PEM) ?? [])) {
    const key = compact(pem);
    if (!known.has(key)) extra.set(key, pem.replaceAll("\r", ""));
  }
  return [...extra.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pem]) => pem);
}

function compact(pem: string): string {
  return pem.replaceAll(/-----[^-]+-----|\s/g, "");
}
