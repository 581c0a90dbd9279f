import { showText } from "../../base/show-text.js";
import type { LeakSign, Probe } from "./probes.js";

/** What came of a probe. */
export interface ProbeResult extends Pick<Probe, "id" | "group" | "tried"> {
  readonly verdict: "blocked" | "leaked";
  /** Where it got through and how; else what stopped it. */
  readonly detail: string;
  /** What to type against the leak, where that is known. */
  readonly fix?: string;
}

/** One answer of docker/egress/probe.pl. */
interface Answer {
  readonly probe: number;
  readonly attempt: number;
  readonly outcome: string;
  readonly where: string;
  readonly said: string;
}

/** An attempt that got through. */
interface Leak {
  readonly where: string;
  readonly how: string;
}

const MOST_SHOWN = 6;

/** The probes as docker/egress/probe.pl reads them. `here`: the address by which it knows that it is in the right place. */
export function formatProbes(probes: readonly Probe[], here: string | undefined): string {
  const lines = probes
    .flatMap(({ attempts }, probe) =>
      attempts.map((words, attempt) => `${[`${String(probe)}.${String(attempt)}`, ...words].join("\t")}\n`),
    )
    .join("");
  return here === undefined ? lines : `here\t${here}\n${lines}`;
}

/** What became of each; undefined when the program did not get to its end, so that nothing is known. */
export function judgeProbes(probes: readonly Probe[], output: string): ProbeResult[] | undefined {
  const lines = output.split("\n").slice(0, -1);
  if (lines.pop() !== `done\t${String(lines.length)}`) return undefined;
  const answers = lines.map(parseAnswer);
  return probes.map(({ id, group, tried, leak, attempts }, number) => {
    const own = answers.filter(({ probe }) => probe === number).sort((a, b) => a.attempt - b.attempt);
    const leaks = own.flatMap((answer) => findLeak(leak, attempts[answer.attempt] ?? [], answer) ?? []);
    if (leaks.length === 0) return { id, group, tried, verdict: "blocked", detail: summarize(own) };
    return { id, group, tried, verdict: "leaked", detail: describeLeaks(leaks) };
  });
}

/** Whether the proxy has said anything at all: what does not run lets nothing through, and that is no test of it. */
export function hasProxyAnswered(results: readonly ProbeResult[]): boolean {
  const own = results.filter(({ group }) => group === "proxy");
  return own.some(({ verdict, detail }) => verdict === "leaked" || /\banswered\b/.test(detail));
}

function parseAnswer(line: string): Answer {
  const [id = "", outcome = "", where = "", said = ""] = line.split("\t");
  const [probe, attempt] = id.split(".").map(Number);
  return {
    probe: probe ?? -1,
    attempt: attempt ?? -1,
    outcome,
    where: showText(where),
    said: showText(said),
  };
}

/** Undefined for an attempt that did not get through. */
function findLeak(sign: LeakSign, attempt: readonly string[], answer: Answer): Leak | undefined {
  const { outcome, where } = answer;
  if (sign !== "heard") {
    if (outcome !== "answered") return undefined;
    return sign === "resolved" ? findNameLeak(attempt, answer) : findProxyLeak(attempt, answer);
  }
  if (outcome === "answered" || outcome === "open") return { how: "answered", where };
  return outcome === "refused" ? { how: "refused, so packets arrive", where } : undefined;
}

/** "No such name" is what the agent's own name server says of its own accord; others say who told them. */
function findNameLeak(attempt: readonly string[], { said, where }: Answer): Leak | undefined {
  const [code, , , authorities] = said.split(" ");
  if (code !== "NOERROR" && (code !== "NXDOMAIN" || authorities === "0")) return undefined;
  return { how: `answered ${code} to ${attempt.slice(3).join(" ")}`, where };
}

/** A refusal is 400 or 403. Anything of the 5xx means that it was allowed and only then failed. */
function findProxyLeak(attempt: readonly string[], { said }: Answer): Leak | undefined {
  const status = /^HTTP\/[0-9.]+ ([0-9]{3})\b/.exec(said)?.[1] ?? "";
  if (status.startsWith("4")) return undefined;
  const request = Buffer.from(attempt[3] ?? "", "hex").toString("latin1");
  const where = showText(request.split(" HTTP/", 1)[0] ?? "");
  if (status.startsWith("5")) return { how: `allowed by the proxy's policy (${status})`, where };
  return { how: `answered by the proxy with ${status === "" ? `"${said}"` : status}`, where };
}

/** Those that got through in the same way together: `refused, so packets arrive: 10.0.0.1:22, 10.0.0.1:80`. */
function describeLeaks(leaks: readonly Leak[]): string {
  const ways = new Map<string, Set<string>>();
  for (const { where, how } of leaks) ways.set(how, (ways.get(how) ?? new Set()).add(where));
  const told = [...ways].map(([how, places]) => `${how}: ${shorten([...places], ", ")}`);
  // First what got the furthest.
  const rank = (text: string) => Number(text.startsWith("answered"));
  return shorten(
    told.sort((a, b) => rank(b) - rank(a)),
    "; ",
  );
}

function shorten(texts: readonly string[], separator: string): string {
  const rest = texts.length - MOST_SHOWN;
  const more = rest > 0 ? [`${String(rest)} more`] : [];
  return [...texts.slice(0, MOST_SHOWN), ...more].join(separator);
}

/** `10 silent, 2 failed (Network is unreachable)`. */
function summarize(answers: readonly Answer[]): string {
  if (answers.length === 0) return "there is nothing to try";
  const counts = new Map<string, number>();
  for (const { outcome, said } of answers) {
    const text = outcome === "failed" || outcome === "answered" ? `${outcome} (${said})` : outcome;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `${String(count)} ${text}`).join(", ");
}
