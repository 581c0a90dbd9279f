/** What git says became of the one branch that was pushed; `from`: the short id of where it was on the remote. */
export type PushReport =
  | { readonly result: "pushed"; readonly from: string | undefined }
  | { readonly result: "current" }
  /** The remote's branch has commits that ours has not. */
  | { readonly result: "behind" }
  /** By the remote's own rules; `reason` in its words. */
  | { readonly result: "refused"; readonly reason: string };

const LINE = /^([ +*=!])\t[^\t]*\t(.*)$/;
const RANGE = /^([0-9a-f]{4,64})\.\.\.?([0-9a-f]{4,64})/;

/** Reads `git push --porcelain`. Undefined: it did not come so far. */
export function parsePushReport(text: string): PushReport | undefined {
  const [, flag, summary = ""] =
    text
      .split("\n")
      .map((line) => LINE.exec(line))
      .find((found) => found !== null) ?? [];
  if (flag === undefined) return undefined;
  if (flag === "=") return { result: "current" };
  if (flag !== "!") return { result: "pushed", from: RANGE.exec(summary)?.[1] };
  const [, kind, reason = ""] = /^\[(.*?)\] \((.*)\)$/.exec(summary) ?? [];
  const isBehind =
    kind === "rejected" && /^(fetch first|non-fast-forward|needs force|stale info)$/.test(reason);
  return isBehind ? { result: "behind" } : { result: "refused", reason: reason === "" ? summary : reason };
}
