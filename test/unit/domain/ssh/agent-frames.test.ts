import { expect, test } from "vitest";
import {
  createFrameDecoder,
  createMessageDecoder,
  encodeFrame,
  isPermitted,
} from "../../../../src/domain/ssh/agent-frames.js";
import { wireString, wireUint32 } from "../../../../src/domain/ssh/wire.js";

test("frames come out as they went in, however they are cut", () => {
  const frames = [
    { channel: 0, data: Buffer.from("/tmp/x") },
    { channel: 7, data: Buffer.alloc(0) },
    { channel: 4_000_000_000, data: Buffer.alloc(3000, 7) },
  ];
  const whole = Buffer.concat(frames.map(encodeFrame));
  for (const size of [1, 3, 8, 4096, whole.length]) {
    const decode = createFrameDecoder();
    const found = [];
    for (let at = 0; at < whole.length; at += size) found.push(...decode(whole.subarray(at, at + size)));
    expect(found).toEqual(frames);
  }
});

test("a frame longer than any is refused before it has come", () => {
  const decode = createFrameDecoder();
  expect(() => decode(Buffer.concat([wireUint32(1), wireUint32(200_000)]))).toThrow(RangeError);
});

test("messages come out whole; an empty or endless one is refused", () => {
  const messages = [wireString(Buffer.from([11])), wireString(Buffer.alloc(5000, 13))];
  const whole = Buffer.concat(messages);
  const decode = createMessageDecoder();
  expect([
    ...decode(whole.subarray(0, 3)),
    ...decode(whole.subarray(3, 7)),
    ...decode(whole.subarray(7)),
  ]).toEqual(messages);
  expect(() => createMessageDecoder()(wireUint32(0))).toThrow(RangeError);
  expect(() => createMessageDecoder()(wireUint32(300_000))).toThrow(RangeError);
});

test("an agent may list keys and sign, and neither add, remove nor lock", () => {
  const permitted = Array.from({ length: 40 }, (_, type) => type).filter((type) =>
    isPermitted(wireString(Buffer.from([type]))),
  );
  expect(permitted).toEqual([11, 13]);
});

test("of what other ssh agents have besides, only how ssh says what it signs for", () => {
  const extension = (name: string) =>
    wireString(Buffer.concat([Buffer.from([27]), wireString(name), wireString("more")]));
  expect(isPermitted(extension("session-bind@openssh.com"))).toBe(true);
  // gpg-agent asks for passphrases on the display that this names.
  expect(isPermitted(extension("ssh-env@gnupg.org"))).toBe(false);
  expect(isPermitted(wireString(Buffer.from([27, 255, 255, 255, 255])))).toBe(false);
});
