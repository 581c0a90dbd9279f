import { showPath, type RawPath } from "../../domain/custody/raw-path.js";
import { formatTable } from "./table.js";

export interface ConflictPair {
  readonly one: string;
  readonly other: string;
  readonly verdict: "clean" | "conflict" | "unrelated";
  readonly files: readonly { readonly path: RawPath; readonly kinds: readonly string[] }[];
}

/** Who against whom, with the number of files in conflict, and then the files. */
export function conflictMatrix(
  base: string,
  agents: readonly string[],
  pairs: readonly ConflictPair[],
): string {
  if (agents.length === 0) return "No agents. Make some: devkit agent up 3";
  const cell = (row: string, column: string): string => {
    const pair = pairs.find(({ one, other }) => one === row && other === column);
    if (pair === undefined) return "";
    if (pair.verdict === "clean") return "ok";
    return pair.verdict === "unrelated" ? "unrelated" : String(pair.files.length);
  };
  const rows = [base, ...agents.slice(0, -1)];
  const table = formatTable(
    ["", ...agents],
    rows.map((row) => [row, ...agents.map((column) => cell(row, column))]),
  );
  const lists = pairs.filter(({ verdict }) => verdict === "conflict").map(pairText);
  const end = lists.length === 0 ? ["No conflicts."] : lists;
  return [table, ...end].join("\n\n");
}

function pairText({ one, other, files }: ConflictPair): string {
  const lines = files.map(({ path, kinds }) => `  ${showPath(path)}  ${kinds.join(", ")}`.trimEnd());
  return [`${one} and ${other}`, ...lines].join("\n");
}
