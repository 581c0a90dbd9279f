import type { Origin } from "./layer.js";

/** `devkit.toml:3:10`, `overlay small (…/overlay.toml:2:1)`, `default`; without line and column when they are not known. */
export function formatOrigin({ source, file, line, column, overlay }: Origin): string {
  if (source === "default") return "default";
  const place = line === undefined ? (file ?? "") : `${file ?? ""}:${String(line)}:${String(column ?? 1)}`;
  return overlay === undefined ? place : `overlay ${overlay} (${place})`;
}
