import { showText } from "../../base/show-text.js";
import { faultIn, jsonLines, type FaultWords, type Turn, type TurnFault } from "./turn.js";

const LONGEST_MODEL = 100;

/** As Claude Code 2.1 says it. */
const WORDS: FaultWords = [
  [/Not logged in/i, "no-login"],
  [/token (?:has|is) expired|login has expired|session expired/i, "expired"],
  [/revoked/i, "revoked"],
  [/Invalid API key|Failed to authenticate/i, "refused"],
  [/ERR_PROXY_TUNNEL|proxy refused/i, "denied"],
  [/certificate/i, "authority"],
  [/timed out/i, "silent"],
  [/usage limit|rate limit/i, "limit"],
  [/Can't reach|Unable to connect|Couldn't connect|Connection error/i, "unreachable"],
];

/** Reads what `claude -p --output-format json` printed. */
export function readClaudeTurn(output: string): Turn {
  const result = jsonLines(output).findLast(({ type }) => type === "result");
  if (result === undefined) return notEvenAResult(output);
  const { is_error: isError, result: text, modelUsage } = result;
  const said = typeof text === "string" ? text : undefined;
  const answered = isError === false;
  const models = typeof modelUsage === "object" && modelUsage !== null ? Object.keys(modelUsage) : [];
  return {
    answered,
    model: models[0] === undefined ? undefined : showText(models[0].slice(0, LONGEST_MODEL)),
    fault: answered ? undefined : faultOf(result, said ?? ""),
    said: answered ? undefined : said,
    asked: true,
  };
}

function notEvenAResult(output: string): Turn {
  const said = output.trim() === "" ? undefined : output.trim();
  const found = faultIn(said === undefined ? [] : [said], WORDS);
  return { answered: false, model: undefined, fault: found?.fault, said, asked: true };
}

function faultOf(
  { api_error_status: status, api_error: kind }: Record<string, unknown>,
  said: string,
): TurnFault {
  const byWords = faultIn([said], WORDS)?.fault;
  if (kind === "tls_untrusted_ca") return "authority";
  if (status === 429) return "limit";
  if (typeof status === "number" && status >= 500) return "server";
  if (status === 401 || status === 403) return byWords ?? "refused";
  return byWords ?? (kind === "connection_failed" ? "unreachable" : "other");
}
