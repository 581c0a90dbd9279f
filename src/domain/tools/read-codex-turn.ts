import { faultIn, jsonLines, type FaultWords, type Turn } from "./turn.js";

/** As codex 0.169 says it; the first that matches counts, so the causes come before what they lead to. */
const WORDS: FaultWords = [
  [/refresh token has expired/i, "expired"],
  [/could not be refreshed/i, "revoked"],
  [/Missing bearer|Missing environment variable|not logged in/i, "no-login"],
  [/\b401 Unauthorized|\b403 Forbidden/, "refused"],
  [/\b429\b|usage limit|rate limit|quota/i, "limit"],
  [/certificate/i, "authority"],
  [/CONNECT failed with status 403/, "denied"],
  [/high demand|\b5\d\d [A-Z]|server_error/, "server"],
  [/error sending request|waiting for network|timed out|stream disconnected/i, "unreachable"],
];

/** What it logs of its login on stderr; of the rest much is harmless. */
const LOGIN_LOG = /ERROR codex_login\S*: (.*)/;

/** Of a message; what codex says is shorter, and the text is that of whatever runs there. */
const LONGEST = 4096;

/** Reads what `codex exec --json` printed so far, stdout and stderr together. */
export function readCodexTurn(output: string): Turn {
  const events = jsonLines(output);
  const answered = events.some(({ type }) => type === "turn.completed");
  const lines = output.split("\n");
  const logged = lines.flatMap((line) => LOGIN_LOG.exec(line)?.[1]?.slice(0, LONGEST) ?? []);
  const messages = [...logged, ...events.flatMap(messageOf)];
  const found = answered ? undefined : faultIn(messages, WORDS);
  const failed = events.findLast(({ type }) => type === "turn.failed");
  const said = found?.said ?? (failed && messageOf(failed)[0]);

  return {
    answered,
    model: /\bmodel="?([A-Za-z0-9][\w.:/-]{0,99})/.exec(
      lines.filter((line) => !line.startsWith("{")).join("\n"),
    )?.[1],
    fault: found?.fault ?? (failed === undefined || answered ? undefined : "other"),
    said: answered || said === undefined ? undefined : tidy(said),
    asked: events.some(({ type }) => type === "turn.started"),
  };
}

/** Without what is around it while it tries again, and of an answer that is JSON only its message. */
function tidy(said: string): string {
  const inner = /^Reconnecting\.\.\. \S+ \(([^]*)\)$/.exec(said)?.[1] ?? said;
  const [, start, message] = /^([^{]*?)[\da-f]*\s*\{[^]*?"message":\s*"([^"]*)"/.exec(inner) ?? [];
  return start === undefined || message === undefined ? inner : `${start}${message}`;
}

/** `error` has its message in itself, `turn.failed` in `error`, and `item.completed` in an item that is an error. */
function messageOf(event: Record<string, unknown>): string[] {
  const inner = event["error"] ?? event["item"];
  const all = [event, inner].filter(
    (one): one is Record<string, unknown> => typeof one === "object" && one !== null,
  );
  return all.flatMap(({ type, message }) =>
    typeof message === "string" && (type === undefined || type === "error")
      ? [message.slice(0, LONGEST)]
      : [],
  );
}
