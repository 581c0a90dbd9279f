// Runs inside an agent, by `node -e`: talks to the proxy as programs do, and says what it answers.
import { connect } from "node:net";

/** Asks for a tunnel; resolves with the status line, the page, and the open socket. */
function open(target) {
  return new Promise((resolve) => {
    const socket = connect(8888, "tinyproxy", () =>
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`),
    );
    let text = "";
    socket.setTimeout(5000, () => socket.destroy(new Error("timeout")));
    socket.on("data", (bytes) => {
      text += bytes;
      const isOpen = / 200 /.test(text);
      if (isOpen && text.includes("\r\n\r\n")) {
        socket.setTimeout(0);
        socket.removeAllListeners("data");
        resolve({ status: 200, text, socket });
      }
    });
    const end = (error) =>
      resolve({ status: Number(/^HTTP\/\S+ (\d+)/.exec(text)?.[1] ?? 0), text: text || String(error) });
    socket.on("close", end);
    socket.on("error", end);
  });
}

/** Sends a word through a tunnel and waits for it to come back. */
function echo(socket, word) {
  return new Promise((resolve) => {
    socket.once("data", (bytes) => resolve(String(bytes) === word));
    socket.once("close", () => resolve(false));
    socket.write(word);
  });
}

const [mode, target, count = "1"] = process.argv.slice(1);
if (mode === "ask") {
  const { status, text } = await open(target);
  console.log(JSON.stringify({ status, text }));
} else {
  const tunnels = await Promise.all(Array.from({ length: Number(count) }, () => open(target)));
  const sockets = tunnels.map(({ socket }) => socket).filter((socket) => socket !== undefined);
  const alive = async (word) =>
    (await Promise.all(sockets.map((socket) => echo(socket, word)))).filter(Boolean).length;
  console.log(`open ${await alive("first")}`);
  process.stdin.once("data", async () => {
    console.log(`alive ${await alive("again")}`);
    process.exit(0);
  });
}
process.stdin.unref?.();
if (mode === "ask") process.exit(0);
