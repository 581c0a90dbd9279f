import { createHash } from "node:crypto";
import { constants, deflateRawSync, deflateSync } from "node:zlib";

/** An object of a pack: what it is, how long, and its data as a zlib stream. */
interface PackObject {
  readonly type: 1 | 2 | 3;
  readonly size: number;
  readonly zlib: Buffer;
}

/** sha1 of a blob of 3 GiB of zeros, which takes seconds to work out. */
const ZEROS = { size: 3 * 1024 ** 3, oid: "1077662767e8de998abc7dbe3649b8df9a2baf72" } as const;
const TYPE_NAMES = { 1: "commit", 2: "tree", 3: "blob" } as const;

const oidOf = (type: 1 | 2 | 3, data: Buffer) =>
  createHash("sha1")
    .update(`${TYPE_NAMES[type]} ${String(data.length)}\0`)
    .update(data)
    .digest("hex");

function object(type: 1 | 2 | 3, data: Buffer): PackObject & { oid: string } {
  return { type, size: data.length, zlib: deflateSync(data), oid: oidOf(type, data) };
}

const entry = (mode: string, name: string, oid: string) =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, "hex")]);

function commit(tree: string) {
  const who = "A <a@example.com> 1700000000 +0000";
  return object(1, Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nhostile\n`));
}

/** Type and size of a pack's object: seven bits a byte, the first with four and the type (gitformat-pack(5)). */
function objectHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size % 16)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}

/** A bundle that gives this ref. */
function bundle(ref: string, oid: string, objects: readonly PackObject[]): Buffer {
  const head = Buffer.alloc(12);
  head.write("PACK");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects.length, 8);
  const pack = Buffer.concat([
    head,
    ...objects.flatMap((one) => [objectHeader(one.type, one.size), one.zlib]),
  ]);
  const sum = createHash("sha1").update(pack).digest();
  return Buffer.concat([Buffer.from(`# v2 git bundle\n${oid} ${ref}\n\n`), pack, sum]);
}

export interface HostileBundle {
  readonly oid: string;
  readonly bytes: Buffer;
}

/** A commit with one file of 3 GiB of zeros, in 3 MB. */
export function zerosBundle(ref: string): HostileBundle {
  const chunk = 1024 ** 2;
  const block = deflateRawSync(Buffer.alloc(chunk), { finishFlush: constants.Z_FULL_FLUSH });
  // A checksum of zeros: the first sum stays 1, the second counts the bytes (RFC 1950).
  const adler = Buffer.alloc(4);
  adler.writeUInt32BE((ZEROS.size % 65521) * 65536 + 1);
  const blocks = Array.from({ length: ZEROS.size / chunk }, () => block);
  const zlib = Buffer.concat([Buffer.from([0x78, 0x9c]), ...blocks, Buffer.from([3, 0]), adler]);
  const tree = object(2, entry("100644", "zeros", ZEROS.oid));
  const top = commit(tree.oid);
  return { oid: top.oid, bytes: bundle(ref, top.oid, [{ type: 3, size: ZEROS.size, zlib }, tree, top]) };
}

/** A commit whose tree is `width` times itself on each of so many levels: few objects, endless files. */
export function bombBundle(ref: string, width: number, levels: number): HostileBundle {
  const blob = object(3, Buffer.from("x\n"));
  const objects: (PackObject & { oid: string })[] = [blob];
  for (let level = 0; level < levels; level += 1) {
    const mode = level === 0 ? "100644" : "40000";
    const below = objects.at(-1)?.oid ?? "";
    const entries = Array.from({ length: width }, (_, position) =>
      entry(mode, `n${String(position)}`, below),
    );
    objects.push(object(2, Buffer.concat(entries)));
  }
  const top = commit(objects.at(-1)?.oid ?? "");
  return { oid: top.oid, bytes: bundle(ref, top.oid, [...objects, top]) };
}
