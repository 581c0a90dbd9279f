import { formatSize } from "../../base/sizes.js";
import { expiryOf, parseTrashId, trashRefPrefix, type TrashEntry } from "../../domain/custody/trash.js";
import type { KeptHome } from "../../domain/identity/home-swap.js";
import { formatTable } from "./table.js";

/** What is in the trash, as JSON. */
export function trashData(entry: TrashEntry) {
  const name = parseTrashId(entry.id);
  return {
    id: entry.id,
    index: entry.agent.index,
    name: entry.agent.name,
    removed: name?.time.toISOString() ?? "",
    expires: name === undefined ? "" : expiryOf(name.time).toISOString(),
    refs: trashRefPrefix(entry.agent, name?.stamp ?? "").slice(0, -1),
    keepsFiles: entry.keepsFiles,
    work: entry.work,
    restore: `devkit agent restore ${entry.id}`,
  };
}

/** A home in the trash whose agent went on, as JSON. */
export function keptHomeData({ id, agent }: KeptHome) {
  const name = parseTrashId(id);
  return {
    id,
    ...agent,
    removed: name?.time.toISOString() ?? "",
    expires: name === undefined ? "" : expiryOf(name.time).toISOString(),
    restore: `devkit agent restore ${id}`,
  };
}

export function trashTable(
  rows: readonly { readonly entry: TrashEntry; readonly bytes: number }[],
  homes: readonly { readonly home: KeptHome; readonly bytes: number }[],
): string {
  if (rows.length + homes.length === 0) return "The trash is empty.";
  const cells = rows.map(({ entry, bytes }) => {
    const { id, removed, expires, work } = trashData(entry);
    return [id, minutes(removed), minutes(expires), formatSize(bytes), work.join(", ") || "nothing unsaved"];
  });
  const homeCells = homes.map(({ home, bytes }) => {
    const { id, removed, expires } = keptHomeData(home);
    return [
      id,
      minutes(removed),
      minutes(expires),
      formatSize(bytes),
      "only the home, of an agent that went on",
    ];
  });
  return formatTable(["ID", "REMOVED", "EXPIRES", "SIZE", "HAD"], [...cells, ...homeCells]);
}

function minutes(time: string): string {
  return time.replace("T", " ").slice(0, 16);
}
