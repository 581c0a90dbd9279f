import { formatSize } from "../../base/sizes.js";
import { expiryOf, parseTrashId, trashRefPrefix, type TrashEntry } from "../../domain/custody/trash.js";
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

export function trashTable(rows: readonly { readonly entry: TrashEntry; readonly bytes: number }[]): string {
  if (rows.length === 0) return "The trash is empty.";
  const cells = rows.map(({ entry, bytes }) => {
    const { id, removed, expires, work } = trashData(entry);
    return [id, minutes(removed), minutes(expires), formatSize(bytes), work.join(", ") || "nothing unsaved"];
  });
  return formatTable(["ID", "REMOVED", "EXPIRES", "SIZE", "HAD"], cells);
}

function minutes(time: string): string {
  return time.replace("T", " ").slice(0, 16);
}
