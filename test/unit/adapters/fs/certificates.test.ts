import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { beforeEach, expect, test } from "vitest";
import { loadExtraCertificates } from "../../../../src/adapters/fs/certificates.js";
import { tempDir } from "../../support/temp.js";

let dir: string;
/** Those of the machine the test runs on, which no test knows. */
let local: string[];

beforeEach(async () => {
  dir = await tempDir();
  local = await loadExtraCertificates({});
});

const pem = (text: string) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(text.repeat(20)).toString("base64")}\n-----END CERTIFICATE-----`;

async function put(name: string, text: string): Promise<string> {
  const file = path.join(dir, name);
  await writeFile(file, text);
  return file;
}

/** What comes on top of the machine's own. */
async function extra(env: Record<string, string>): Promise<string[]> {
  return (await loadExtraCertificates(env)).filter((one) => !local.includes(one));
}

test("those of the files the usual variables name, each once, in an order of their own", async () => {
  const node = await put("node.pem", `${pem("b")}\n${pem("a")}\n`);
  const ssl = await put("ssl.pem", `${pem("c")}\n${pem("a")}\n`);
  const found = await extra({ NODE_EXTRA_CA_CERTS: node, SSL_CERT_FILE: ssl });
  expect(new Set(found)).toEqual(new Set([pem("a"), pem("b"), pem("c")]));
  expect(found).toHaveLength(3);
  const swapped = await extra({ NODE_EXTRA_CA_CERTS: ssl, SSL_CERT_FILE: node });
  expect(swapped).toEqual(found);
});

test("a bundle that repeats the public roots adds only what is new in it", async () => {
  const roots = rootCertificates.map((root, position) =>
    position % 2 === 0 ? root : root.replaceAll("\n", "\r\n"),
  );
  const bundle = await put("bundle.pem", ["# a bundle", ...roots, pem("company"), ""].join("\n"));
  expect(await extra({ SSL_CERT_FILE: bundle })).toEqual([pem("company")]);
});

test("the same one in other lines is the same one", async () => {
  const one = await put("one.pem", pem("a"));
  const other = await put("other.pem", pem("a").replaceAll("\n", "\r\n\r\n"));
  expect(await extra({ NODE_EXTRA_CA_CERTS: one, SSL_CERT_FILE: other })).toHaveLength(1);
});

test("a file with Windows line ends gives one without", async () => {
  const file = await put("windows.pem", pem("a").replaceAll("\n", "\r\n"));
  expect(await extra({ SSL_CERT_FILE: file })).toEqual([pem("a")]);
});

test("a key that stands beside a certificate stays where it is", async () => {
  const key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----";
  const found = await extra({ SSL_CERT_FILE: await put("both.pem", `${key}\n${pem("a")}\n${key}\n`) });
  expect(found).toEqual([pem("a")]);
});

test("a variable that names nothing, a directory or no certificate adds none", async () => {
  await mkdir(path.join(dir, "directory"));
  for (const file of [path.join(dir, "none"), path.join(dir, "directory"), await put("text", "hello"), ""]) {
    expect(await extra({ SSL_CERT_FILE: file, NODE_EXTRA_CA_CERTS: file })).toEqual([]);
  }
});
