import type { Socket } from "node:net";
import { HELLO, HELLO_BYTES } from "./frames.js";
import { LIMITS } from "./limits.js";

/** What came of a connection's first bytes. */
export type Incoming =
  | { readonly kind: "cmd"; readonly body: Buffer }
  /** `rest`: what came behind the first line already. */
  | { readonly kind: "mcp"; readonly rest: Buffer }
  | {
      readonly kind: "refused";
      readonly event: "garbage" | "too-large" | "slow" | "gone";
      readonly detail: string;
    };

/** Reads the first line, and of a command its frame; whoever takes too long, or says something else, is refused. */
export function readRequest(socket: Socket, deadlineMs: number = LIMITS.requestMs): Promise<Incoming> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const timer = setTimeout(() => {
      finish({
        kind: "refused",
        event: "slow",
        detail: `${String(bytes.length)} bytes in ${String(deadlineMs)} ms`,
      });
    }, deadlineMs);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const found = judge(bytes);
      if (found !== undefined) finish(found);
    };
    const onGone = () => {
      finish({ kind: "refused", event: "gone", detail: `ended after ${String(bytes.length)} bytes` });
    };
    const finish = (incoming: Incoming) => {
      clearTimeout(timer);
      socket.off("data", onData).off("end", onGone).off("close", onGone);
      // What it may still send stays in its own hands.
      socket.pause();
      resolve(incoming);
    };
    socket.on("data", onData).on("end", onGone).on("close", onGone);
  });
}

/** Undefined: more has to come. */
function judge(bytes: Buffer): Incoming | undefined {
  const hello = bytes.toString("latin1", 0, HELLO_BYTES);
  const kind = hello === HELLO.cmd ? "cmd" : hello === HELLO.mcp ? "mcp" : undefined;
  if (kind === undefined) {
    const isBegun = Object.values(HELLO).some((one) => one.startsWith(hello));
    return isBegun ? undefined : garbage("neither cmd nor mcp");
  }
  const rest = bytes.subarray(HELLO_BYTES);
  if (kind === "mcp") return { kind, rest };
  if (rest.length < 4) return undefined;
  const size = rest.readUInt32BE();
  if (size > LIMITS.requestBytes) {
    return { kind: "refused", event: "too-large", detail: `a request of ${String(size)} bytes` };
  }
  if (rest.length < 4 + size) return undefined;
  return rest.length === 4 + size ? { kind, body: rest.subarray(4) } : garbage("more than one frame");
}

function garbage(detail: string): Incoming {
  return { kind: "refused", event: "garbage", detail };
}
