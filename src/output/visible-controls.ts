import { Transform } from "node:stream";

/**
 * Bytes for a terminal: control characters, and what UTF-8 makes of the upper ones, become visible instead of acting.
 * Tabs and line ends stay.
 */
export function createVisibleControls(): Transform {
  let held = "";
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = held + chunk.toString("latin1");
      // The first byte of a C1 control may be the last of this chunk.
      held = text.endsWith("\u00c2") ? "\u00c2" : "";
      done(null, Buffer.from(showControls(held === "" ? text : text.slice(0, -1)), "latin1"));
    },
    flush(done) {
      done(null, Buffer.from(held, "latin1"));
    },
  });
}

/** Text of one character per byte. */
function showControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this shows
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]|\u00c2[\u0080-\u009f]/g, (found) => {
    const code = found.charCodeAt(found.length - 1);
    return found.length > 1 ? `<${code.toString(16)}>` : `^${String.fromCharCode(code ^ 0x40)}`;
  });
}
