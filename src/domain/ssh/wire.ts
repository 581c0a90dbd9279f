/** Reads what ssh sends and stores: numbers, and strings with their length in front. */
export interface WireReader {
  uint32(): number;
  /** @throws RangeError when the data end before it. */
  string(): Buffer;
}

export function createWireReader(data: Buffer): WireReader {
  let offset = 0;
  const take = (length: number): Buffer => {
    if (offset + length > data.length) throw new RangeError("the data end too early");
    offset += length;
    return data.subarray(offset - length, offset);
  };
  const uint32 = () => take(4).readUInt32BE();
  return { uint32, string: () => take(uint32()) };
}

export function wireString(data: Buffer | string): Buffer {
  const bytes = Buffer.from(data);
  return Buffer.concat([wireUint32(bytes.length), bytes]);
}

export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A number that is not negative, from its bytes: without zeros in front, but one where the first bit is set. */
export function wireNumber(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
  const isHigh = (digits[0] ?? 0) >= 0x80;
  return wireString(isHigh ? Buffer.concat([Buffer.alloc(1), digits]) : digits);
}
